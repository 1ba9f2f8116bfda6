package jobs

import (
	"errors"
	"fmt"
	"time"

	"tollgate/system/accounts"
	"tollgate/system/providers"
	"tollgate/system/queue"
	"tollgate/system/ratelimit/sms"
)

// ErrAccount means that an account lacks something that the job cannot do without. The job is given up.
var ErrAccount = errors.New("account incomplete")

// limitedError means that the SMS limiter said no.
type limitedError struct {
	user       string
	retryAfter time.Duration
}

func (e *limitedError) Error() string { return fmt.Sprintf("SMS limit reached for user %s", e.user) }

// outcome turns a processor's error into what the queue is to do: give up, come back later, or (as it is) retry with
// the queue's own delay. This is the only place where that is decided.
func outcome(err error) error {
	var limited *limitedError
	var provider *providers.Error
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrPayload), errors.Is(err, ErrAccount), errors.Is(err, accounts.ErrNotFound),
		errors.Is(err, sms.ErrBadNumber):
		return queue.Permanent(err)
	case errors.As(err, &limited):
		return queue.RetryAfter(err, limited.retryAfter)
	case errors.As(err, &provider):
		return outcomeOfProvider(err, provider)
	default:
		return err
	}
}

func outcomeOfProvider(err error, provider *providers.Error) error {
	switch provider.Kind {
	case providers.KindTokenRevoked, providers.KindPermanent:
		return queue.Permanent(err)
	case providers.KindRateLimited:
		return queue.RetryAfter(err, provider.RetryAfter)
	default: // KindTransient, where a 503 may say when to come back, and a sync token that expired anew
		return queue.RetryAfter(err, provider.RetryAfter)
	}
}

// combine makes one error of the failed parts of a job that has several. One part that may heal is enough to run the
// job again, so the first such decides; only when all are hopeless is the job.
func combine(parts int, failed []error) error {
	if len(failed) == 0 {
		return nil
	}
	decisive := failed[0]
	for _, err := range failed {
		if !errors.Is(outcome(err), queue.ErrPermanent) {
			decisive = err
			break
		}
	}
	return fmt.Errorf("%d of %d failed: %w", len(failed), parts, decisive)
}

// isKind reports whether err is a provider's error of that kind.
func isKind(err error, kind providers.Kind) bool {
	got, ok := providers.KindOf(err)
	return ok && got == kind
}
