package scenarios

import (
	"fmt"
	"time"

	"tollgate/reports"
)

// notes say what a reader must know of the run as a whole.
func (s *Suite) notes(base, stage Observation) []string {
	p := s.opts.Profile
	notes := []string{
		fmt.Sprintf("Load: %d jobs, %d API requests, %d cache operations in %s, seed %d; both stages got the same.",
			p.JobCount(), p.APIRequests, p.Cache.Sum(), p.Duration, p.Seed),
		fmt.Sprintf("Every connection of the service, TCP, REST and providers alike, has %s added to its round trip; %s of provider calls fail.",
			s.opts.RTT, reports.Format(100*s.opts.Failures, unitPercent)),
		"The seed sets the load and the faults; asynq's own jitter and the scheduler of the machine are not controlled by it.",
	}
	if month, err := project(stage, s.scale()); err == nil {
		notes = append(notes, fmt.Sprintf("Month of %s, projected: %s billed without load and %s for the load, %s in all (%s).",
			stage.Stage, reports.Format(month.idle, unitCount), reports.Format(month.work, unitCount),
			reports.Format(month.total(), unitCount), month.note))
	}
	if lag := max(base.Summary.StartLag.P99, stage.Summary.StartLag.P99); lag > 20*time.Millisecond {
		notes = append(notes, fmt.Sprintf("This machine was slow: arrivals started up to %s late (99th percentile).", lag.Round(time.Millisecond)))
	}
	return notes
}
