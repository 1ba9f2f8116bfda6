package thrift

import (
	"context"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// add puts a new job into its queue. When this process works the queue and has a worker free, the job is written as
// active at once and started.
func (g *Governor) add(ctx context.Context, cmd redis.Cmder, op *operation) error {
	ch := g.newJob(op, ctx.Value(freshKey{}) != nil)
	if err := g.committer.do(ctx, ch); err != nil {
		return err
	}
	return reply(cmd, ch.result)
}

// newJob decides where a job goes.
func (g *Governor) newJob(op *operation, fresh bool) *change {
	g.mu.Lock()
	defer g.mu.Unlock()
	ch := newChange(g.queueLocked(op.queue), op, placePending)
	ch.fresh = fresh
	switch {
	case op.kind == schedule:
		ch.place = placeScheduled
	case g.startableLocked(ch.queue):
		g.reserved++
		ch.place = placeActive
	case fresh:
		g.rememberLocked(ch.queue, op)
	}
	return ch
}

// startableLocked says whether a new job may be started without the way through the pending list.
func (g *Governor) startableLocked(q *queue) bool {
	return g.full() && q.served && g.polled && g.surveyed && !g.draining && !q.isPaused && !q.mayHaveJobs && g.freeLocked()+g.aheadLocked() > 0
}

// added notes what became of a new job.
func (g *Governor) added(ch *change) {
	g.mu.Lock()
	defer g.mu.Unlock()
	q := ch.queue
	if ch.place == placeActive {
		g.reserved--
	}
	unsure := broken(ch.err)
	if ch.result != 1 {
		g.recallLocked(q, ch.op.id)
	}
	if ch.result != 1 && !unsure {
		return
	}
	switch ch.place {
	case placeActive:
		if unsure { // nobody runs it, if it is there: its lease will end
			earlier(&q.leaseAt, ch.lease)
			return
		}
		q.ready = append(q.ready, job{queue: q, id: ch.op.id, message: ch.op.msg, taken: time.Now(), lease: ch.lease})
		g.drainLocked()
	case placePending:
		q.added()
		if ch.sentWith != nil {
			ch.sentWith.generation++
		}
		if message, ok := q.own[ch.op.id]; ok {
			message.written = true
			q.own[ch.op.id] = message
		}
		if !g.servesLocked(q) {
			g.waker.note(q.name, wakeJobs, 0)
		}
		g.fetchLocked()
	case placeScheduled:
		earlier(&q.scheduledAt, ch.op.at)
		if !q.served {
			g.waker.note(q.name, wakeDue, ch.op.at)
		}
	}
	g.changedLocked()
}

// servesLocked says whether this process will start a pending job of the queue soon without help.
func (g *Governor) servesLocked(q *queue) bool {
	return q.served && !g.draining && g.freeLocked() > 0
}

// maxOwnBytes bounds the messages that are kept until their jobs are fetched.
const maxOwnBytes = 16 << 20

// rememberLocked keeps the message of a job that is about to be pending, so that it need not be fetched. Only jobs with a
// fresh ID qualify: no other process can replace them.
func (g *Governor) rememberLocked(q *queue, op *operation) {
	if !q.served || !g.full() || g.ownBytes+len(op.msg) > maxOwnBytes {
		return
	}
	q.own[op.id] = ownMessage{text: op.msg}
	g.ownBytes += len(op.msg)
}

// recallLocked gives a remembered message back, and forgets it.
func (g *Governor) recallLocked(q *queue, id string) string {
	message, ok := q.own[id]
	if ok {
		delete(q.own, id)
		g.ownBytes -= len(message.text)
	}
	return message.text
}

// forgetOwnLocked forgets the messages of a queue whose pending list is empty, but for jobs on their way there.
func (g *Governor) forgetOwnLocked(q *queue) {
	for id, message := range q.own {
		if message.written {
			g.recallLocked(q, id)
		}
	}
}

// leaseEnd is the end of a lease that begins now, in Unix seconds.
func leaseEnd(now time.Time) int64 { return now.Add(leaseDuration).Unix() }

// addPlainly writes new jobs with IDs that no other one can have: each job's hash, then the lists for all of them. The
// hash of an active job comes after its lease: whatever a broken connection leaves of it is found through the lease.
func addPlainly(batch []*change, now time.Time) *request {
	q := batch[0].queue
	r := &request{changes: batch}
	hashes := make([]redis.Cmder, len(batch))
	lists := map[string]redis.Cmder{}
	var leased redis.Cmder
	r.plain = func(ctx context.Context, pipe redis.Pipeliner) []redis.Cmder {
		var leases, due []redis.Z
		var pending, active []any
		for _, ch := range batch {
			switch ch.place {
			case placeActive:
				ch.lease = leaseEnd(now)
				leases = append(leases, redis.Z{Score: float64(ch.lease), Member: ch.op.id})
				active = append(active, ch.op.id)
			case placePending:
				pending = append(pending, ch.op.id)
			default:
				due = append(due, redis.Z{Score: float64(ch.op.at), Member: ch.op.id})
			}
		}
		var cmds []redis.Cmder
		if len(leases) > 0 {
			leased = pipe.ZAdd(ctx, q.lease, leases...)
			cmds = append(cmds, leased)
		}
		for i, ch := range batch {
			fields := []any{"msg", ch.op.msg, "state", ch.place}
			if ch.place == placePending {
				fields = append(fields, "pending_since", ch.op.nanos)
			}
			hashes[i] = pipe.HSet(ctx, q.taskPrefix+ch.op.id, fields...)
		}
		cmds = append(cmds, hashes...)
		if len(active) > 0 {
			lists[placeActive] = pipe.LPush(ctx, q.active, active...)
		}
		if len(pending) > 0 {
			lists[placePending] = pipe.LPush(ctx, q.pending, pending...)
		}
		if len(due) > 0 {
			lists[placeScheduled] = pipe.ZAdd(ctx, q.scheduled, due...)
		}
		for _, list := range lists {
			cmds = append(cmds, list)
		}
		return cmds
	}
	r.judge = func() {
		for i, ch := range batch {
			ch.result, ch.err = 1, firstError(hashes[i], lists[ch.place])
			if ch.err == nil && ch.place == placeActive {
				ch.err = firstError(leased)
			}
			if ch.err != nil {
				ch.result = 0
				r.refused = append(r.refused, ch)
			}
		}
	}
	return r
}

// takeBack removes what was written of jobs of which Redis refused a part.
func (c *committer) takeBack(ctx context.Context, refused []*change) {
	var cmds []redis.Cmder
	for _, ch := range refused {
		q, id := ch.queue, ch.op.id
		switch ch.place {
		case placeActive:
			cmds = append(cmds, redis.NewIntCmd(ctx, "lrem", q.active, 0, id), redis.NewIntCmd(ctx, "zrem", q.lease, id))
		case placePending:
			cmds = append(cmds, redis.NewIntCmd(ctx, "lrem", q.pending, 0, id))
		default:
			cmds = append(cmds, redis.NewIntCmd(ctx, "zrem", q.scheduled, id))
		}
		cmds = append(cmds, redis.NewIntCmd(ctx, "del", q.taskPrefix+id))
	}
	_ = c.insist(ctx, cmds) // each command has its own error
	c.g.keepLeft(failed(cmds))
}

// addByScript writes new jobs after a look at whether their IDs and locks are free.
func addByScript(batch []*change, now time.Time) *request {
	q := batch[0].queue
	lease := leaseEnd(now)
	args := []any{q.taskPrefix, batch[0].op.nanos, lease}
	for _, ch := range batch {
		ch.lease = lease
		known := "look"
		if ch.fresh {
			known = "new"
			if ch.again {
				known = "again"
			}
		}
		args = append(args, ch.op.id, ch.op.msg, ch.place, ch.op.at, ch.op.uniqueKey, strconv.FormatInt(ch.op.uniqueTTL, 10), known)
	}
	return &request{script: addScript, keys: []string{q.pending, q.active, q.lease, q.scheduled}, args: args, changes: batch}
}
