package ratelimit

import (
	"context"
	"strconv"
	"time"
)

// Classic is the limiter with one sorted set per subject; see the package's documentation.
type Classic struct {
	cfg    Config
	turns  turns
	unique *unique
	now    func() time.Time
}

// NewClassic returns a Classic limiter, or an error that lists what is wrong with cfg.
func NewClassic(cfg Config) (*Classic, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Classic{cfg: cfg, unique: newUnique(), now: time.Now}, nil
}

// Allow implements Limiter.
func (c *Classic) Allow(ctx context.Context, subject string) (Decision, error) {
	if subject == "" {
		return Decision{}, ErrNoSubject
	}
	key := "ratelimit:" + c.cfg.Name + ":" + escape(subject)
	done, err := c.turns.take(ctx, key)
	if err != nil {
		return Decision{}, err
	}
	defer done()

	now := c.now().UnixMicro()
	gone := strconv.FormatInt(now-c.cfg.Window.Microseconds(), 10)
	if _, err := c.cfg.Store.ZRemRangeByScore(ctx, key, "-inf", gone); err != nil {
		return Decision{}, &StoreError{"ZREMRANGEBYSCORE", key, err}
	}
	n, err := c.cfg.Store.ZCard(ctx, key)
	if err != nil {
		return Decision{}, &StoreError{"ZCARD", key, err}
	}
	if n >= int64(c.cfg.Limit) {
		return c.cfg.denied(c.cfg.Window), nil
	}
	// Microseconds since 1970 stay below 2^53 until the year 2255, so that the score holds them exactly.
	if _, err := c.cfg.Store.ZAdd(ctx, key, float64(now), stamp(now)+separator+c.unique.next()); err != nil {
		return Decision{}, &StoreError{"ZADD", key, err}
	}
	if _, err := c.cfg.Store.Expire(ctx, key, wholeSeconds(c.cfg.Window)); err != nil {
		return Decision{}, &StoreError{"EXPIRE", key, err}
	}
	return c.cfg.allowed(n), nil
}
