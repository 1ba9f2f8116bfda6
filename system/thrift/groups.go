package thrift

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// listGroups lists a queue's groups for asynq's aggregator.
func (g *Governor) listGroups(ctx context.Context, cmd redis.Cmder, op *operation) error {
	g.mu.Lock()
	q := g.queueLocked(op.queue)
	look := (q.mayHaveGroups || !g.surveyed) && !g.draining
	q.mayHaveGroups = false
	g.mu.Unlock()
	if !look {
		return reply(cmd, []string{})
	}
	err := g.pass(ctx, cmd)
	list, ok := cmd.(*redis.StringSliceCmd)
	if err != nil || !ok || len(list.Val()) > 0 {
		g.mu.Lock()
		q.mayHaveGroups = true
		g.mu.Unlock()
	}
	return err
}

// reclaim gives the jobs of forgotten aggregation sets back to their groups.
func (g *Governor) reclaim(ctx context.Context, cmd redis.Cmder, op *operation) error {
	g.mu.Lock()
	q := g.queueLocked(op.queue)
	look := q.mayHaveSets && !g.breaker.open() && !g.draining
	if look {
		q.mayHaveSets = false
	}
	g.mu.Unlock()
	if !look {
		return reply(cmd, "OK")
	}
	err := g.pass(ctx, cmd)
	left, errLeft := int64(1), err
	if err == nil {
		left, errLeft = g.redis.Exists(ctx, q.sets).Result()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if left > 0 || errLeft != nil {
		q.mayHaveSets = true
	}
	if err == nil { // jobs may be in their groups again
		q.mayHaveGroups = true
	}
	return err
}
