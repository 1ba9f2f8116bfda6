package thrift

import "time"

// maxUnwritten bounds the jobs that are over for asynq and not yet for Redis: those that a crash has done again.
const maxUnwritten = 2 * maxHeld

// mayDeferLocked says whether asynq may be told that a job is done before that is written, so that its worker need not wait.
func (g *Governor) mayDeferLocked() bool {
	return g.full() && !g.draining && !g.breaker.open() && g.unwritten < maxUnwritten
}

// deferLocked frees the worker of a job that is done, and has that written within a moment, with that of others.
func (g *Governor) deferLocked(ch *change, j job) {
	ch.deferred, j.over = true, true
	g.running[j.id] = j
	g.unwritten++
	g.pace.ended(time.Now())
	g.committer.hold(ch)
	g.fetchLocked()
}

// forgetLocked forgets a job of this process.
func (g *Governor) forgetLocked(id string) {
	if g.running[id].over {
		g.unwritten--
	}
	delete(g.running, id)
}

// lateLocked keeps a deferred change that could not be written. It is tried again while the lease of its job lasts, as asynq
// does with those of which it knows: afterwards another process may have the job.
func (g *Governor) lateLocked(ch *change) {
	g.failLocked("done", ch.err)
	if g.draining || len(g.late) == maxLeft {
		g.giveUp(ch)
		return
	}
	again := newChange(ch.queue, ch.op, ch.place)
	again.ends, again.own, again.waited, again.lease, again.err = true, ch.own, ch.waited, ch.lease, ch.err
	again.again, again.deferred = true, true
	g.late = append(g.late, again)
}

// takeLateLocked gives those changes to be sent again.
func (g *Governor) takeLateLocked(now time.Time) (late []*change) {
	for _, ch := range g.late {
		if ch.lease <= now.Unix() {
			g.giveUp(ch)
			continue
		}
		ch.err = nil
		late = append(late, ch)
	}
	g.late = nil
	return late
}

// giveUp leaves a job that is done to the end of its lease.
func (g *Governor) giveUp(ch *change) {
	g.cfg.Logger.Warn("thrift: that a job is done could not be written, it will be done again",
		"queue", ch.queue.name, "id", ch.op.id, "error", ch.err)
}

// written waits until nothing is deferred any more, as long as a commit may take at most. It is called when nothing more is
// deferred and what fails is given up.
func (g *Governor) written() {
	g.committer.sendHeld()
	for {
		g.mu.Lock()
		unwritten, changed := g.unwritten, g.changed
		g.mu.Unlock()
		if unwritten == 0 {
			return
		}
		<-changed
	}
}
