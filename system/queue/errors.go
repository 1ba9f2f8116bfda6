package queue

import (
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"
)

var (
	// ErrUnknownQueue means that a name is not in the table.
	ErrUnknownQueue = errors.New("unknown queue")
	// ErrExists means that a queue or a worker was already created by this factory.
	ErrExists = errors.New("already created")
	// ErrNotCreated means that CreateQueue was not called for the queue.
	ErrNotCreated = errors.New("queue not created: call CreateQueue first")
	// ErrNoWorkers means that Start was called before any CreateWorker.
	ErrNoWorkers = errors.New("no worker to start: call CreateWorker first")
	// ErrStarted means that the factory's workers run already.
	ErrStarted = errors.New("the workers were already started")
	// ErrStopped means that the factory was stopped; it cannot be started again.
	ErrStopped = errors.New("the factory was stopped")
	// ErrDuplicateJob means that an enqueue was refused because the same job (same TaskID, or with Deduplicate the
	// same payload) is in the queue already. The work is going to be done, so most callers treat it as success.
	ErrDuplicateJob = errors.New("the same job is queued already")
	// ErrPayload means that a payload cannot be encoded or is larger than MaxPayload.
	ErrPayload = errors.New("unusable payload")
	// ErrPermanent is in the chain of every error made by Permanent.
	ErrPermanent = errors.New("permanent failure")
)

// permanentError keeps the text of its cause and tells asynq not to retry.
type permanentError struct{ cause error }

func (e *permanentError) Error() string   { return e.cause.Error() }
func (e *permanentError) Unwrap() []error { return []error{e.cause, ErrPermanent, asynq.SkipRetry} }

// Permanent marks err so that the job is given up now: it goes to the archive with err's text as the reason. Permanent
// of nil is nil.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return &permanentError{cause: err}
}

// retryAfterError carries the delay that its cause asked for.
type retryAfterError struct {
	cause error
	delay time.Duration
}

func (e *retryAfterError) Error() string {
	return fmt.Sprintf("%v (retry after %v)", e.cause, e.delay)
}
func (e *retryAfterError) Unwrap() error { return e.cause }

// RetryAfter marks err so that the next attempt is made no sooner than after d (at most MaxRetryAfter). The attempt
// still counts as a failed one. RetryAfter of nil is nil; a d of zero or less leaves the delay to the queue.
func RetryAfter(err error, d time.Duration) error {
	if err == nil || d <= 0 {
		return err
	}
	return &retryAfterError{cause: err, delay: min(d, MaxRetryAfter)}
}
