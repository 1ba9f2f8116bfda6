package cache

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Fetch returns the value of key, or calls load, stores what it returned for ttl and returns that.
//
// In lean mode, callers who miss the same key at one moment share one load; each gets its own decoded copy. The load keeps the
// values of the first caller's context but not its cancellation, and ends after Config.LoadTimeout or at Close. In plain mode each
// caller loads for itself, under its own context.
//
// A store that fails is passed over: load is called, its value returned, and nothing stored. Errors of load are returned as they
// are and not remembered. A value that does not encode is an error that wraps [ErrEncode].
func Fetch[T any](ctx context.Context, c *Cache, key string, ttl time.Duration, load func(context.Context) (T, error)) (T, error) {
	var value, zero T
	found, err := c.Get(ctx, key, &value)
	if found {
		return value, nil
	}
	if errors.Is(err, ErrClosed) || ctx.Err() != nil {
		return zero, err
	}
	job := loadJob{
		key: c.cfg.Prefix + key, ttl: ttl,
		missed:   err == nil,
		storable: err == nil || errors.Is(err, ErrDecode),
	}
	if !c.lean {
		value, err := load(ctx)
		if err != nil {
			return zero, err
		}
		raw, err := encode(job.key, value)
		if err != nil {
			c.failed(ctx)
			return zero, err
		}
		if job.storable {
			_, _ = c.write(ctx, job.key, raw, ttl, 0) // a failure is counted, and the caller has the value anyway
		}
		return value, nil
	}
	job.load = func(ctx context.Context) ([]byte, error) {
		value, err := load(ctx)
		if err != nil {
			return nil, err
		}
		return encode(job.key, value)
	}
	raw, err := c.sharedLoad(ctx, job)
	if err != nil {
		return zero, err
	}
	value = zero // a failed decoding may have left something in it
	if err := json.Unmarshal(raw, &value); err != nil {
		c.failed(ctx)
		return zero, fmt.Errorf("cache: fetch %q: %w: %w", job.key, ErrDecode, err)
	}
	return value, nil
}

// loadJob is one load of Fetch, without its type.
type loadJob struct {
	key      string // with its prefix
	ttl      time.Duration
	missed   bool // the store said that there is no value
	storable bool // the store works
	load     func(context.Context) ([]byte, error)
}

// sharedLoad joins or starts the load of job.key.
func (c *Cache) sharedLoad(ctx context.Context, job loadJob) ([]byte, error) {
	f, leads := c.loads.join(job.key, c.near.generation(job.key))
	if leads {
		if c.work.begin() {
			go c.lead(context.WithoutCancel(ctx), f, job)
		} else {
			c.loads.leave(f)
			f.land(answer{}, ErrClosed)
		}
	}
	a, err := f.wait(ctx)
	return a.raw, err
}

// lead does the load of f, stores its value and lands f.
func (c *Cache) lead(ctx context.Context, f *flight, job loadJob) {
	defer c.work.end()
	ctx, cancel := context.WithTimeout(ctx, c.cfg.LoadTimeout)
	defer cancel()
	defer context.AfterFunc(c.work.ctx, cancel)()

	// A load that ended between this caller's miss and now has left its value near.
	if a, ok := c.near.get(job.key); ok && a.found && job.missed {
		c.loads.leave(f)
		f.land(a, nil)
		return
	}
	raw, err := job.run(ctx)
	if err == nil && job.storable && c.near.generation(job.key) == f.generation {
		alone, err := c.write(ctx, job.key, raw, job.ttl, f.generation)
		if err == nil && !alone {
			// The key was written or deleted while the store took the loaded, older value: the next reader must load anew.
			_ = c.Del(ctx, job.key[len(c.cfg.Prefix):])
		}
	}
	c.loads.leave(f)
	f.land(answer{raw: raw, found: err == nil}, err)
}

// run calls load. A panic becomes an error: it happens outside its caller's goroutine, where nobody could recover it.
func (j loadJob) run(ctx context.Context) (raw []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("cache: load of %q panicked: %v", j.key, p)
		}
	}()
	return j.load(ctx)
}
