package thrift

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"
)

// selfTestTimeout bounds the self-test, which takes some 10 ms. A machine that stands still for longer has no Redis either.
const selfTestTimeout = 30 * time.Second

// selfTest lets the asynq that is linked run its operations against a recorder, and compares what recognize makes of its
// commands with what they were. It needs no Redis. It leaves out what asynq does after a second at the earliest: the
// aggregation of groups, longer leases, and jobs that a scheduler adds. The error says what differs; it wraps ctx's when ctx
// ended first.
func selfTest(ctx context.Context) error {
	return recognizer{shapes}.selfTest(ctx)
}

func (r recognizer) selfTest(ctx context.Context) error {
	t := newTrial(newRecorder(r))
	defer t.close()
	for _, s := range t.steps() {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("self-test of asynq's commands, before %s: %w", s.name, err)
		}
		if err := t.run(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// step is something that asynq does, and the operations that it needs for it, or begins to run regularly.
type step struct {
	name   string
	run    func(context.Context) error
	expect []*expectation
}

// trial is one self-test.
type trial struct {
	*recorder
	asynq     *asynq.Client
	inspector *asynq.Inspector
	scheduler *asynq.Scheduler
	server    *asynq.Server
}

func newTrial(rec *recorder) *trial {
	return &trial{
		recorder:  rec,
		asynq:     asynq.NewClientFromRedisClient(rec.client),
		inspector: asynq.NewInspectorFromRedisClient(rec.client),
		scheduler: asynq.NewSchedulerFromRedisClient(rec.client, &asynq.SchedulerOpts{
			HeartbeatInterval: trialInterval, Logger: silence{}, LogLevel: asynq.FatalLevel,
		}),
		server: asynq.NewServerFromRedisClient(rec.client, trialServer()),
	}
}

// trialInterval is that of all that asynq does regularly in the self-test, as far as it can be set.
const trialInterval = 2 * time.Millisecond

func trialServer() asynq.Config {
	return asynq.Config{
		Concurrency: 2 * len(trialJobs), Queues: map[string]int{trialQueue: 1},
		TaskCheckInterval: trialInterval, DelayedTaskCheckInterval: trialInterval, JanitorInterval: trialInterval,
		ShutdownTimeout: trialInterval, RetryDelayFunc: func(int, error, *asynq.Task) time.Duration { return trialRetryDelay },
		Logger: silence{}, LogLevel: asynq.FatalLevel,
	}
}

// run does a step. The error says which.
func (t *trial) run(ctx context.Context, s step) error {
	t.expect(s.expect...)
	failed := s.run(ctx)
	if failed == nil {
		failed = t.wait(ctx)
	}
	if _, err := t.progress(); err != nil {
		failed = err // says more than what asynq made of it
	}
	if failed != nil {
		return fmt.Errorf("self-test of asynq's commands, %s: %w (thrift knows asynq v0.26.0 only)", s.name, failed)
	}
	return nil
}

// close ends what the steps have started.
func (t *trial) close() {
	t.server.Shutdown()
	t.scheduler.Shutdown()
	_ = t.client.Close()
}

// work is the handler of the trial's jobs, whose types say how they end.
func work(ctx context.Context, task *asynq.Task) error {
	switch task.Type() {
	case failing:
		return errors.New("fails")
	case hopeless:
		return asynq.SkipRetry
	case endless:
		<-ctx.Done()
		return ctx.Err()
	default:
		return nil
	}
}

// silence is asynq's logger in the self-test.
type silence struct{}

func (silence) Debug(...any) {}
func (silence) Info(...any)  {}
func (silence) Warn(...any)  {}
func (silence) Error(...any) {}
func (silence) Fatal(...any) {}
