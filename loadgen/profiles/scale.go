package profiles

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"
)

// Times returns the profile with every count multiplied by factor and rounded,
// over the same time: factor 2 is twice the rate. Populations, seed, pacing and
// rhythm stay; schedules, which have a rate of their own, go unless factor is 1,
// and their jobs are sent as the others are. The jobs are rounded so that their
// sum is right and so that no queue that has jobs loses all of them while there
// are jobs enough.
func (p Profile) Times(factor float64) (Profile, error) {
	if !(factor > 0) || math.IsInf(factor, 0) {
		return Profile{}, fmt.Errorf("profile %s: scale %v is not a positive number", p.Name, factor)
	}
	if n := factor * float64(p.ArrivalCount()); n > MaxArrivals {
		return Profile{}, fmt.Errorf("profile %s: scale %v makes %.0f arrivals, more than the %d one profile may cause",
			p.Name, factor, n, MaxArrivals)
	}
	return p.scaled(factor, int(math.Round(factor*float64(p.JobCount())))), nil
}

// WithJobs returns the profile scaled so that it has exactly jobs jobs.
func (p Profile) WithJobs(jobs int) (Profile, error) {
	have := p.JobCount()
	if jobs < 1 || have == 0 {
		return Profile{}, fmt.Errorf("profile %s: cannot scale its %d jobs to %d; both must be 1 or more", p.Name, have, jobs)
	}
	return p.Times(float64(jobs) / float64(have))
}

// Over returns the profile with the same counts spread over another time; the
// time for the jobs and between bursts changes in the same proportion. A rhythm and
// schedules, which belong to the calendar, go, also when d is the time that p has;
// the jobs of schedules are sent as the others are.
func (p Profile) Over(d time.Duration) (Profile, error) {
	if d <= 0 || d > MaxDuration {
		return Profile{}, fmt.Errorf("profile %s: duration %s is out of range; use more than 0s and at most %s", p.Name, d, MaxDuration)
	}
	ratio := float64(d) / float64(p.Duration)
	p.Pacing.JobsWithin = max(1, time.Duration(ratio*float64(p.Pacing.JobsWithin)))
	if p.Pacing.BurstEvery > 0 {
		p.Pacing.BurstEvery = max(1, time.Duration(ratio*float64(p.Pacing.BurstEvery)))
	}
	p.Duration, p.Rhythm, p.Schedules = d, nil, nil
	return p, nil
}

func (p Profile) scaled(factor float64, jobs int) Profile {
	round := func(n int) int { return int(math.Round(factor * float64(n))) }
	if factor != 1 {
		p.Schedules = nil
	}
	ops := func(o Ops) Ops { return Ops{Reads: round(o.Reads), Writes: round(o.Writes), Deletes: round(o.Deletes)} }
	p.Jobs = apportion(p.Jobs, factor, jobs)
	p.APIRequests, p.SMSChecks = round(p.APIRequests), round(p.SMSChecks)
	p.Cache = Cache{Ops: ops(p.Cache.Ops), ServiceShare: ops(p.Cache.ServiceShare)}
	if p.Scale != nil {
		p.Scale = &Scale{Of: p.Scale.Of, Divisor: p.Scale.Divisor / factor, whole: p.Scale.whole}
	}
	return p
}

// apportion multiplies counts by factor by the method of the largest remainder,
// so that they sum to total; equal remainders go in alphabetical order. A queue
// that had jobs and would get none takes one from the largest queue, as long as
// that one keeps at least one.
func apportion(counts map[string]int, factor float64, total int) map[string]int {
	queues := slices.Sorted(maps.Keys(counts))
	out := make(map[string]int, len(counts))
	remainder := make(map[string]float64, len(counts))
	given := 0
	for _, q := range queues {
		exact := factor * float64(counts[q])
		out[q] = int(exact + 1e-9) // 1e-9 forgives what division by a float loses
		remainder[q] = exact - float64(out[q])
		given += out[q]
	}
	byRemainder := slices.Clone(queues)
	slices.SortStableFunc(byRemainder, func(a, b string) int {
		if math.Abs(remainder[a]-remainder[b]) < 1e-9 {
			return 0
		}
		return cmp.Compare(remainder[b], remainder[a])
	})
	for _, q := range byRemainder[:min(max(0, total-given), len(queues))] {
		out[q]++
	}
	for _, q := range queues {
		if counts[q] == 0 || out[q] > 0 {
			continue
		}
		largest := slices.MaxFunc(queues, func(a, b string) int { return out[a] - out[b] })
		if out[largest] > 1 {
			out[largest]--
			out[q]++
		}
	}
	return out
}

// scaleProblems compares every count with that of origin divided by the
// divisor; less than one away is rounding.
func (p Profile) scaleProblems(file string, origin Profile) []Problem {
	var problems []Problem
	check := func(field string, have, whole int) {
		want := float64(whole) / p.Scale.Divisor
		if math.Abs(float64(have)-want) >= 1 {
			problems = append(problems, Problem{File: file, Field: field, Message: fmt.Sprintf(
				"wrong scale: %d, but %s has %d, and %d / %v = %.2f", have, origin.Name, whole, whole, p.Scale.Divisor, want)})
		}
	}
	for _, q := range p.Queues() {
		check("jobs."+q, p.Jobs[q], origin.Jobs[q])
	}
	check("api_requests", p.APIRequests, origin.APIRequests)
	check("sms_checks", p.SMSChecks, origin.SMSChecks)
	check("cache.reads", p.Cache.Reads, origin.Cache.Reads)
	check("cache.writes", p.Cache.Writes, origin.Cache.Writes)
	check("cache.deletes", p.Cache.Deletes, origin.Cache.Deletes)
	check("cache.service_share.reads", p.Cache.ServiceShare.Reads, origin.Cache.ServiceShare.Reads)
	check("cache.service_share.writes", p.Cache.ServiceShare.Writes, origin.Cache.ServiceShare.Writes)
	check("cache.service_share.deletes", p.Cache.ServiceShare.Deletes, origin.Cache.ServiceShare.Deletes)
	return problems
}
