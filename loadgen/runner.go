package loadgen

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// Defaults of [Config].
const (
	// DefaultMaxInFlight is the default cap of arrivals under way at once.
	DefaultMaxInFlight = 256
	// DefaultTimeout is the default time one arrival may take.
	DefaultTimeout = 10 * time.Second
	// DefaultStopGrace is the default time that arrivals under way have to
	// return after their context ended.
	DefaultStopGrace = 2 * time.Second
)

// ErrAlreadyRun is returned by a second Run of the same [Runner].
var ErrAlreadyRun = errors.New("loadgen: this runner has run already; make a new one")

// Config sets up a [Runner].
type Config struct {
	Schedule *Schedule // required
	Target   Target    // required
	// Tracker, if given, is told of each accepted job, and its outcomes become
	// part of the summary.
	Tracker *Tracker
	// MaxInFlight caps the arrivals under way; one that comes when all are taken
	// is dropped and counted. 0 is DefaultMaxInFlight.
	MaxInFlight int
	// AsFastAsPossible forgets the times of the schedule and keeps MaxInFlight
	// arrivals under way, in the schedule's order, until all were sent: a closed
	// model. Nothing is dropped, and as no arrival has an intended start, latencies
	// count from the actual one. It finds the throughput of a target; a slow target
	// slows the load, so it says little about latency.
	AsFastAsPossible bool
	// Timeout ends an arrival that takes longer. 0 is DefaultTimeout.
	Timeout time.Duration
	// StopGrace bounds the wait for arrivals that do not return although their
	// context is done. 0 is DefaultStopGrace.
	StopGrace time.Duration
}

// Validate names the first thing that is wrong.
func (c Config) Validate() error {
	switch {
	case c.Schedule == nil:
		return errors.New("loadgen: Config.Schedule is missing")
	case c.Target == nil:
		return errors.New("loadgen: Config.Target is missing")
	case c.MaxInFlight < 0:
		return fmt.Errorf("loadgen: Config.MaxInFlight %d is negative; use 1 or more, or 0 for %d", c.MaxInFlight, DefaultMaxInFlight)
	case c.Timeout < 0 || c.StopGrace < 0:
		return fmt.Errorf("loadgen: Config.Timeout %s and Config.StopGrace %s must not be negative", c.Timeout, c.StopGrace)
	}
	return nil
}

// Runner sends one schedule once.
type Runner struct {
	cfg      Config
	record   *recorder
	began    atomic.Pointer[time.Time]
	inFlight atomic.Int64
	due      chan *Arrival // hands arrivals to workers that are free
	workers  int           // used by Run only
	stopped  sync.WaitGroup
}

// NewRunner checks cfg and prepares a run.
func NewRunner(cfg Config) (*Runner, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if cfg.MaxInFlight == 0 {
		cfg.MaxInFlight = DefaultMaxInFlight
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = DefaultTimeout
	}
	if cfg.StopGrace == 0 {
		cfg.StopGrace = DefaultStopGrace
	}
	return &Runner{cfg: cfg, record: newRecorder(cfg.Schedule.Arrivals), due: make(chan *Arrival)}, nil
}

// Run starts every arrival at its time and returns when the last one was
// answered. When ctx ends before, Run stops at once, ends the arrivals under way
// and returns the summary of what was done, marked partial, together with an
// error that wraps the cause. The summary holds the job outcomes known by then;
// wait for the tracker and take its Outcomes for the final ones.
func (r *Runner) Run(ctx context.Context) (Summary, error) {
	start := time.Now()
	if !r.began.CompareAndSwap(nil, &start) {
		return Summary{}, ErrAlreadyRun
	}
	cause := r.dispatchAll(ctx, start)
	close(r.due)
	r.drain(ctx)
	summary := Summary{
		Profile: r.cfg.Schedule.Profile, Seed: r.cfg.Schedule.Seed,
		StartedAt: start, Elapsed: time.Since(start), Abandoned: r.inFlight.Load(),
	}
	if err := r.record.summarise(&summary); err != nil {
		return Summary{}, err
	}
	if cause == nil && summary.Interrupted+summary.Abandoned > 0 {
		cause = context.Cause(ctx)
	}
	summary.Partial = cause != nil
	if r.cfg.Tracker != nil {
		outcomes, err := r.cfg.Tracker.Outcomes()
		if err != nil {
			return Summary{}, err
		}
		summary.Jobs = &outcomes
	}
	if cause != nil {
		return summary, fmt.Errorf("loadgen: run stopped after %s: %w", summary.Elapsed.Round(time.Millisecond), cause)
	}
	return summary, nil
}

