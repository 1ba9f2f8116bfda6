package month

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tollgate/fakes/memnet"
	"tollgate/fakes/upstash/ledger"
	"tollgate/loadgen"
	"tollgate/loadgen/profiles"
	"tollgate/scenarios"
	"tollgate/scenarios/bubble"
	"tollgate/system/cache"
	"tollgate/system/queue"
	"tollgate/system/service"
)

const (
	// maxInFlight caps the arrivals under way.
	maxInFlight = 1024
	// drainTime is how long accepted jobs have to end after the counted time. It is longer than all retries take.
	drainTime = 48 * time.Hour
	// settleTime is longer than a dial of go-redis may take: it dials in the background and does not wait for that when
	// it is closed.
	settleTime = 10 * time.Second
)

// Start is when the month begins on the virtual clock, which starts two days before.
var Start = profiles.Start

// ErrClock is returned where the virtual clock is not before the start of the task.
var ErrClock = errors.New("the clock is not that of a new bubble")

// simulation is a task being lived through.
type simulation struct {
	task    Task
	start   time.Time // of the counted time
	world   *scenarios.World
	tracker *loadgen.Tracker
	target  *scenarios.Target
	watch   watch
	o       Observation

	// What had been counted when the counted time began.
	account  ledger.Snapshot
	cache    cache.Stats
	errors   service.ConnectionErrors
	injected int64
}

// Simulate lives through a task. It must be called in a new bubble, and everything it makes is gone when it returns. When it
// is stopped from outside, the observation is what was seen by then, marked partial.
func Simulate(ctx context.Context, task Task, outside *bubble.Outside) (o Observation, err error) {
	start := Start.Add(task.From)
	ready := start.Add(-task.Warm)
	if time.Now().After(ready) {
		return Observation{}, fmt.Errorf("%w: it is %s, the task begins at %s", ErrClock, time.Now(), ready)
	}
	time.Sleep(time.Until(ready))
	network := memnet.New()
	defer func() {
		err = errors.Join(err, network.Close())
		time.Sleep(settleTime) // here: the clock stands still once the bubble's function has returned
	}()
	return observe(ctx, task, start, place{network: network}, outside)
}

// Live is Simulate on the real clock and over the loopback network.
func Live(ctx context.Context, task Task) (Observation, error) {
	return observe(ctx, task, time.Now().Add(task.Warm), place{network: memnet.TCP()}, &bubble.Outside{})
}

// place is where a task is lived through.
type place struct {
	network memnet.Network
	redis   *scenarios.Store // nil: one in this process
}

// observe lives through a task whose counted time begins at start; what comes before begins now.
func observe(ctx context.Context, task Task, start time.Time, at place, outside *bubble.Outside) (o Observation, err error) {
	if err := errors.Join(task.Validate(), task.Calendar.Validate()); err != nil {
		return Observation{}, err
	}
	schedules, err := schedulesOf(task)
	if err != nil {
		return Observation{}, err
	}
	s := &simulation{task: task, start: start, tracker: loadgen.NewTracker(), o: Observation{Task: task}}
	s.world, err = scenarios.NewWorld(ctx, scenarios.WorldConfig{
		Stage: task.Stage, Network: at.network, Redis: at.redis, RTT: task.RTT, Failures: task.Failures, Seed: task.Profile.Seed, HashTags: true, Schedules: schedules,
	})
	if err != nil {
		return Observation{}, err
	}
	defer func() { err = errors.Join(err, s.world.Close()) }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.watch = watch{outside: outside, stop: cancel}
	return s.live(ctx)
}

// schedulesOf are the profile's schedules as the service takes them: each about a user of its own.
func schedulesOf(task Task) ([]queue.Schedule, error) {
	if task.Idle {
		return nil, nil
	}
	var all []queue.Schedule
	for i, s := range task.Profile.Schedules {
		payload, err := loadgen.Payload(s.Queue, fmt.Sprintf("u-%d", i%task.Profile.Users.Count))
		if err != nil {
			return nil, err
		}
		all = append(all, queue.Schedule{Queue: queue.Name(s.Queue), Spec: s.Spec, Payload: payload})
	}
	return all, nil
}

