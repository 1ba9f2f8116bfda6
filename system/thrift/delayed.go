package thrift

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// maxForward is how many due jobs are moved at once; asynq asks until none is left.
const maxForward = 100

// forward moves due jobs of one set. It answers at once when another set has some, since asynq looks at one after the
// other, and waits when none has.
func (g *Governor) forward(ctx context.Context, cmd redis.Cmder, op *operation) error {
	timer := time.NewTimer(maxWait)
	defer timer.Stop()
	for first := true; ; first = false {
		now := time.Now()
		g.mu.Lock()
		q := g.queueLocked(op.queue)
		set, mine := q.delayed(op.retried)
		due, next := *mine <= now.Unix(), g.nextDueLocked()
		draining, failing, changed := g.draining, g.breaker.open(), g.changed
		waits := !first || g.moves.mayWait(set)
		g.mu.Unlock()
		if failing { // nothing is moved until Redis answers again
			due, next = false, never
		}
		switch {
		case draining:
			return reply(cmd, int64(0))
		case due:
			return g.forwardDue(ctx, cmd, q, op.retried, now)
		case next <= now.Unix(), !waits:
			return reply(cmd, int64(0))
		}
		if !g.waitFor(ctx, changed, timer.C, next, now) {
			g.mu.Lock()
			g.moves.waited()
			g.mu.Unlock()
			return reply(cmd, int64(0))
		}
	}
}

// waitFor waits for a change or a time, in Unix seconds. It is false when the wait is over otherwise.
func (g *Governor) waitFor(ctx context.Context, changed <-chan struct{}, end <-chan time.Time, at int64, now time.Time) bool {
	var due <-chan time.Time
	if at != never {
		timer := time.NewTimer(time.Unix(at, 0).Sub(now))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-changed:
		return true
	case <-due:
		return true
	case <-end:
		return false
	case <-ctx.Done():
		return false
	case <-g.closing.Done():
		return false
	}
}

// nextDueLocked is when the next delayed job of a served queue is due, in Unix seconds.
func (g *Governor) nextDueLocked() int64 {
	at := int64(never)
	for _, q := range g.order {
		at = min(at, q.scheduledAt, q.retryAt)
	}
	return at
}

// forwardDue moves due jobs and learns when the next one is due. Where workers are free, the jobs are started at once.
func (g *Governor) forwardDue(ctx context.Context, cmd redis.Cmder, q *queue, retried bool, now time.Time) error {
	set, next := q.delayed(retried)
	starts, lease := g.reserve(q), ""
	limit := maxForward
	if starts > 0 {
		limit, lease = starts, strconv.FormatInt(leaseEnd(now), 10)
	}
	var started []job
	lost := false
	moved, total, err := g.withNext(next, now.Unix(), func() (int64, int64, int64, error) {
		var list []any
		var err error
		list, lost, err = g.committer.run(ctx, forwardScript, []string{set, q.pending, q.active, q.lease},
			now.Unix(), q.taskPrefix, now.UnixNano(), q.groupPrefix, limit, lease)
		if err == nil && len(list) == 4 {
			started = jobsOf(q, list[3], leaseEnd(now))
			list = list[:3]
		}
		return counted(list, 3, err)
	})
	g.mu.Lock()
	defer g.mu.Unlock()
	g.reserved -= starts
	if starts > 0 && lost { // with jobs in it, perhaps
		earlier(&q.leaseAt, leaseEnd(now))
	}
	if err != nil {
		g.failLocked("forward", err)
		return reply(cmd, int64(0))
	}
	q.ready = append(q.ready, started...)
	g.drainLocked()
	if moved > 0 {
		q.added()
		g.fetchLocked()
	}
	if total > moved+int64(len(started)) {
		q.mayHaveGroups = true
	}
	if total > 0 { // asynq looks at this set again before it heeds a stop
		g.moves.waited()
	}
	g.changedLocked()
	g.pokeMaintain()
	return reply(cmd, total)
}

// reserve keeps workers for due jobs, as far as these may be started without the way through the pending list.
func (g *Governor) reserve(q *queue) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.startableLocked(q) {
		return 0
	}
	n := min(maxForward, g.freeLocked())
	g.reserved += n
	return n
}

// jobsOf reads a list of IDs and messages, in turn.
func jobsOf(q *queue, reply any, lease int64) (jobs []job) {
	list, _ := reply.([]any)
	now := time.Now()
	for i := 0; i+1 < len(list); i += 2 {
		id, _ := list[i].(string)
		message, _ := list[i+1].(string)
		jobs = append(jobs, job{queue: q, id: id, message: message, taken: now, lease: lease})
	}
	return jobs
}

// deleteExpired deletes completed jobs whose retention is over.
func (g *Governor) deleteExpired(ctx context.Context, cmd redis.Cmder, op *operation) error {
	g.mu.Lock()
	q := g.queueLocked(op.queue)
	idle := q.completedAt > op.at || g.breaker.open() || g.draining
	g.mu.Unlock()
	if idle {
		return reply(cmd, int64(0))
	}
	_, deleted, err := g.withNext(&q.completedAt, op.at, func() (int64, int64, int64, error) {
		list, _, err := g.committer.run(ctx, expireScript, []string{q.completed}, op.at, q.taskPrefix, op.limit)
		return counted(list, 2, err)
	})
	if err != nil {
		g.fail("janitor", err)
		return reply(cmd, int64(0))
	}
	return reply(cmd, deleted)
}

// withNext runs a script that tells when it is to run next. What others learn of that time meanwhile is kept.
func (g *Governor) withNext(next *int64, now int64, run func() (first, second, at int64, err error)) (first, second int64, err error) {
	g.mu.Lock()
	*next = never
	g.mu.Unlock()
	first, second, at, err := run()
	if err != nil {
		at = now
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	earlier(next, at)
	return first, second, err
}

// counted reads the reply of a script that returns one or two numbers and a time that may be absent.
func counted(list []any, length int, err error) (first, second, at int64, _ error) {
	if err != nil {
		return 0, 0, never, err
	}
	if len(list) != length {
		return 0, 0, never, fmt.Errorf("%w: %v", errReply, list)
	}
	first, _ = list[0].(int64)
	second, _ = list[length-2].(int64)
	text, _ := list[length-1].(string)
	at, err = seconds(text)
	return first, second, at, err
}

// seconds reads a score, rounded up; "" is never.
func seconds(text string) (int64, error) {
	if text == "" {
		return never, nil
	}
	score, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return never, fmt.Errorf("%w: score %q", errReply, text)
	}
	return wholeSeconds(score), nil
}

func wholeSeconds(score float64) int64 {
	if score >= math.MaxInt64 {
		return never
	}
	return int64(math.Ceil(score))
}
