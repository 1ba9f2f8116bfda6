package thrift

import (
	"context"

	"github.com/redis/go-redis/v9"
)

// process serves one command of asynq.
func (g *Governor) process(ctx context.Context, cmd redis.Cmder) error {
	var op operation
	if !g.blind {
		op = recognize(cmd)
	}
	err := g.serve(ctx, cmd, &op)
	if err != nil && cmd.Err() == nil {
		cmd.SetErr(err)
	}
	return err
}

func (g *Governor) serve(ctx context.Context, cmd redis.Cmder, op *operation) error {
	switch op.kind {
	case dequeue:
		return g.dequeue(ctx, cmd, op)
	case enqueue, schedule:
		if g.lean() {
			return g.add(ctx, cmd, op)
		}
	case done, complete, retry, archive, requeue:
		if g.lean() {
			return g.finish(ctx, cmd, op)
		}
	case forward:
		return g.forward(ctx, cmd, op)
	case deleteExpired:
		return g.deleteExpired(ctx, cmd, op)
	case listExpired:
		return g.listExpired(ctx, cmd, op)
	case reclaim:
		return g.reclaim(ctx, cmd, op)
	case extendLease:
		return g.extendLease(ctx, cmd, op)
	case listGroups:
		return g.listGroups(ctx, cmd, op)
	case addQueue:
		return g.listQueue(ctx, cmd, op)
	case listServer, listWorkers, listScheduler:
		return reply(cmd, int64(0)) // written with what it lists
	case serverState, entries:
		return g.present(ctx, cmd, op)
	case recordTick:
		if g.lean() {
			return g.recordTick(ctx, cmd, op)
		}
	case cancelJob:
		if g.listener == nil { // else it comes back that way
			g.cancelled(op.id)
		}
	}
	return g.observe(ctx, cmd, op)
}

// observe sends a command as it is and learns from it.
func (g *Governor) observe(ctx context.Context, cmd redis.Cmder, op *operation) error {
	err := g.pass(ctx, cmd)
	if op.queue == "" || err != nil && !broken(err) {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	q := g.queueLocked(op.queue)
	switch op.kind {
	case enqueue, requeue, inspect:
		q.added()
		q.listed = q.listed && op.kind != inspect // the queue may have been removed
		g.waker.note(q.name, wakeJobs, 0)
	case schedule:
		earlier(&q.scheduledAt, op.at)
		g.waker.note(q.name, wakeDue, op.at)
	case retry:
		earlier(&q.retryAt, op.at)
	case complete:
		earlier(&q.completedAt, op.at)
	case addToGroup:
		q.mayHaveGroups = true
		g.waker.note(q.name, wakeGroups, 0)
	case aggregate:
		q.mayHaveSets = true
	case pause:
		q.isPaused = true
		q.generation++
		g.waker.note(q.name, wakePaused, 0)
	case unpause:
		q.isPaused = false
		q.added()
		g.waker.note(q.name, wakeUnpaused, 0)
	default:
		return err
	}
	g.changedLocked()
	return err
}

// listQueue adds a queue's name to asynq's queues, once: each of asynq's clients and servers does it, and all that come at
// the same time.
func (g *Governor) listQueue(ctx context.Context, cmd redis.Cmder, op *operation) error {
	for {
		g.mu.Lock()
		q := g.queueLocked(op.queue)
		listed, listing := q.listed, q.listing
		if !listed && listing == nil {
			q.listing = make(chan struct{})
		}
		g.mu.Unlock()
		switch {
		case listed:
			return reply(cmd, int64(0))
		case listing == nil:
			err := g.pass(ctx, cmd)
			g.mu.Lock()
			close(q.listing)
			q.listing, q.listed = nil, err == nil
			g.mu.Unlock()
			return err
		}
		select {
		case <-listing:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// reply answers a command without Redis.
func reply(cmd redis.Cmder, value any) error {
	switch c := cmd.(type) {
	case *redis.Cmd:
		c.SetVal(value)
	case *redis.IntCmd:
		n, _ := value.(int64)
		c.SetVal(n)
	case *redis.StringSliceCmd:
		list, _ := value.([]string)
		c.SetVal(list)
	}
	return nil
}

// replyNil answers a command with the absence of a value.
func replyNil(cmd redis.Cmder) error {
	cmd.SetErr(redis.Nil)
	return redis.Nil
}

// woken takes over what another process tells.
func (g *Governor) woken(w wakeUp) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for name, news := range w {
		q, ok := g.queues[name]
		if !ok || !q.served {
			continue
		}
		if news.Due != 0 { // of a scheduled or of a retried job: a look that finds nothing corrects the other
			earlier(&q.scheduledAt, news.Due)
			earlier(&q.retryAt, news.Due)
		}
		q.mayHaveGroups = q.mayHaveGroups || news.Groups
		switch news.Pause {
		case pausePaused:
			q.isPaused = true
			q.generation++
		case pauseUnpaused:
			q.isPaused = false
			q.added()
		}
		if news.Jobs {
			q.added()
		}
	}
	g.fetchLocked()
	g.changedLocked()
}

// cancelled hands a cancellation from another process to asynq's servers in this one.
func (g *Governor) cancelled(id string) { g.board.publish(cancelChannel, id) }
