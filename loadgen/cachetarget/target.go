package cachetarget

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"tollgate/system/cache"
)

// DefaultTTL is the default time to live of written values: longer than a phase
// run, so that within it only deletes make a key disappear.
const DefaultTTL = time.Hour

// Target reads, writes and deletes in one cache. It is safe for concurrent use.
type Target struct {
	cache *cache.Cache
	ttl   time.Duration
}

// New returns a target over c; ttl is the time to live of written values, 0 is
// DefaultTTL.
func New(c *cache.Cache, ttl time.Duration) (*Target, error) {
	if c == nil {
		return nil, errors.New("cachetarget: the cache is missing")
	}
	if ttl < 0 {
		return nil, fmt.Errorf("cachetarget: time to live %s is negative; use 0 for %s", ttl, DefaultTTL)
	}
	if ttl == 0 {
		ttl = DefaultTTL
	}
	return &Target{cache: c, ttl: ttl}, nil
}

// CacheRead reports whether key is there.
func (t *Target) CacheRead(ctx context.Context, key string) (hit bool, err error) {
	var value json.RawMessage
	return t.cache.Get(ctx, key, &value)
}

// CacheWrite stores value, a JSON text, as it is.
func (t *Target) CacheWrite(ctx context.Context, key string, value []byte) error {
	return t.cache.Set(ctx, key, json.RawMessage(value), t.ttl)
}

// CacheDelete removes key.
func (t *Target) CacheDelete(ctx context.Context, key string) error {
	return t.cache.Del(ctx, key)
}
