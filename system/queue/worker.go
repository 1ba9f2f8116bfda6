package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"
)

// Worker processes the jobs of one queue. It is made by Factory.CreateWorker and runs from Start to Stop.
type Worker struct {
	spec      Spec
	processor Processor
	bus       *Bus
}

// Spec returns the row of the table of the worker's queue.
func (w *Worker) Spec() Spec { return w.spec }

// Subscribe is Bus.Subscribe for the events of this worker's queue only.
func (w *Worker) Subscribe(handle func(Event)) (cancel func()) {
	return w.bus.Subscribe(func(e Event) {
		if e.Queue == w.spec.Name {
			handle(e)
		}
	})
}

// startedKey is the context key of the instant at which an attempt began.
type startedKey struct{}

// attemptContext is asynq's BaseContext, which it calls once for each attempt.
func attemptContext() context.Context {
	return context.WithValue(context.Background(), startedKey{}, time.Now())
}

// eventOf starts an event about the attempt that ctx belongs to.
func eventOf(ctx context.Context, kind Kind, payload []byte) Event {
	now := time.Now()
	e := Event{Kind: kind, At: now, Payload: payload}
	if started, ok := ctx.Value(startedKey{}).(time.Time); ok {
		e.Duration = now.Sub(started)
	}
	e.JobID, _ = asynq.GetTaskID(ctx)
	if name, ok := asynq.GetQueueName(ctx); ok {
		e.Queue = Name(name)
	}
	retried, _ := asynq.GetRetryCount(ctx)
	e.Attempt = retried + 1
	return e
}

// handle is asynq's handler: it finds the worker by queue, not by task type, so that jobs of other producers work too.
func (f *Factory) handle(ctx context.Context, task *asynq.Task) error {
	f.running.add()
	defer f.running.done()
	name, _ := asynq.GetQueueName(ctx)
	worker, ok := f.worker(Name(name))
	if !ok {
		return fmt.Errorf("queue %q has no worker here", name)
	}
	job := Job{Queue: worker.spec.Name, Payload: task.Payload()}
	job.ID, _ = asynq.GetTaskID(ctx)
	retried, _ := asynq.GetRetryCount(ctx)
	job.Attempt = retried + 1
	job.MaxRetry, _ = asynq.GetMaxRetry(ctx)
	job.report = func(percent int) {
		e := eventOf(ctx, Progress, job.Payload)
		e.Percent = percent
		f.bus.publish(e)
	}
	if err := worker.processor.Process(ctx, job); err != nil {
		return err
	}
	// asynq has given this attempt up once its context is done: what came out of it no longer counts.
	if err := ctx.Err(); err != nil {
		return err
	}
	f.bus.publish(eventOf(ctx, Completed, job.Payload))
	return nil
}

// handleError is asynq's error handler, called once for each failed attempt, whether by error, panic or timeout.
func (f *Factory) handleError(ctx context.Context, task *asynq.Task, err error) {
	e := eventOf(ctx, Failed, task.Payload())
	e.Err = err
	maxRetry, _ := asynq.GetMaxRetry(ctx)
	e.Final = e.Attempt > maxRetry || errors.Is(err, asynq.SkipRetry)
	f.bus.publish(e)
}
