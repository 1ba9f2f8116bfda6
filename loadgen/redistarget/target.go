package redistarget

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tollgate/loadgen"
)

const (
	// DefaultConns is the default cap of connections; it is as high as the arrivals that a runner keeps under way.
	DefaultConns = loadgen.DefaultMaxInFlight
	// KeyPrefix is what every key of a cache operation begins with.
	KeyPrefix = "loadgen:"
	// ValueTTL is the time to live of written values: longer than a run, and nothing stays for good.
	ValueTTL = time.Hour

	// component is who the connections say they are.
	component = "loadgen"
)

// ErrUnsupported is wrapped by the error of an arrival that the target has no way to carry out.
var ErrUnsupported = errors.New("redistarget: not possible here")

// store is what cache operations need; system's two clients both have it.
type store interface {
	Ping(ctx context.Context) error
	Get(ctx context.Context, key string) ([]byte, bool, error)
	Set(ctx context.Context, key string, value []byte, ttl time.Duration) error
	Del(ctx context.Context, keys ...string) (int64, error)
}

// Target sends to one Redis. It implements loadgen.Target.
type Target struct {
	address string // for messages; without credentials
	store   store
	enqueue func(ctx context.Context, queue string, payload []byte) (id string, err error) // nil where there are no jobs
	close   func() error
}

var _ loadgen.Target = (*Target)(nil)

// Close ends the connections.
func (t *Target) Close() error { return t.close() }

// TakesJobs reports whether jobs can be handed in.
func (t *Target) TakesJobs() bool { return t.enqueue != nil }

// Healthy returns nil when the Redis answers PING, which is not billed, and takes the credentials.
func (t *Target) Healthy(ctx context.Context) error {
	if err := t.store.Ping(ctx); err != nil {
		return fmt.Errorf("%s does not answer: %w", t.address, err)
	}
	return nil
}

// Enqueue implements loadgen.Target.
func (t *Target) Enqueue(ctx context.Context, queue string, payload []byte) (string, error) {
	if t.enqueue == nil {
		return "", fmt.Errorf("%w: a job over REST", ErrUnsupported)
	}
	return t.enqueue(ctx, queue, payload)
}

// Request implements loadgen.Target; it always fails.
func (t *Target) Request(context.Context, loadgen.Request) (int, error) {
	return 0, fmt.Errorf("%w: a Redis has no API", ErrUnsupported)
}

// CacheRead implements loadgen.Target with GET.
func (t *Target) CacheRead(ctx context.Context, key string) (bool, error) {
	_, hit, err := t.store.Get(ctx, KeyPrefix+key)
	return hit, err
}

// CacheWrite implements loadgen.Target with SET.
func (t *Target) CacheWrite(ctx context.Context, key string, value []byte) error {
	return t.store.Set(ctx, KeyPrefix+key, value, ValueTTL)
}

// CacheDelete implements loadgen.Target with DEL.
func (t *Target) CacheDelete(ctx context.Context, key string) error {
	_, err := t.store.Del(ctx, KeyPrefix+key)
	return err
}
