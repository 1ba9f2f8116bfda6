package ratelimit

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"
)

// Defaults of a Config.
const (
	// DefaultBucketWindows is the length of Lean's buckets, in windows.
	DefaultBucketWindows = 30
	// DefaultMaxDenials is the number of denied subjects that Lean remembers.
	DefaultMaxDenials = 10_000
	// DefaultMaxEntries is the number of allowed checks that Local keeps in memory, of all subjects: at most some 25 MB.
	DefaultMaxEntries = 100_000
	// DefaultFlushParts is how often in a window Local writes what is new, with DefaultMinFlushInterval to DefaultMaxFlushInterval
	// in between.
	DefaultFlushParts       = 6
	DefaultMinFlushInterval = time.Minute
	DefaultMaxFlushInterval = 10 * time.Minute
	// maxWindow keeps a bucket of DefaultBucketWindows within a time.Duration.
	maxWindow = 366 * 24 * time.Hour
)

var (
	// ErrNoSubject is returned by Allow for an empty subject.
	ErrNoSubject = errors.New("ratelimit: empty subject: name whom to limit")
	// ErrBusy is wrapped, together with the context's error, by Allow when the caller's context ended while other checks of the
	// same subject were before it in line. It says nothing about Redis: the subject asks faster than checks can be made.
	ErrBusy = errors.New("ratelimit: too many checks of one subject at once")
	// ErrFull is returned by Allow of a Local that holds as many entries as it may: there is no decision, as when Redis fails.
	ErrFull = errors.New("ratelimit: memory is full: set MaxEntries to the checks allowed to all subjects in a window")
)

// Store is what the limiters need of a Redis client. Bounds are those of the Redis commands: "-inf", "[a", "(b".
type Store interface {
	ZAdd(ctx context.Context, key string, score float64, members ...string) (int64, error)
	ZCard(ctx context.Context, key string) (int64, error)
	ZRemRangeByScore(ctx context.Context, key, lower, upper string) (int64, error)
	ZLexCount(ctx context.Context, key, lower, upper string) (int64, error)
	ZRangeByLex(ctx context.Context, key, lower, upper string, limit int) ([]string, error)
	Expire(ctx context.Context, key string, ttl time.Duration) (bool, error)
}

// Decision is the answer to one check.
type Decision struct {
	// Allowed says whether the check was within the limit; then it has been counted.
	Allowed bool
	// Limit and Window are the limiter's own: at most Limit in any Window.
	Limit  int
	Window time.Duration
	// Remaining is how many more checks would be allowed now.
	Remaining int
	// RetryAfter is when to try again, 0 when allowed: exact from Lean and Local (as far as this process knows), the whole window
	// from Classic.
	RetryAfter time.Duration
}

// Limiter decides whether a subject may go on. Implementations are safe for concurrent use.
type Limiter interface {
	// Allow checks and, when allowed, counts. It waits for other checks of the same subject, and obeys ctx.
	Allow(ctx context.Context, subject string) (Decision, error)
}

// Config configures a limiter.
type Config struct {
	// Store is the Redis client. Required.
	Store Store
	// Name keeps the keys of several limiters apart: lower-case letters, digits and dashes. Required.
	Name string
	// Limit is the number of checks allowed in any Window. At least 1.
	Limit int
	// Window is the length of the sliding window. From 1 ms to 366 days.
	Window time.Duration
	// Bucket is the stretch of time that shares one sorted set; at least Window. Lean and Local. Default 30 windows.
	Bucket time.Duration
	// MaxDenials caps the memory of denied subjects, and that of subjects' entries in the bucket before; a subject beyond it
	// costs commands, no more. Lean only. Default 10,000.
	MaxDenials int
	// FlushInterval is how long an entry may be in memory only, which is what a crash loses of the history. A window shorter than
	// two intervals is written by Flush and Close only. Local only. Default a sixth of the window, from 1 to 10
	// minutes.
	FlushInterval time.Duration
	// MaxEntries caps the entries in memory, of all subjects together; at least Limit. Beyond it Allow returns ErrFull. Local only.
	// Default 100,000, or Limit if that is more.
	MaxEntries int
}

var validName = regexp.MustCompile(`^[a-z0-9-]+$`)

func (c Config) withDefaults() Config {
	if c.Bucket == 0 {
		c.Bucket = DefaultBucketWindows * c.Window
	}
	if c.MaxDenials == 0 {
		c.MaxDenials = DefaultMaxDenials
	}
	if c.FlushInterval == 0 {
		c.FlushInterval = min(max(c.Window/DefaultFlushParts, DefaultMinFlushInterval), DefaultMaxFlushInterval)
	}
	if c.MaxEntries == 0 {
		c.MaxEntries = max(DefaultMaxEntries, c.Limit)
	}
	return c
}

// Validate reports every problem of the configuration in one error.
func (c Config) Validate() error {
	var problems []error
	if c.Store == nil {
		problems = append(problems, errors.New("field Store is nil: give it a Redis client"))
	}
	if !validName.MatchString(c.Name) {
		problems = append(problems, fmt.Errorf("field Name is %q: use lower-case letters, digits and dashes", c.Name))
	}
	if c.Limit < 1 {
		problems = append(problems, fmt.Errorf("field Limit is %d: give at least 1", c.Limit))
	}
	if c.Window < time.Millisecond {
		problems = append(problems, fmt.Errorf("field Window is %v: give at least 1ms", c.Window))
	}
	if c.Window > maxWindow {
		problems = append(problems, fmt.Errorf("field Window is %v: give at most %v", c.Window, maxWindow))
	}
	if c.Bucket != 0 && c.Bucket < c.Window {
		problems = append(problems, fmt.Errorf("field Bucket is %v: give at least the window, %v", c.Bucket, c.Window))
	}
	if c.MaxDenials < 0 {
		problems = append(problems, fmt.Errorf("field MaxDenials is %d: it cannot be negative", c.MaxDenials))
	}
	if c.FlushInterval < 0 {
		problems = append(problems, fmt.Errorf("field FlushInterval is %v: it cannot be negative", c.FlushInterval))
	}
	if c.MaxEntries != 0 && c.MaxEntries < c.Limit {
		problems = append(problems, fmt.Errorf("field MaxEntries is %d: give at least the limit, %d", c.MaxEntries, c.Limit))
	}
	if len(problems) > 0 {
		return fmt.Errorf("ratelimit: bad configuration: %w", errors.Join(problems...))
	}
	return nil
}

// allowed is the decision for a check that found n earlier ones.
func (c Config) allowed(n int64) Decision {
	return Decision{Allowed: true, Limit: c.Limit, Window: c.Window, Remaining: c.Limit - int(n) - 1}
}

// denied is the decision for a check that must wait.
func (c Config) denied(wait time.Duration) Decision {
	return Decision{Limit: c.Limit, Window: c.Window, RetryAfter: wait}
}

// StoreError says that Redis failed, so that there is no decision. It wraps the store's own error.
type StoreError struct {
	// Op is the command, in upper case.
	Op string
	// Key is the key it was for.
	Key string
	// Err is the store's error.
	Err error
}

// Error names the command, the key and the cause.
func (e *StoreError) Error() string { return fmt.Sprintf("ratelimit: %s %q: %v", e.Op, e.Key, e.Err) }

// Unwrap returns the store's error.
func (e *StoreError) Unwrap() error { return e.Err }

// wholeSeconds rounds up to the seconds that EXPIRE counts in.
func wholeSeconds(d time.Duration) time.Duration {
	return (d + time.Second - 1) / time.Second * time.Second
}
