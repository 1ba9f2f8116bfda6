package month

import (
	"fmt"
	"time"

	"tollgate/reports"
)

// notes say what a reader must know of the run as a whole.
func (e *evidence) notes() []string {
	p := e.opts.Profile
	notes := []string{
		fmt.Sprintf("Load: %d jobs, %d API requests and, beside what these do themselves, %d cache operations in %s; seeds %d to %d.",
			p.JobCount(), p.APIRequests, p.DirectCache().Sum(), days(p.Duration), p.Seed, p.Seed+uint64(e.opts.Seeds-1)),
		fmt.Sprintf("The service ran unmodified against the fake Upstash in virtual time; every connection of it, TCP, REST and providers alike, "+
			"has %s added to its round trip; %s of provider calls fail.", e.opts.RTT, reports.Format(100*e.opts.Failures, unitPercent)),
		"The seed sets arrivals, users, keys and which provider calls fail; asynq's own jitter (the order in which it looks at queues, the spread of its " +
			"retries) and the order of goroutines are not controlled by it: two runs of one seed differ by some commands.",
	}
	for _, plain := range e.plain {
		if plain.measured() {
			notes = append(notes, fmt.Sprintf("The month of %s is projected: %s; %.0f minutes of load before each hour are not counted.",
				plain.stage, plain.how(), Warm.Minutes()))
		}
	}
	var virtual, took time.Duration
	for _, o := range e.months {
		virtual, took = virtual+o.Simulated, took+o.Took
		if o.Undrained != "" {
			notes = append(notes, fmt.Sprintf("Seed %d: some jobs did not end within %s after the month: %s.", o.Task.Profile.Seed, drainTime, o.Undrained))
		}
		for _, failed := range o.Failed {
			notes = append(notes, fmt.Sprintf("Seed %d: %s.", o.Task.Profile.Seed, failed))
		}
	}
	if took > 0 {
		notes = append(notes, fmt.Sprintf("%s of %s took %s of real time, side by side with the rest: %.0f virtual seconds a second.",
			days(virtual), e.stage, took.Round(time.Second), virtual.Seconds()/took.Seconds()))
	}
	return notes
}
