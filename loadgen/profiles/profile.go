package profiles

import (
	"maps"
	"slices"
	"time"
)

// Limits of a profile. They keep a typing error from filling the memory.
const (
	// MaxBytes is the largest profile file that is read.
	MaxBytes = 1 << 20
	// MaxCount is the largest count of any one thing in a profile.
	MaxCount = 1_000_000
	// MaxArrivals is the largest number of arrivals that one profile may cause.
	MaxArrivals = 1_000_000
	// MaxZipfS is the steepest popularity; at 10 nearly every draw is the first.
	MaxZipfS = 10
	// MaxDuration is the longest run: a little over a year.
	MaxDuration = 400 * 24 * time.Hour
	// Month is the length of a month.
	Month = 30 * 24 * time.Hour
	// MaxValueBytes is the largest cache value: 1 MiB.
	MaxValueBytes = 1 << 20
)

// Arrivals names the way arrivals are spread over the time of a run.
type Arrivals string

// The three ways of spreading arrivals.
const (
	// Poisson spreads arrivals as independent clients do: at random, with
	// quiet moments and clusters.
	Poisson Arrivals = "poisson"
	// Constant spreads arrivals evenly.
	Constant Arrivals = "constant"
	// Burst sends arrivals in equal groups, one group every BurstEvery.
	Burst Arrivals = "burst"
)

// Profile is a validated workload. Obtain one from [Parse], [Load] or
// [ReadFile]; a Profile is a value, but Jobs is shared by copies: use [Profile.Times],
// [Profile.WithJobs] and [Profile.Over] to derive others.
type Profile struct {
	Name        string        `json:"name"`
	Description string        `json:"description,omitempty"`
	Seed        uint64        `json:"seed"`
	Duration    time.Duration `json:"duration_ns"`
	// Jobs is the number of jobs per queue; every known queue has an entry.
	Jobs map[string]int `json:"jobs"`
	// APIRequests is the number of requests sent through the rate limiter.
	APIRequests int `json:"api_requests"`
	// SMSChecks is the number of SMS limiter checks that the jobs themselves
	// make. Nothing is sent for it: it serves to calibrate the profile.
	SMSChecks  int        `json:"sms_checks"`
	Cache      Cache      `json:"cache"`
	Keys       Popularity `json:"keys"`
	Users      Popularity `json:"users"`
	APIClients Popularity `json:"api_clients"`
	Pacing     Pacing     `json:"pacing"`
	// Rhythm is nil where all hours are alike.
	Rhythm *Rhythm `json:"rhythm,omitempty"`
	// Schedules are in the order of queues, then of expressions. The jobs that they add are a part of Jobs, which no load
	// generator sends.
	Schedules []Schedule `json:"schedules,omitempty"`
	// ValueBytes is the size of a written cache value in bytes.
	ValueBytes int `json:"value_bytes"`
	// Scale is nil unless the profile is a fraction of another one.
	Scale *Scale `json:"scale,omitempty"`
}

// Cache counts cache operations: totals, and the part of them that the service
// causes itself through jobs and API requests.
type Cache struct {
	Ops
	ServiceShare Ops `json:"service_share"`
}

// Ops counts cache operations by kind.
type Ops struct {
	Reads   int `json:"reads"`
	Writes  int `json:"writes"`
	Deletes int `json:"deletes"`
}

// Sum is the number of operations of all kinds.
func (o Ops) Sum() int { return o.Reads + o.Writes + o.Deletes }

// Popularity is a population whose n-th most popular member is drawn with a
// weight of 1/n^ZipfS; 0 makes all members equal.
type Popularity struct {
	Count int     `json:"count"`
	ZipfS float64 `json:"zipf_s"`
}

// Pacing says when arrivals come.
type Pacing struct {
	// JobsWithin is the time from the start within which all jobs arrive;
	// requests and cache operations are spread over the whole Duration.
	JobsWithin time.Duration `json:"jobs_within_ns"`
	Arrivals   Arrivals      `json:"arrivals"`
	// BurstEvery is the time between two groups; only with Burst.
	BurstEvery time.Duration `json:"burst_every_ns,omitempty"`
}

// Scale says that every count of a profile is that of profile Of divided by
// Divisor, rounded. A figure measured with the profile times Divisor is a
// projection to Of.
type Scale struct {
	Of      string  `json:"of"`
	Divisor float64 `json:"divisor"`
	// whole is profile Of.
	whole *Profile
}

// Whole is the profile of a month that p is a part of: the one that its scale names, or
// itself. It is nil where p is neither.
func (p Profile) Whole() *Profile {
	switch {
	case p.Scale != nil && p.Scale.whole != nil && p.Scale.whole.Duration == Month:
		return p.Scale.whole
	case p.Scale == nil && p.Duration == Month:
		return &p
	default:
		return nil
	}
}

// JobCount is the number of jobs in all queues.
func (p Profile) JobCount() int {
	sum := 0
	for _, n := range p.Jobs {
		sum += n
	}
	return sum
}

// Queues lists the queues of the profile in alphabetical order.
func (p Profile) Queues() []string { return slices.Sorted(maps.Keys(p.Jobs)) }

// DirectCache is what a load generator sends itself: the totals less what the
// service causes.
func (p Profile) DirectCache() Ops {
	return Ops{
		Reads:   p.Cache.Reads - p.Cache.ServiceShare.Reads,
		Writes:  p.Cache.Writes - p.Cache.ServiceShare.Writes,
		Deletes: p.Cache.Deletes - p.Cache.ServiceShare.Deletes,
	}
}

// ArrivalCount is the number of arrivals that the profile causes: jobs, API
// requests and direct cache operations. Those that schedules add are among them.
func (p Profile) ArrivalCount() int {
	return p.JobCount() + p.APIRequests + p.DirectCache().Sum()
}