// dispatchAll starts the arrivals one after another and returns the cause when
// ctx ends first.
func (r *Runner) dispatchAll(ctx context.Context, start time.Time) error {
	if r.cfg.AsFastAsPossible {
		return r.handOutAll(ctx, start)
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for i := range r.cfg.Schedule.Arrivals {
		a := &r.cfg.Schedule.Arrivals[i]
		timer.Reset(time.Until(start.Add(a.At))) // fires at once when overdue
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-timer.C:
			if ctx.Err() != nil { // both were ready
				return context.Cause(ctx)
			}
			r.dispatch(ctx, start, a)
		}
	}
	return nil
}

// handOutAll gives every arrival to the first worker that is free.
func (r *Runner) handOutAll(ctx context.Context, start time.Time) error {
	for i := range r.cfg.Schedule.Arrivals {
		a := &r.cfg.Schedule.Arrivals[i]
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		r.inFlight.Add(1)
		if r.workers < r.cfg.MaxInFlight {
			r.workers++
			r.stopped.Go(func() { r.work(ctx, start, a) })
			continue
		}
		select {
		case r.due <- a:
		case <-ctx.Done():
			r.inFlight.Add(-1)
			return context.Cause(ctx)
		}
	}
	return nil
}

// dispatch hands a to a free worker, or a new one, or drops it.
func (r *Runner) dispatch(ctx context.Context, start time.Time, a *Arrival) {
	if r.inFlight.Load() >= int64(r.cfg.MaxInFlight) {
		r.record.dropped(a)
		return
	}
	r.inFlight.Add(1)
	select {
	case r.due <- a:
		return
	default:
	}
	if r.workers < r.cfg.MaxInFlight {
		r.workers++
		r.stopped.Go(func() { r.work(ctx, start, a) })
		return
	}
	// Fewer arrivals than workers are under way, so one worker is about to ask.
	r.due <- a
}

// work carries out a and then what else is due.
func (r *Runner) work(ctx context.Context, start time.Time, a *Arrival) {
	for ok := true; ok; a, ok = <-r.due {
		r.carryOut(ctx, start, a)
		r.inFlight.Add(-1)
	}
}

func (r *Runner) carryOut(ctx context.Context, start time.Time, a *Arrival) {
	intended, actual := start.Add(a.At), time.Now()
	if r.cfg.AsFastAsPossible {
		intended = actual
	}
	r.record.sent(a, actual.Sub(intended))
	bounded, cancel := context.WithTimeout(ctx, r.cfg.Timeout)
	got := call(bounded, r.cfg.Target, a, r.cfg.Schedule.Value, r.cfg.Tracker)
	cancel()
	end := time.Now()
	if got.err != nil && ctx.Err() != nil {
		r.record.interrupted(a)
		return
	}
	r.record.answered(a, got, end.Sub(intended), end.Sub(actual))
}

// drain waits for the workers: until the last arrival must have timed out, or
// for the grace after ctx ended.
func (r *Runner) drain(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		r.stopped.Wait()
		close(done)
	}()
	limit := time.NewTimer(r.cfg.Timeout + r.cfg.StopGrace)
	defer limit.Stop()
	select {
	case <-done:
		return
	case <-limit.C:
		return
	case <-ctx.Done():
	}
	limit.Reset(r.cfg.StopGrace)
	select {
	case <-done:
	case <-limit.C:
	}
}
