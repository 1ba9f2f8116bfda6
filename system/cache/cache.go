package cache

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// Stats counts what callers asked for since the cache was made. The hit rate is Hits / (Hits + Misses).
type Stats struct {
	// Hits are reads that found a value, wherever it was.
	Hits int64
	// NearHits are those of Hits that were answered from the process's memory, without a command.
	NearHits int64
	// Misses are reads that found no value, remembered misses included.
	Misses int64
	// Sets are values stored, by Set or by Fetch.
	Sets int64
	// Errors are failed operations: store errors, and values which do not encode or decode. A caller that gave up is not one.
	Errors int64
}

// Cache is a JSON cache. It is safe for concurrent use. The owner calls Close.
type Cache struct {
	cfg    Config
	lean   bool
	near   *near
	work   *work
	gather *gatherer
	loads  flights

	hits, nearHits, misses, sets, errors atomic.Int64
}

// New returns a cache over cfg.Store, or an error that lists what is wrong with cfg.
func New(cfg Config) (*Cache, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	c := &Cache{cfg: cfg, lean: cfg.Near != nil || cfg.Gather > 0, near: newNear(cfg.Near), work: newWork()}
	c.gather = &gatherer{store: cfg.Store, near: c.near, wait: cfg.Gather, timeout: cfg.Timeout, work: c.work}
	return c, nil
}

// Get decodes the value of key into dst, a pointer, and reports whether there was one. The error is a [StoreError], wraps
// [ErrDecode] or [ErrClosed], or is the context's when the caller gave up.
func (c *Cache) Get(ctx context.Context, key string, dst any) (bool, error) {
	key = c.cfg.Prefix + key
	a, near, err := c.read(ctx, key)
	if err == nil && a.found {
		if cause := json.Unmarshal(a.raw, dst); cause != nil {
			err = fmt.Errorf("cache: get %q: %w: %w", key, ErrDecode, cause)
		}
	}
	switch {
	case err != nil:
		c.failed(ctx)
		return false, err
	case !a.found:
		c.misses.Add(1)
		return false, nil
	}
	c.hits.Add(1)
	if near {
		c.nearHits.Add(1)
	}
	return true, nil
}

// Set encodes v as JSON and stores it under key for ttl (0 = until deleted).
func (c *Cache) Set(ctx context.Context, key string, v any, ttl time.Duration) error {
	key = c.cfg.Prefix + key
	raw, err := encode(key, v)
	if err != nil {
		c.failed(ctx)
		return err
	}
	_, err = c.write(ctx, key, raw, ttl, c.near.generation(key))
	return err
}

// Del deletes keys with one command. Keys that do not exist are fine; no keys are no command.
func (c *Cache) Del(ctx context.Context, keys ...string) error {
	if c.work.isClosed() {
		return ErrClosed
	}
	if len(keys) == 0 {
		return nil
	}
	full := make([]string, len(keys))
	for i, key := range keys {
		full[i] = c.cfg.Prefix + key
	}
	bounded, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	sent, before := time.Now(), c.near.generationsOf(full)
	if _, err := c.cfg.Store.Del(bounded, full...); err != nil {
		c.near.unsure(full...)
		c.failed(ctx)
		return &StoreError{Op: "del", Key: full[0], Err: err}
	}
	c.near.deleted(full, sent, before)
	return nil
}

// DeletePattern deletes the keys that match a Redis glob pattern and returns how many. It scans the store's whole keyspace, in
// many commands; use it for administration. The near cache forgets every key that begins as the pattern does.
func (c *Cache) DeletePattern(ctx context.Context, pattern string) (int64, error) {
	if c.work.isClosed() {
		return 0, ErrClosed
	}
	pattern = c.cfg.Prefix + pattern
	n, err := c.cfg.Store.DeletePattern(ctx, pattern)
	c.near.deletedPattern(pattern, err != nil)
	if err != nil {
		c.failed(ctx)
		return n, &StoreError{Op: "delete pattern", Key: pattern, Err: err}
	}
	return n, nil
}

// Stats returns the counts so far.
func (c *Cache) Stats() Stats {
	return Stats{
		Hits: c.hits.Load(), NearHits: c.nearHits.Load(), Misses: c.misses.Load(),
		Sets: c.sets.Load(), Errors: c.errors.Load(),
	}
}

// Close ends shared reads and loads, whose callers get an error, and waits for them. Methods called later return ErrClosed.
// It does not close the store.
func (c *Cache) Close() { c.work.close() }

// read finds the answer for a full key: near, or from the store.
func (c *Cache) read(ctx context.Context, key string) (a answer, near bool, err error) {
	if c.work.isClosed() {
		return answer{}, false, ErrClosed
	}
	if !c.lean {
		bounded, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
		defer cancel()
		if a.raw, a.found, err = c.cfg.Store.Get(bounded, key); err != nil {
			err = &StoreError{Op: "get", Key: key, Err: err}
		}
		return a, false, err
	}
	if a, ok := c.near.get(key); ok {
		return a, true, nil
	}
	a, err = c.gather.read(ctx, key)
	if err != nil && errors.Is(err, ctx.Err()) {
		err = fmt.Errorf("cache: get %q: %w", key, err)
	}
	return a, false, err
}

// write stores an encoded value. It reports whether no other write of this process ended meanwhile: when one did, nobody knows
// which of the two values the store holds.
func (c *Cache) write(ctx context.Context, key string, raw []byte, ttl time.Duration, generation uint64) (alone bool, err error) {
	if c.work.isClosed() {
		return false, ErrClosed
	}
	bounded, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	sent := time.Now()
	if err := c.cfg.Store.Set(bounded, key, raw, ttl); err != nil {
		c.near.unsure(key)
		c.failed(ctx)
		return false, &StoreError{Op: "set", Key: key, Err: err}
	}
	c.sets.Add(1)
	return c.near.wrote(key, raw, ttl, sent, generation), nil
}

// failed counts an error, unless the caller gave up.
func (c *Cache) failed(ctx context.Context) {
	if ctx.Err() == nil {
		c.errors.Add(1)
	}
}

func encode(key string, v any) ([]byte, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("cache: set %q: %w: %w", key, ErrEncode, err)
	}
	return raw, nil
}
