package cache

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Defaults of a Config and of its Near.
const (
	// DefaultNearSize is the number of values kept in the process.
	DefaultNearSize = 10_000
	// DefaultNearBytes bounds the memory of the near cache.
	DefaultNearBytes = 32 << 20
	// DefaultNearTTL bounds how stale a near value may be.
	DefaultNearTTL = 10 * time.Second
	// DefaultGather is the Gather that suits a store a few milliseconds away. It is not applied by itself: 0 means off.
	DefaultGather = time.Millisecond
	// DefaultTimeout bounds one command to the store.
	DefaultTimeout = 2 * time.Second
	// DefaultLoadTimeout bounds one load of Fetch in lean mode.
	DefaultLoadTimeout = 10 * time.Second
	// MaxBatch is the most keys that one MGET asks for.
	MaxBatch = 100

	// missShare is the part of Near.TTL for which a miss is remembered.
	missShare = 5
)

// Store is what the cache needs of a Redis client. A value that does not exist is false (Get) or a nil element (MGet).
// A time to live of 0 means that the key does not expire.
type Store interface {
	Get(ctx context.Context, key string) ([]byte, bool, error)
	MGet(ctx context.Context, keys ...string) ([][]byte, error)
	Set(ctx context.Context, key string, value []byte, ttl time.Duration) error
	Del(ctx context.Context, keys ...string) (int64, error)
	DeletePattern(ctx context.Context, pattern string) (int64, error)
}

// Near configures the part of the cache that lives in the process.
type Near struct {
	// Size is the most values kept; the least recently used goes first. Default 10,000.
	Size int
	// Bytes is the most memory for them, about; a value larger than all of it is not kept. Default 32 MiB.
	Bytes int
	// TTL is the staleness bound: how long a value is answered without asking the store. Default 10 s.
	TTL time.Duration
	// Sole says that no other process writes the store's keys under Config.Prefix. What this process wrote or deleted is then
	// answered from memory for as long as it is so; TTL bounds only what it read. See the package's documentation.
	Sole bool
}

// Config configures a Cache.
type Config struct {
	// Store holds the values. Required.
	Store Store
	// Prefix is put before each key and pattern, such as "cache:". Default none.
	Prefix string
	// Near switches the near cache on; nil is off.
	Near *Near
	// Gather is how long a read waits for others to share its MGET; 0 is off. See DefaultGather.
	Gather time.Duration
	// Timeout bounds each command to the store (DeletePattern, which is many, obeys its caller's context only). Default 2 s.
	Timeout time.Duration
	// LoadTimeout bounds a load that several callers of Fetch share (lean mode). Default 10 s.
	LoadTimeout time.Duration
}

// withDefaults returns a copy with the zero fields filled in.
func (c Config) withDefaults() Config {
	if c.Near != nil {
		near := *c.Near
		if near.Size == 0 {
			near.Size = DefaultNearSize
		}
		if near.Bytes == 0 {
			near.Bytes = DefaultNearBytes
		}
		if near.TTL == 0 {
			near.TTL = DefaultNearTTL
		}
		c.Near = &near
	}
	if c.Timeout == 0 {
		c.Timeout = DefaultTimeout
	}
	if c.LoadTimeout == 0 {
		c.LoadTimeout = DefaultLoadTimeout
	}
	return c
}

// Validate reports every problem of the configuration in one error.
func (c Config) Validate() error {
	var problems []error
	if c.Store == nil {
		problems = append(problems, errors.New("field Store is nil: give it a Redis client"))
	}
	if c.Near != nil && c.Near.Size < 0 {
		problems = append(problems, fmt.Errorf("field Near.Size is %d: give at least 1, or a nil Near to switch it off", c.Near.Size))
	}
	if c.Near != nil && c.Near.Bytes < 0 {
		problems = append(problems, fmt.Errorf("field Near.Bytes is %d: it cannot be negative", c.Near.Bytes))
	}
	if c.Near != nil && c.Near.TTL < 0 {
		problems = append(problems, fmt.Errorf("field Near.TTL is %v: give more than 0, or a nil Near to switch it off", c.Near.TTL))
	}
	for _, d := range []struct {
		name  string
		value time.Duration
	}{{"Gather", c.Gather}, {"Timeout", c.Timeout}, {"LoadTimeout", c.LoadTimeout}} {
		if d.value < 0 {
			problems = append(problems, fmt.Errorf("field %s is %v: it cannot be negative", d.name, d.value))
		}
	}
	if len(problems) > 0 {
		return fmt.Errorf("cache: bad configuration: %w", errors.Join(problems...))
	}
	return nil
}
