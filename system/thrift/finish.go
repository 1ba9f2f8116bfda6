package thrift

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
)

// errNotFound is what asynq's scripts answer for a job that is not active. asynq shows the text only.
var errNotFound = errors.New("NOT FOUND")

// placeAfter is where an attempt leaves its job.
var placeAfter = map[kind]string{
	done: placeDone, complete: placeCompleted, retry: placeRetry, archive: placeArchived, requeue: placePending,
}

// finish ends an attempt: that of a worker of this process, or one that the recoverer found without a lease.
func (g *Governor) finish(ctx context.Context, cmd redis.Cmder, op *operation) error {
	g.mu.Lock()
	ch := newChange(g.queueLocked(op.queue), op, placeAfter[op.kind])
	j, own := g.running[op.id]
	ch.ends, ch.own, ch.lease = true, own, j.lease
	ch.waited = !own || j.waited
	if own && op.kind == done && g.mayDeferLocked() {
		g.deferLocked(ch, j)
		g.mu.Unlock()
		return reply(cmd, "OK")
	}
	g.mu.Unlock()
	if err := g.committer.do(ctx, ch); err != nil {
		return err
	}
	if ch.result == 0 {
		return errNotFound
	}
	return reply(cmd, "OK")
}

// settle notes what became of a change.
func (g *Governor) settle(ch *change) {
	if ch.ends {
		g.ended(ch)
	} else {
		g.added(ch)
	}
}

// ended notes what became of the end of an attempt.
func (g *Governor) ended(ch *change) {
	g.mu.Lock()
	defer g.mu.Unlock()
	q, op := ch.queue, ch.op
	if j, own := g.running[op.id]; own && !j.over {
		g.pace.ended(time.Now())
	}
	g.forgetLocked(op.id)
	if ch.leased { // a lease without its job: the recoverer removes it
		earlier(&q.leaseAt, ch.lease)
	}
	if ch.err != nil { // asynq tries again while its lease lasts; then the lease in Redis ends
		earlier(&q.leaseAt, ch.lease)
		if ch.deferred {
			g.lateLocked(ch)
		}
		if op.kind == requeue {
			g.cfg.Logger.Warn("thrift: a job could not be put back, its lease will end", "queue", q.name, "id", op.id, "error", ch.err)
		}
	}
	if ch.result == 1 {
		g.counters.count(q, op)
		switch ch.place {
		case placeCompleted:
			earlier(&q.completedAt, op.at)
		case placeRetry:
			earlier(&q.retryAt, op.at)
			if !q.served {
				g.waker.note(q.name, wakeDue, op.at)
			}
		case placePending:
			q.added()
			g.waker.note(q.name, wakeJobs, 0)
		}
	}
	g.fetchLocked()
	g.changedLocked()
	g.pokeMaintain()
}

// endPlainly deletes jobs that are done. The leases go last: whatever a broken connection leaves is found through them.
func endPlainly(batch []*change) *request {
	r := &request{changes: batch, insist: true}
	left := make([]*redis.IntCmd, len(batch))
	var deleted redis.Cmder
	released := map[*queue]redis.Cmder{}
	r.plain = func(ctx context.Context, pipe redis.Pipeliner) (cmds []redis.Cmder) {
		var hashes []string
		leases := map[*queue][]any{}
		for i, ch := range batch {
			left[i] = pipe.LRem(ctx, ch.queue.active, 0, ch.op.id)
			cmds = append(cmds, left[i])
			hashes = append(hashes, ch.queue.taskPrefix+ch.op.id)
			leases[ch.queue] = append(leases[ch.queue], ch.op.id)
		}
		deleted = pipe.Del(ctx, hashes...)
		cmds = append(cmds, deleted)
		for q, ids := range leases {
			released[q] = pipe.ZRem(ctx, q.lease, ids...)
			cmds = append(cmds, released[q])
		}
		return cmds
	}
	r.judge = func() {
		for i, ch := range batch {
			ch.result, ch.err = min(1, left[i].Val()), left[i].Err()
			ch.leased = released[ch.queue].Err() != nil
		}
		r.left = failed([]redis.Cmder{deleted})
	}
	return r
}

// firstError is the first error of commands.
func firstError(cmds ...redis.Cmder) error {
	for _, cmd := range cmds {
		if err := cmd.Err(); err != nil {
			return err
		}
	}
	return nil
}

// endByScript ends the attempts of those jobs that are active.
func endByScript(batch []*change) *request {
	q := batch[0].queue
	var cutoff, keep int64
	for _, ch := range batch {
		if ch.place == placeArchived {
			cutoff, keep = ch.op.cutoff, ch.op.keep
		}
	}
	args := []any{q.taskPrefix, cutoff, keep}
	for _, ch := range batch {
		args = append(args, ch.op.id, ch.place, ch.op.msg, ch.op.at, ch.op.uniqueKey, flag(ch.waited), flag(ch.own && !ch.again))
	}
	return &request{
		script: finishScript, keys: []string{q.active, q.lease, q.pending, q.retry, q.completed, q.archived},
		args: args, changes: batch,
	}
}

func flag(b bool) string {
	if b {
		return "1"
	}
	return "0"
}
