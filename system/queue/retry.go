package queue

import (
	"errors"
	"math/rand/v2"
	"time"

	"github.com/hibiken/asynq"
)

// wholeSecond makes up for asynq's storing of due times in whole seconds, rounded down: without it a delay that a
// provider or limiter asked for would end up to a second early.
const wholeSecond = time.Second

// retryDelay returns asynq's delay function: what RetryAfter asked for, else a random part ("full jitter") of
// base doubled for each retry made so far, up to limit.
func retryDelay(base, limit time.Duration) asynq.RetryDelayFunc {
	return func(retried int, err error, _ *asynq.Task) time.Duration {
		var asked *retryAfterError
		if errors.As(err, &asked) {
			return asked.delay + wholeSecond
		}
		return rand.N(ceiling(base, limit, retried) + 1)
	}
}

// ceiling is base*2^retried, at most limit, without overflow.
func ceiling(base, limit time.Duration, retried int) time.Duration {
	delay := base
	for range retried {
		if delay >= limit/2 {
			return limit
		}
		delay *= 2
	}
	return min(delay, limit)
}
