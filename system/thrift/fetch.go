package thrift

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// maxWait bounds how long a look at the queues waits for jobs. asynq reads the clock for a job's lease before it asks, so
	// that this is also how much of the lease may be gone when the job is handed over.
	maxWait = 5 * time.Second
	// maxReady bounds how long a job waits for a worker of this process before it goes back to its queue.
	maxReady = 10 * time.Second
	// minFetch is how many jobs of one queue are asked for before another queue gets its turn: a fetch of one costs six
	// commands, each further job two.
	minFetch = 8
)

// dequeue answers asynq's look at one queue. It returns at once when another queue of this process has something, since
// asynq looks at one queue after the other, and waits when none has.
func (g *Governor) dequeue(ctx context.Context, cmd redis.Cmder, op *operation) error {
	var end *time.Timer
	for {
		g.mu.Lock()
		g.polled = true
		q := g.queueLocked(op.queue)
		if !g.draining {
			if j, ok := q.next(); ok {
				g.running[j.id] = j
				g.fetchLocked()
				g.mu.Unlock()
				g.at(FailBeforeStart)
				return reply(cmd, j.message)
			}
			if q.open() && !g.breaker.open() && !g.lean() {
				generation := q.generation
				g.mu.Unlock()
				return g.dequeuePlainly(ctx, cmd, q, generation)
			}
			g.askLocked(q)
		}
		over, changed := g.draining || g.elsewhereLocked(q), g.changed
		if end == nil && !g.looks.mayWait(q.pending) {
			over = true
		}
		g.mu.Unlock()
		if over {
			return replyNil(cmd)
		}
		if end == nil {
			end = time.NewTimer(maxWait)
			defer end.Stop()
		}
		if !g.waitFor(ctx, changed, end.C, never, time.Now()) {
			g.mu.Lock()
			g.looks.waited()
			g.mu.Unlock()
			return replyNil(cmd)
		}
	}
}

// askLocked has jobs fetched: at level Lean one of the queue that asynq looks at.
func (g *Governor) askLocked(q *queue) {
	switch {
	case g.full():
		g.fetchLocked()
	case g.lean() && q.open() && !q.fetching && !g.breaker.open():
		g.committer.submit(nil, []*fetch{g.newFetchLocked(q, 1)})
	}
}

// elsewhereLocked says whether asynq had better look on: another queue has jobs.
func (g *Governor) elsewhereLocked(q *queue) bool {
	if len(q.ready) == 0 && q.fetching && !g.full() {
		return false
	}
	for _, other := range g.order {
		switch {
		case other == q:
		case len(other.ready) > 0:
			return true
		case !g.full() && other.open() && !g.breaker.open():
			return true
		}
	}
	return false
}

// dequeuePlainly is asynq's own dequeue.
func (g *Governor) dequeuePlainly(ctx context.Context, cmd redis.Cmder, q *queue, generation uint64) error {
	err := g.pass(ctx, cmd)
	switch {
	case errors.Is(err, redis.Nil):
		g.mu.Lock()
		if q.generation == generation {
			q.mayHaveJobs = false
		}
		g.mu.Unlock()
	case noScript(err): // asynq sends the text then
	case err != nil:
		g.fail("dequeue", err)
		cmd.SetErr(nil)
		return replyNil(cmd)
	}
	return err
}

// fetchLocked asks for jobs of the queues that may have some, as many as there are workers free, and more when jobs end
// quickly. While some are ready it waits until a number is worth asking for.
func (g *Governor) fetchLocked() {
	if !g.full() || !g.polled || g.draining || g.breaker.open() {
		return
	}
	ahead := g.aheadLocked()
	budget := g.freeLocked() + ahead
	var open []*queue
	ready := 0
	for i := range g.order {
		q := g.order[(g.turn+i)%len(g.order)] // each queue comes first in its turn
		ready += len(q.ready)
		if q.open() && !q.fetching {
			open = append(open, q)
		}
	}
	if len(open) == 0 || ready > 0 && budget < (g.concurrency+ahead)/4 {
		return
	}
	share := max(minFetch, budget/len(open), ahead/4)
	var fetches []*fetch
	for _, q := range open {
		wanted := min(share, budget, maxBatch)
		if wanted < 1 {
			break
		}
		budget -= wanted
		fetches = append(fetches, g.newFetchLocked(q, wanted))
	}
	g.turn += len(fetches)
	g.committer.submit(nil, fetches)
}

