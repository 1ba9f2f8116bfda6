package thrift

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// minLease is how much of a lease must be left in Redis for an extension to be answered without writing it. asynq takes
// its own copy of the lease for extended then, for leaseDuration from now: at most 10 s longer than what is in Redis.
// Others take the job leaseDuration after its end in Redis, so that 20 s of asynq's allowance for clocks remain.
const minLease = 20 * time.Second

// errFailing is what extending a lease meets while the plan's commands are used up.
var errFailing = errors.New("thrift: not sent, as Redis refuses commands beyond the plan's quota")

// extendLease extends the leases of running jobs: in Redis only when one of them is short.
func (g *Governor) extendLease(ctx context.Context, cmd redis.Cmder, op *operation) error {
	now := time.Now().Unix()
	g.mu.Lock()
	left := int64(leaseDuration / time.Second)
	for _, id := range op.ids {
		left = min(left, g.running[id].lease-now) // 0 of a job that is not known
	}
	quota := g.breaker.open() && g.breaker.quota
	g.mu.Unlock()
	switch {
	case left >= int64(minLease/time.Second):
		return reply(cmd, int64(0))
	case quota:
		return errFailing
	}
	if err := g.pass(ctx, cmd); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, id := range op.ids {
		j, ok := g.running[id]
		if !ok { // at level Quiet jobs are known from here on
			j = job{queue: g.queueLocked(op.queue), id: id, waited: true}
		}
		j.lease = op.at
		g.running[id] = j
	}
	return nil
}

// listExpired finds jobs whose lease is over, so that asynq's recoverer retries them.
func (g *Governor) listExpired(ctx context.Context, cmd redis.Cmder, op *operation) error {
	g.mu.Lock()
	q := g.queueLocked(op.queue)
	own := 0
	for _, j := range g.running {
		if j.queue == q {
			own++
		}
	}
	idle := q.leaseAt > op.at || g.breaker.open() || g.draining
	if !idle {
		q.leaseAt = never
	}
	g.mu.Unlock()
	if idle {
		return reply(cmd, []any{})
	}
	list, _, err := g.committer.run(ctx, expiredScript, []string{q.lease, q.active}, op.at, q.taskPrefix, own)
	if err == nil && len(list) != 2 {
		err = fmt.Errorf("%w: expired %v", errReply, list)
	}
	if err != nil {
		g.mu.Lock()
		earlier(&q.leaseAt, op.at)
		g.mu.Unlock()
		g.fail("recoverer", err)
		return reply(cmd, []any{})
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	next, _ := list[1].([]any)
	for i := 0; i+1 < len(next); i += 2 {
		id, _ := next[i].(string)
		score, _ := next[i+1].(string)
		if _, ours := g.running[id]; ours {
			continue
		}
		if at, err := seconds(score); err == nil {
			earlier(&q.leaseAt, at)
		}
	}
	return reply(cmd, list[0])
}

// forgetLostLocked drops jobs whose lease has ended: asynq has given them up, and they are to be found like any other.
func (g *Governor) forgetLostLocked(now time.Time) {
	for id, j := range g.running {
		if j.lease < now.Unix() {
			g.forgetLocked(id)
			earlier(&j.queue.leaseAt, j.lease)
		}
	}
}
