package thrift

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// counters are what finished attempts add to asynq's statistics, by queue and day.
type counters map[counterKey]*counter

type counterKey struct {
	queue *queue
	day   string // yyyy-mm-dd
}

type counter struct {
	processed, failed int64
	expires           int64 // of the day's counters, in Unix seconds
}

// count notes the end of an attempt, as asynq's scripts count it.
func (c counters) count(q *queue, op *operation) {
	failed := op.kind == archive || op.kind == retry && op.failure
	if op.kind != done && op.kind != complete && !failed {
		return
	}
	key := counterKey{q, op.day}
	n, ok := c[key]
	if !ok {
		n = &counter{}
		c[key] = n
	}
	n.processed++
	if failed {
		n.failed++
	}
	n.expires = max(n.expires, op.statsEnd)
}

// flushStatistics writes the counters. What Redis certainly did not get is kept for the next time; what it may have got
// is not repeated, so that nothing is counted twice.
func (g *Governor) flushStatistics(ctx context.Context) error {
	g.mu.Lock()
	taken := g.counters
	g.counters = counters{}
	g.forgetExpiringLocked(time.Now())
	g.mu.Unlock()
	if len(taken) == 0 {
		return nil
	}
	g.at(FailBeforeFlush)
	var sums []*sum
	pipe := g.redis.Pipeline()
	for key, n := range taken {
		base := key.queue.counterPrefix
		sums = append(sums,
			g.newSum(ctx, pipe, base+"processed:"+key.day, n.processed, n.expires),
			g.newSum(ctx, pipe, base+"processed", n.processed, 0))
		if n.failed > 0 {
			sums = append(sums,
				g.newSum(ctx, pipe, base+"failed:"+key.day, n.failed, n.expires),
				g.newSum(ctx, pipe, base+"failed", n.failed, 0))
		}
	}
	_, err := pipe.Exec(ctx)
	if err != nil && unsent(err) {
		g.keepCounters(taken)
		return fmt.Errorf("thrift: statistics of %d queues and days are kept for later: %w", len(taken), err)
	}
	return g.settleSums(ctx, sums)
}

// settleSums does what is left to do after the additions, and returns the first error.
func (g *Governor) settleSums(ctx context.Context, sums []*sum) error {
	var lost error
	var after []redis.Cmder
	for _, s := range sums {
		if err := s.added.Err(); err != nil && strings.Contains(err.Error(), "overflow") { // asynq begins anew, too
			after = append(after, redis.NewStatusCmd(ctx, "set", s.key, s.n))
		} else if err != nil && lost == nil {
			lost = fmt.Errorf("thrift: statistics: %s: %w", s.key, err)
		}
		if s.expiry == nil && s.expires > 0 && s.added.Val() == s.n { // it is new: Redis has lost the one before
			s.expiry = redis.NewBoolCmd(ctx, "expireat", s.key, s.expires)
			after = append(after, s.expiry)
		} else if s.expiry != nil && s.expiry.Err() != nil {
			after = append(after, s.expiry)
		}
	}
	if err := g.committer.insist(ctx, after); err != nil && lost == nil {
		lost = fmt.Errorf("thrift: statistics: %w", err)
	}
	for _, s := range sums {
		switch {
		case s.expiry == nil:
		case s.expiry.Err() != nil:
			g.keepLeft([]redis.Cmder{s.expiry})
		case s.expiry.Val():
			g.expires(s)
		}
	}
	return lost
}

// expires notes that a day's counter expires.
func (g *Governor) expires(s *sum) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.expiring[s.key] = s.expires
}

// keepCounters puts counters back.
func (g *Governor) keepCounters(taken counters) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for key, n := range taken {
		if now, ok := g.counters[key]; ok {
			n.processed += now.processed
			n.failed += now.failed
			n.expires = max(n.expires, now.expires)
		}
		g.counters[key] = n
	}
}

// sum is an addition to one counter.
type sum struct {
	key     string
	n       int64
	expires int64 // in Unix seconds
	added   *redis.IntCmd
	expiry  *redis.BoolCmd // of a day's counter to which this process has not added before
}

// newSum adds to a counter. asynq has a day's counter expire when it creates it. That cannot be told beforehand, and a
// process may die after it; so each process says it once, together with its first addition.
func (g *Governor) newSum(ctx context.Context, pipe redis.Pipeliner, key string, n, expires int64) *sum {
	s := &sum{key: key, n: n, expires: expires, added: pipe.IncrBy(ctx, key, n)}
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, known := g.expiring[key]; expires > 0 && !known {
		s.expiry = pipe.ExpireAt(ctx, key, time.Unix(expires, 0))
	}
	return s
}

// forgetExpiringLocked forgets the counters of days that are over.
func (g *Governor) forgetExpiringLocked(now time.Time) {
	for key, expires := range g.expiring {
		if expires < now.Add(statisticsLifetime-2*24*time.Hour).Unix() {
			delete(g.expiring, key)
		}
	}
}

// statisticsLifetime is how long asynq keeps a day's counters (internal/rdb).
const statisticsLifetime = 90 * 24 * time.Hour