// aheadLocked is how many jobs may wait for a worker of this process, as their turn comes soon.
func (g *Governor) aheadLocked() int { return g.pace.ahead(time.Now(), 4*g.concurrency) }

func (g *Governor) newFetchLocked(q *queue, wanted int) *fetch {
	q.fetching = true
	g.reserved += wanted
	return &fetch{queue: q, wanted: wanted}
}

// sending notes what is known when fetches are sent, together with changes: what comes into a queue later is not in it.
func (g *Governor) sending(fetches []*fetch, changes []*change) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, f := range fetches {
		f.generation, f.messages = f.queue.generation, len(f.queue.own) == 0
	}
	for _, ch := range changes {
		ch.sentWith = nil
		for _, f := range fetches {
			if f.queue == ch.queue {
				ch.sentWith = f
			}
		}
	}
}

func fetchRequest(f *fetch, now time.Time) *request {
	q := f.queue
	f.lease = leaseEnd(now)
	messages := ""
	if f.messages {
		messages = "messages"
	}
	return &request{
		script: fetchScript, keys: []string{q.pending, q.paused, q.active, q.lease},
		args: []any{f.wanted, f.lease, q.taskPrefix, messages}, fetch: f,
	}
}

// fetched makes the jobs of a fetch ready.
func (g *Governor) fetched(f *fetch) {
	if f.err != nil {
		g.mu.Lock()
		f.queue.fetching = false
		g.reserved -= f.wanted
		if broken(f.err) { // jobs may have been moved: their leases tell
			earlier(&f.queue.leaseAt, leaseEnd(time.Now()))
		}
		g.mu.Unlock()
		g.fail("dequeue", f.err)
		return
	}
	g.completeMessages(f)
	g.mu.Lock()
	defer g.mu.Unlock()
	q := f.queue
	q.fetching = false
	g.reserved -= f.wanted
	switch {
	case f.paused:
		q.isPaused = true
	case len(f.found) < f.wanted && q.generation == f.generation:
		q.mayHaveJobs = false
		g.forgetOwnLocked(q)
	}
	for _, j := range f.found {
		if j.message != "" {
			q.ready = append(q.ready, j)
		} else {
			g.cfg.Logger.Error("thrift: a pending job has no message", "queue", q.name, "id", j.id)
		}
	}
	g.drainLocked()
	g.fetchLocked()
	g.changedLocked()
	g.pokeMaintain()
}

// completeMessages finds the messages of the jobs that came without: those that this process enqueued are known.
func (g *Governor) completeMessages(f *fetch) {
	if f.messages {
		return
	}
	g.mu.Lock()
	var missing []*job
	for i := range f.found {
		j := &f.found[i]
		if j.message = g.recallLocked(f.queue, j.id); j.message == "" {
			missing = append(missing, j)
		}
	}
	g.mu.Unlock()
	if len(missing) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), commitTimeout)
	defer cancel()
	for attempt := 1; ; attempt++ {
		pipe := g.redis.Pipeline()
		cmds := make([]*redis.StringCmd, len(missing))
		for i, j := range missing {
			cmds[i] = pipe.HGet(ctx, f.queue.taskPrefix+j.id, "msg")
		}
		_, err := pipe.Exec(ctx)
		for i, j := range missing {
			j.message = cmds[i].Val()
		}
		if !broken(err) || attempt == maxAttempts || !g.sleep(ctx, retryBackoff(attempt)) {
			return
		}
	}
}

// giveBackLocked takes those of the ready jobs that match.
func (g *Governor) giveBackLocked(match func(job) bool) []*change {
	var back []*change
	for _, q := range g.order {
		kept := q.ready[:0]
		for _, j := range q.ready {
			if !match(j) {
				kept = append(kept, j)
				continue
			}
			ch := newChange(q, &operation{kind: requeue, queue: q.name, id: j.id}, placePending)
			ch.ends, ch.own, ch.waited, ch.lease = true, true, j.waited, j.lease
			back = append(back, ch)
		}
		clear(q.ready[len(kept):])
		q.ready = kept
	}
	return back
}

// drainLocked sends back what became ready too late.
func (g *Governor) drainLocked() {
	if g.draining {
		g.at(FailBeforeReturn)
		g.committer.submit(g.giveBackLocked(func(job) bool { return true }), nil)
	}
}
