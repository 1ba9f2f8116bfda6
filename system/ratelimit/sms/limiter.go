package sms

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"tollgate/system/ratelimit"
)

// subjectBytes is how much of a number's SHA-256 stands in a key.
const subjectBytes = 8

// Limiter limits messages per phone number. It is safe for concurrent use.
type Limiter struct{ log ratelimit.Limiter }

// New returns a Limiter which counts in log, a limiter of package ratelimit of its own name.
func New(log ratelimit.Limiter) (*Limiter, error) {
	if log == nil {
		return nil, errors.New("sms: no limiter: give one of package ratelimit")
	}
	return &Limiter{log: log}, nil
}

// Allow says whether one more message may go to phone now, and counts it when so; else retryAfter says when to ask again. The
// error wraps ErrBadNumber (give up), or is the limiter's (try again later): then nothing may be sent.
func (l *Limiter) Allow(ctx context.Context, phone string) (allowed bool, retryAfter time.Duration, err error) {
	number, err := Normalize(phone)
	if err != nil {
		return false, 0, err
	}
	d, err := l.log.Allow(ctx, subject(number))
	if err != nil {
		return false, 0, err
	}
	return d.Allowed, d.RetryAfter, nil
}

// subject is what stands for a normalized number in Redis.
func subject(number string) string {
	sum := sha256.Sum256([]byte(number))
	return hex.EncodeToString(sum[:subjectBytes])
}
