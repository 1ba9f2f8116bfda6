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
	// KV is the transport of its cache and limiters; the queues' is TCP.
	KV config.Transport
	// Load is the account of the time from the first arrival to the end of the last
	// job, LoadFor how long that was.
	Load    ledger.Snapshot
	LoadFor time.Duration
	// Whole is the account from the start of the service until it was about to
	// stop: load and probes. Seconds is its course.
	Whole   ledger.Snapshot
	Seconds []ledger.Second
	// Samples are what was billed in the course of the load.
	Samples []Sample
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
	probes   bool
	progress Progress
	hopes    hopes
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
	o.KV = w.settings.Plan().KV
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
	if !p.probes {
		return nil, nil
	}
	p.progress.say("%s: probing each queue with a failing and a hopeless job", o.Stage)
	return sendProbes(ctx, w)
}

// load runs the schedule and waits for the jobs it handed in.
func (o *Observation) load(ctx context.Context, w *World, p plan) error {
	tracker := loadgen.NewTracker()
	defer w.Follow(tracker)()
	t := NewTarget(w)
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
	ctx, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil)
	watch := &watcher{world: w, runner: runner, tracker: tracker, planned: jobsOf(p.schedule), hopes: p.hopes, began: began, giveUp: giveUp}
	watch.hopes.stage, watch.hopes.atStart = o.Stage, before.Total.Billed
	stopWatch := watch.start()
	o.Summary, err = runner.Run(ctx)
	if err == nil {
		err = o.drain(ctx, tracker)
	}
	if err == nil {
		err = w.Service().Flush(ctx) // what the load causes later is part of its price
	}
	o.Samples = stopWatch()
	o.Load, o.LoadFor = w.Upstash.Ledger().Snapshot().Since(before), time.Since(began)
	o.Cache, o.Faults = w.CacheStats(), w.InjectedFaults()
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

// count takes the figures that stand for the whole life of the service.
func (o *Observation) count(w *World) {
	l := w.Upstash.Ledger()
	o.Whole, o.Seconds = l.Snapshot(), l.Series()
	o.Errors = w.ConnectionErrors()
}
