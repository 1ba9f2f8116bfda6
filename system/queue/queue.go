package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"

	"tollgate/system/thrift"
)

// Queue adds jobs to one queue. It is made by Factory.CreateQueue and safe for concurrent use.
type Queue struct {
	spec        Spec
	client      *asynq.Client
	deduplicate bool
	closed      *atomic.Bool // the factory closed its clients
}

// Option changes how one job is queued.
type Option struct{ option asynq.Option }

// ProcessIn holds the job back for d. asynq stores the due time in whole seconds, rounded down.
func ProcessIn(d time.Duration) Option { return Option{asynq.ProcessIn(d)} }

// ProcessAt holds the job back until t, with the precision of ProcessIn.
func ProcessAt(t time.Time) Option { return Option{asynq.ProcessAt(t)} }

// TaskID sets the job's ID instead of a random one. While a job with that ID is in the queue, archived ones included,
// another one is refused with ErrDuplicateJob.
func TaskID(id string) Option { return Option{asynq.TaskID(id)} }

func (o Option) setsID() bool { return o.option.Type() == asynq.TaskIDOpt }

// Spec returns the queue's row of the table.
func (q *Queue) Spec() Spec { return q.spec }

// Enqueue adds a job and returns its ID. A json.RawMessage or []byte is stored as it is, anything else as its JSON. The
// client repeats a command whose answer was lost; the job is stored once all the same. When Enqueue fails with a network
// error the job may have been stored; a TaskID makes trying again safe. It
// fails with ErrPayload, ErrDuplicateJob, ctx's error, and, once the factory is stopped (not while it stops, so that
// running jobs can add others), with ErrStopped.
func (q *Queue) Enqueue(ctx context.Context, payload any, opts ...Option) (id string, err error) {
	body, err := encode(payload)
	if err != nil {
		return "", fmt.Errorf("queue %s: enqueue: %w", q.spec.Name, err)
	}
	if q.closed.Load() {
		return "", fmt.Errorf("queue %s: enqueue: %w", q.spec.Name, ErrStopped)
	}
	madeID := uuid.NewString() // a TaskID among opts goes before it
	fresh := !slices.ContainsFunc(opts, Option.setsID)
	if fresh {
		ctx = thrift.WithFreshID(ctx)
	}
	info, err := q.client.EnqueueContext(ctx, asynq.NewTask(string(q.spec.Name), body), q.options(madeID, opts)...)
	switch {
	case fresh && errors.Is(err, asynq.ErrTaskIDConflict):
		return madeID, nil // only this call can have stored that ID: its first answer was lost
	case errors.Is(err, asynq.ErrDuplicateTask), errors.Is(err, asynq.ErrTaskIDConflict):
		return "", fmt.Errorf("queue %s: enqueue: %w: %w", q.spec.Name, ErrDuplicateJob, err)
	case err != nil && ctx.Err() != nil: // asynq keeps only the text of what Redis or the context answered
		return "", fmt.Errorf("queue %s: enqueue: %w: %w", q.spec.Name, ctx.Err(), err)
	case err != nil:
		return "", fmt.Errorf("queue %s: enqueue: %w", q.spec.Name, err)
	}
	return info.ID, nil
}

func (q *Queue) options(id string, opts []Option) []asynq.Option {
	all := append(q.scheduledOptions(), asynq.TaskID(id))
	for _, o := range opts {
		all = append(all, o.option)
	}
	return all
}

// scheduledOptions are those of a job whose ID asynq's scheduler makes.
func (q *Queue) scheduledOptions() []asynq.Option {
	all := []asynq.Option{
		asynq.Queue(string(q.spec.Name)),
		asynq.MaxRetry(q.spec.MaxRetry),
		asynq.Timeout(q.spec.Timeout),
		asynq.Retention(q.spec.Retention),
	}
	if q.deduplicate && q.spec.UniqueFor > 0 {
		all = append(all, asynq.Unique(q.spec.UniqueFor))
	}
	return all
}

func encode(payload any) ([]byte, error) {
	var body []byte
	switch p := payload.(type) {
	case json.RawMessage:
		body = p
	case []byte:
		body = p
	default:
		encoded, err := json.Marshal(payload)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrPayload, err)
		}
		body = encoded
	}
	if len(body) > MaxPayload {
		return nil, fmt.Errorf("%w: %d bytes are more than %d", ErrPayload, len(body), MaxPayload)
	}
	return body, nil
}
