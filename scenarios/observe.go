package scenarios

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tollgate/fakes/upstash/ledger"
	"tollgate/loadgen"
	"tollgate/system/cache"
	"tollgate/system/config"
	"tollgate/system/queue"
	"tollgate/system/service"
)

// drainTimeout bounds the wait for accepted jobs to end after the load.
const drainTimeout = 45 * time.Second

// maxInFlight caps the arrivals under way; a stage that is so slow that it is
// reached fails by the arrivals dropped.
const maxInFlight = 1024

// Observation is what was seen of one stage under the load.
type Observation struct {
	Stage config.Stage
	// Load is the account of the window from the first arrival to the end of the
	// last job, Idle that of a window without load after it.
	Load, Idle       ledger.Snapshot
	LoadFor, IdleFor time.Duration
	// Whole is the account from the start of the service until it was about to
	// stop: load, idle window and probes. Seconds is its course.
	Whole   ledger.Snapshot
	Seconds []ledger.Second
	Errors  service.ConnectionErrors // counted by the service's clients in that time

	Summary loadgen.Summary
	Jobs    loadgen.Outcomes
	Probes  map[queue.Name]Probe // nil when no probes were sent
	Cache   cache.Stats          // of the load
	// Faults is the number of provider calls that were made to fail in the load.
	Faults int64
	// Undrained says which jobs had not ended in time; empty when all had.
	Undrained string
}

// plan is what is done to a world.
type plan struct {
	schedule *loadgen.Schedule
	idle     time.Duration // length of the window without load; 0 for none
	probes   bool
	progress Progress
}

// observe builds the world of cfg, carries out the plan and takes the world down.
// When ctx ends before, the error wraps its cause and the observation holds what
// was seen by then.
func observe(ctx context.Context, cfg WorldConfig, p plan) (o Observation, err error) {
	o.Stage = cfg.Stage
	p.progress.say("%s: starting", cfg.Stage)
	w, err := NewWorld(ctx, cfg)
	if err != nil {
		return o, err
	}
	defer func() {
		if closeErr := w.Close(); closeErr != nil {
			err = errors.Join(err, fmt.Errorf("stop of stage %s: %w", cfg.Stage, closeErr))
		}
	}()
	sent, err := o.carryOut(ctx, w, p)
	o.count(w)
	if err == nil && sent != nil {
		o.Probes, err = sent.inspect(ctx, w) // after the count: its connection is not the service's
	}
	return o, err
}

// carryOut does what the plan says; the probes are nil when it has none.
func (o *Observation) carryOut(ctx context.Context, w *World, p plan) (*probes, error) {
	if err := o.load(ctx, w, p); err != nil {
		return nil, err
	}
	if err := o.rest(ctx, w, p); err != nil {
		return nil, err
	}
	if !p.probes {
		return nil, nil
	}
	p.progress.say("%s: probing each queue with a failing and a hopeless job", o.Stage)
	return sendProbes(ctx, w)
}

// load runs the schedule and waits for the jobs it handed in.
func (o *Observation) load(ctx context.Context, w *World, p plan) error {
	tracker := loadgen.NewTracker()
	cancel := w.Service.Subscribe(func(e queue.Event) {
		switch e.Kind {
		case queue.Completed:
			tracker.Succeeded(e.JobID)
		case queue.Failed:
			tracker.Failed(e.JobID, e.Final)
		case queue.Progress:
		}
	})
	defer cancel()
	t := newTarget(w.Service, w.network)
	defer t.Close()
	runner, err := loadgen.NewRunner(loadgen.Config{
		Schedule: p.schedule, Target: t, Tracker: tracker, MaxInFlight: maxInFlight,
	})
	if err != nil {
		return err
	}
	stop, err := p.progress.follow(o.Stage, w, runner)
	if err != nil {
		return err
	}
	defer stop()

	before, began := w.Upstash.Ledger().Snapshot(), time.Now()
	o.Summary, err = runner.Run(ctx)
	if err == nil {
		err = o.drain(ctx, tracker)
	}
	o.Load, o.LoadFor = w.Upstash.Ledger().Snapshot().Since(before), time.Since(began)
	o.Cache, o.Faults = w.Service.Cache().Stats(), injected(w)
	var outcomeErr error
	o.Jobs, outcomeErr = tracker.Outcomes()
	return errors.Join(err, outcomeErr)
}

// drain waits for the accepted jobs. Jobs that do not end in time are a result,
// not an error: the criteria judge them.
func (o *Observation) drain(ctx context.Context, tracker *loadgen.Tracker) error {
	bounded, cancel := context.WithTimeout(ctx, drainTimeout)
	defer cancel()
	if err := tracker.Wait(bounded); err != nil {
		o.Undrained = err.Error()
	}
	return context.Cause(ctx)
}

// rest watches the stage without load.
func (o *Observation) rest(ctx context.Context, w *World, p plan) error {
	if p.idle <= 0 {
		return nil
	}
	p.progress.say("%s: counting %s without load", o.Stage, p.idle)
	before, began := w.Upstash.Ledger().Snapshot(), time.Now()
	timer := time.NewTimer(p.idle)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
	}
	o.Idle, o.IdleFor = w.Upstash.Ledger().Snapshot().Since(before), time.Since(began)
	return nil
}

// count takes the figures that stand for the whole life of the service.
func (o *Observation) count(w *World) {
	l := w.Upstash.Ledger()
	o.Whole, o.Seconds = l.Snapshot(), l.Series()
	o.Errors = w.Service.ConnectionErrors()
}

// injected is the number of provider calls that the failure plan made fail.
func injected(w *World) (n int64) {
	for _, c := range w.Providers.Counts() {
		n += c.Injected
	}
	return n
}
