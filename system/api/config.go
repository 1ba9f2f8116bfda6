package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"tollgate/system/accounts"
	"tollgate/system/cache"
	"tollgate/system/ratelimit"
)

// Defaults and bounds.
const (
	// MaxBody is the most bytes of a request body.
	MaxBody = 64 << 10
	// MaxUser is the most bytes of a user's name.
	MaxUser = 128
	// DefaultRequestTimeout bounds the handling of a request.
	DefaultRequestTimeout = 10 * time.Second
	// DefaultLimiterTimeout bounds the rate limiter's part of it, and a health check.
	DefaultLimiterTimeout = 2 * time.Second
)

// Accounts is the source of the cached reads.
type Accounts interface {
	// Get returns a user's account; an error that is accounts.ErrNotFound becomes a 404.
	Get(ctx context.Context, user string) (accounts.Account, error)
}

// Enqueue puts a job into the named queue. An error that is queue.ErrUnknownQueue becomes a 404, queue.ErrPayload a 400,
// queue.ErrDuplicateJob an accepted duplicate, any other a 503.
type Enqueue func(ctx context.Context, queue string, payload json.RawMessage) (id string, err error)

// Config configures a Handler. All fields without a stated default are required.
type Config struct {
	// Limiter limits each client.
	Limiter ratelimit.Limiter
	// Cache stands before Accounts.
	Cache *cache.Cache
	// Accounts is what the reads are about.
	Accounts Accounts
	// Enqueue takes the jobs.
	Enqueue Enqueue
	// Health returns why the service cannot work, or nil.
	Health func(ctx context.Context) error
	// Logger takes errors; nil discards them.
	Logger *slog.Logger
	// CacheTTL is how long a read stays in the cache. Default accounts.ViewTTL.
	CacheTTL time.Duration
	// RequestTimeout bounds the handling of a request. Default 10 s.
	RequestTimeout time.Duration
	// LimiterTimeout bounds a rate-limit check and a health check. Default 2 s.
	LimiterTimeout time.Duration
}

// withDefaults returns a copy with the zero fields filled in.
func (c Config) withDefaults() Config {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.CacheTTL == 0 {
		c.CacheTTL = accounts.ViewTTL
	}
	if c.RequestTimeout == 0 {
		c.RequestTimeout = DefaultRequestTimeout
	}
	if c.LimiterTimeout == 0 {
		c.LimiterTimeout = DefaultLimiterTimeout
	}
	return c
}

// Validate reports every problem of the configuration in one error.
func (c Config) Validate() error {
	var problems []error
	for _, field := range []struct {
		name    string
		missing bool
	}{
		{"Limiter", c.Limiter == nil},
		{"Cache", c.Cache == nil},
		{"Accounts", c.Accounts == nil},
		{"Enqueue", c.Enqueue == nil},
		{"Health", c.Health == nil},
	} {
		if field.missing {
			problems = append(problems, fmt.Errorf("field %s is nil: it is required", field.name))
		}
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{{"CacheTTL", c.CacheTTL}, {"RequestTimeout", c.RequestTimeout}, {"LimiterTimeout", c.LimiterTimeout}} {
		if d.value < 0 {
			problems = append(problems, fmt.Errorf("field %s is %v: it cannot be negative", d.name, d.value))
		}
	}
	if len(problems) > 0 {
		return fmt.Errorf("api: bad configuration: %w", errors.Join(problems...))
	}
	return nil
}