// live sends the load, first what is not counted.
func (s *simulation) live(ctx context.Context) (Observation, error) {
	defer s.world.Follow(s.tracker)()
	defer s.world.Subscribe(s.observe)()
	s.target = scenarios.NewTarget(s.world)
	defer s.target.Close()
	schedule, err := loadgen.NewSchedule(s.task.Profile)
	if err != nil {
		return Observation{}, err
	}
	if s.task.Idle {
		schedule.Arrivals = nil
	}
	if _, err := s.run(ctx, schedule.Between(s.task.From-s.task.Warm, s.task.From)); err != nil {
		return Observation{}, err
	}
	if err := pause(ctx, s.start); err != nil {
		return Observation{}, err
	}
	s.account, s.cache = s.world.Upstash.Ledger().Snapshot(), s.world.CacheStats()
	s.errors, s.injected = s.world.ConnectionErrors(), s.world.InjectedFaults()
	if err := s.liveCounted(ctx, schedule.Between(s.task.From, s.task.From+s.task.Length)); err != nil {
		return Observation{}, err
	}
	return s.o, s.drain()
}

// liveCounted is the counted time: load, troubles and the taking of samples, side by side. Being stopped is no error.
func (s *simulation) liveCounted(ctx context.Context, schedule *loadgen.Schedule) (err error) {
	ended, stopSamples := make(chan struct{}), make(chan struct{})
	sampled := make(chan struct{})
	go func() {
		defer close(sampled)
		s.sample(stopSamples)
	}()
	go func() {
		defer close(ended)
		s.suffer(ctx)
	}()
	s.o.Summary, err = s.run(ctx, schedule)
	if err == nil {
		err = pause(ctx, s.start.Add(s.task.Length))
	}
	<-ended
	close(stopSamples)
	<-sampled
	if err != nil && ctx.Err() == nil {
		return err
	}
	s.o.Partial = ctx.Err() != nil
	return s.count(context.WithoutCancel(ctx))
}

// run sends a schedule whose offset 0 is now.
func (s *simulation) run(ctx context.Context, schedule *loadgen.Schedule) (loadgen.Summary, error) {
	runner, err := loadgen.NewRunner(loadgen.Config{
		Schedule: schedule, Target: s.target, Tracker: s.tracker, MaxInFlight: maxInFlight,
	})
	if err != nil {
		return loadgen.Summary{}, err
	}
	return runner.Run(ctx)
}

// suffer brings the troubles of the calendar about that fall into the counted time.
func (s *simulation) suffer(ctx context.Context) {
	for _, t := range s.task.Calendar.sorted() {
		at := s.start.Add(t.At - s.task.From)
		if at.Before(s.start) || !at.Before(s.start.Add(s.task.Length)) {
			continue
		}
		if pause(ctx, at) != nil {
			return
		}
		if err := t.befall(ctx, s.world); err != nil {
			s.o.Failed = append(s.o.Failed, fmt.Sprintf("day %d, %s: %v", dayOf(t.At), t.Text, err))
		}
	}
}

// count takes the accounts at the end of the counted time. What the load causes later is part of its price.
func (s *simulation) count(ctx context.Context) error {
	s.o.Simulated = min(time.Since(s.start), s.task.Length)
	flushErr := s.world.Service().Flush(ctx)
	if flushErr != nil {
		s.o.Failed = append(s.o.Failed, fmt.Sprintf("flush at the end: %v", flushErr))
	}
	book := s.world.Upstash.Ledger()
	s.o.Account, s.o.Callees = book.Snapshot().Since(s.account), book.Breakdown().Callees
	s.o.Course.take(book.Minutes(), s.start, s.start.Add(s.o.Simulated))
	s.o.Reasonless = s.watch.reasonless.Load()
	s.o.Cache, s.o.Injected = minusStats(s.world.CacheStats(), s.cache), s.world.InjectedFaults()-s.injected
	now := s.world.ConnectionErrors()
	s.o.Errors = service.ConnectionErrors{KeyValue: now.KeyValue - s.errors.KeyValue, Queues: now.Queues - s.errors.Queues}
	return nil
}

// drain waits for the accepted jobs and takes their outcomes. Jobs that do not end are a result.
func (s *simulation) drain() (err error) {
	if !s.o.Partial {
		ctx, cancel := context.WithTimeout(context.Background(), drainTime)
		defer cancel()
		if err := s.tracker.Wait(ctx); err != nil {
			s.o.Undrained = err.Error()
		}
	}
	s.o.Jobs, err = s.tracker.Outcomes()
	return err
}

// observe notes jobs that are given up without a reason.
func (s *simulation) observe(e queue.Event) {
	if e.Kind == queue.Failed && e.Final && e.Err == nil {
		s.watch.reasonless.Add(1)
	}
}

// pause waits until a moment; the error is the cause of ctx's end.
func pause(ctx context.Context, until time.Time) error {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

func minusStats(a, b cache.Stats) cache.Stats {
	return cache.Stats{
		Hits: a.Hits - b.Hits, NearHits: a.NearHits - b.NearHits, Misses: a.Misses - b.Misses, Sets: a.Sets - b.Sets, Errors: a.Errors - b.Errors,
	}
}
