package scenarios

import (
	"fmt"
	"time"

	"tollgate/reports"
)

// slowMachine is the lateness of the load's own arrivals (99th percentile) beyond
// which the machine, not the stage, makes the latencies. An idle two-core machine
// stays below a few milliseconds; one late by 38 ms multiplied the baseline's p95
// by 30.
const slowMachine = 20 * time.Millisecond

// notes say what a reader must know of the run as a whole.
func (s *Suite) notes(base, stage Observation) []string {
	p := s.opts.Profile
	notes := []string{
		fmt.Sprintf("Load: %d jobs, %d API requests and, beside what these do themselves, %d cache operations in %s, seed %d; the same for both stages.",
			p.JobCount(), p.APIRequests, p.DirectCache().Sum(), p.Duration, p.Seed),
		fmt.Sprintf("Every connection of the service, TCP, REST and providers alike, has %s added to its round trip; %s of provider calls fail.",
			s.opts.RTT, reports.Format(100*s.opts.Failures, unitPercent)),
		fmt.Sprintf("The Redis behind the fake Upstash: %s.", s.redis),
		"The seed sets the load and the faults; asynq's own jitter and the scheduler of the machine are not controlled by it.",
	}
	if p.Scale != nil {
		notes = append(notes, fmt.Sprintf("The load is %s / %g squeezed into %s: a near cache of some seconds answers more reads here than at its own pace.",
			p.Scale.Of, p.Scale.Divisor, p.Duration))
	}
	for _, o := range []Observation{base, stage} {
		if o.Undrained != "" {
			notes = append(notes, fmt.Sprintf("Stage %s did not end its jobs within %s: %s.", o.Stage, drainTimeout, o.Undrained))
		}
	}
	if lag := max(base.Summary.StartLag.P99, stage.Summary.StartLag.P99); lag > slowMachine {
		notes = append(notes, fmt.Sprintf("This machine was slow: arrivals started up to %s late (99th percentile).", lag.Round(time.Millisecond)))
	}
	return notes
}
