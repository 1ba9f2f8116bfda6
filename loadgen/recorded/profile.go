package recorded

import (
	"fmt"
	"io"
	"math"
	"time"

	"tollgate/loadgen/profiles"
)

// MinSpan is the shortest time that an account must cover.
const MinSpan = time.Minute

// Options say what becomes of an account.
type Options struct {
	// Reference has the queues, and stands in for what an account cannot say.
	Reference profiles.Profile
	// Month scales all counts to a month. Otherwise the profile lasts as long as the account.
	Month bool
}

// Profile reads an account of the fake Upstash and returns the text of a profile, in YAML, with a comment at each number
// that says where it comes from. [ErrAccount] means that there is none for this account; other errors are those of r.
func Profile(r io.Reader, opts Options) ([]byte, error) {
	a, err := read(r)
	if err != nil {
		return nil, err
	}
	d, err := newDraft(a, opts)
	if err != nil {
		return nil, err
	}
	return d.write()
}

// figure is a number of the profile and where it comes from.
type figure struct {
	Value int
	From  string
}

// draft is what the text of a profile is made of.
type draft struct {
	Since, At      time.Time
	Span, Duration time.Duration
	Billed         int64
	Factor         float64 // by which the account's counts are multiplied

	Jobs      figure // in all
	Queues    []queueJobs
	JobsFrom  string // how they were spread over the queues
	API, SMS  figure
	Reads     figure
	Writes    figure
	Deletes   figure
	Share     profiles.Ops
	Hours     []int
	NoHours   string // why there are none
	Reference profiles.Profile
}

type queueJobs struct {
	Name string
	Jobs int
}

func newDraft(a account, opts Options) (*draft, error) {
	span := a.At.Sub(*a.Since).Round(time.Second)
	switch {
	case span < MinSpan:
		return nil, refuse("it covers %s; at least %s are needed", span, MinSpan)
	case span > profiles.MaxDuration:
		return nil, refuse("it covers %s; a profile lasts %s at most", span, profiles.MaxDuration)
	}
	d := &draft{
		Since: a.Since.UTC(), At: a.At.UTC(), Span: span, Duration: span, Billed: a.Total.Billed, Factor: 1, Reference: opts.Reference,
	}
	if opts.Month {
		d.Duration, d.Factor = profiles.Month, float64(profiles.Month)/float64(span)
	}
	d.API, d.SMS = d.figure(a.checks(apiComponent)), d.figure(a.checks(smsComponent))
	d.Reads, d.Writes, d.Deletes = d.figure(a.cacheReads()), d.figure(a.cacheOf("SET")), d.figure(a.cacheOf("DEL"))
	d.Share = serviceShare(d.API.Value, profiles.Ops{Reads: d.Reads.Value, Writes: d.Writes.Value, Deletes: d.Deletes.Value}, opts.Reference)
	d.Hours, d.NoHours = a.hours()
	d.addJobs(a)
	return d, d.check(a)
}

// addJobs counts the jobs and spreads them over the queues.
func (d *draft) addJobs(a account) {
	byScripts, byThemselves := a.jobs()
	d.Jobs = d.figure(counted{byScripts + byThemselves, fmt.Sprintf(
		"%d in scripts of asynq and thrift that add jobs, %d sent as they are", byScripts, byThemselves)})
	weights, from := a.weights(byScripts+byThemselves, d.Reference)
	d.JobsFrom = from
	spread, err := profiles.Profile{Name: "account", Jobs: weights}.WithJobs(d.Jobs.Value)
	for _, queue := range d.Reference.Queues() {
		jobs := queueJobs{Name: queue}
		if err == nil { // else there is no job, or there are too many
			jobs.Jobs = spread.Jobs[queue]
		}
		d.Queues = append(d.Queues, jobs)
	}
}

// figure scales what was counted. It is never more than twice what a profile may have.
func (d *draft) figure(c counted) figure {
	return figure{Value: int(min(2*profiles.MaxCount, math.Round(d.Factor*float64(c.times)))), From: c.from}
}

// check refuses what is no workload, or too large for a profile.
func (d *draft) check(a account) error {
	cache := d.Reads.Value + d.Writes.Value + d.Deletes.Value
	arrivals := d.Jobs.Value + d.API.Value + cache - d.Share.Sum()
	largest := max(d.Jobs.Value, d.API.Value, d.SMS.Value, d.Reads.Value, d.Writes.Value, d.Deletes.Value)
	switch {
	case d.Jobs.Value+d.API.Value+cache == 0:
		return refuse("it has no jobs of asynq, and nothing of the components %s and %s; what it has is of %s",
			cacheComponent, apiComponent, a.names())
	case largest > profiles.MaxCount || arrivals > profiles.MaxArrivals:
		return refuse("it makes more than the %d arrivals that a profile may have; record for a shorter time, or scale less", profiles.MaxArrivals)
	}
	return nil
}
