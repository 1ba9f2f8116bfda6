package month

import (
	"context"
	"fmt"
	"time"

	"tollgate/loadgen/profiles"
	"tollgate/system/config"
)

// DefaultWindow is the length of the windows on the real clock.
const DefaultWindow = time.Minute

// windowWarm is how long a service has run before a window.
const windowWarm = 10 * time.Second

// windows are what was seen on the real clock, and the same in virtual time.
type windows struct {
	// idle is the stage without load, legacyIdle the legacy stage; jobs is the stage with a job each second and nothing else, which
	// virtual lived through in virtual time.
	idle, legacyIdle, jobs, virtual Observation
}

// observed says whether all of it was seen.
func (w windows) observed() bool {
	return w.idle.Simulated > 0 && w.legacyIdle.Simulated > 0 && w.jobs.Simulated > 0 && w.virtual.Simulated > 0
}

// window is a task of a window. No provider call fails in it, so that chance has no part in what a job costs.
func (s *Suite) window(stage config.Stage, p profiles.Profile) Task {
	return Task{Stage: stage, Profile: p, Length: s.opts.Window, Warm: windowWarm, RTT: s.opts.RTT}
}

// perSecond is a profile of a job each second of a window, of the queues in the month's proportions, and nothing else.
func (s *Suite) perSecond() (profiles.Profile, error) {
	p, err := s.opts.Profile.WithoutCache().Over(s.opts.Window)
	if err == nil {
		p, err = p.WithJobs(int(s.opts.Window / time.Second))
	}
	if err != nil {
		return profiles.Profile{}, fmt.Errorf("a window of %s: %w", s.opts.Window, err)
	}
	p.Name, p.APIRequests, p.Pacing = "a job each second", 0, profiles.Pacing{JobsWithin: s.opts.Window, Arrivals: profiles.Constant}
	return p, nil
}

// live observes the windows on the real clock, side by side: they use little of the machine. Nothing else is run meanwhile.
func (s *Suite) live(ctx context.Context, stage config.Stage, w *windows) error {
	jobs, err := s.perSecond()
	if err != nil {
		return err
	}
	return s.side(ctx, 3, func(run func(Task, Simulator, *Observation)) {
		run(idle(s.window(stage, jobs)), s.opts.Live, &w.idle)
		run(idle(s.window(config.StageLegacy, jobs)), s.opts.Live, &w.legacyIdle)
		run(s.window(stage, jobs), s.opts.Live, &w.jobs)
	})
}
