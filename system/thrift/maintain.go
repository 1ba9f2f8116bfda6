package thrift

import (
	"context"
	"time"
)

const (
	// surveyTimeout bounds one survey.
	surveyTimeout = 20 * time.Second
	// lostInterval is how often jobs whose lease has ended are looked for among those of this process.
	lostInterval = 10 * time.Second
)

// maintain does what is to be done at a time, until Close.
func (g *Governor) maintain() {
	var flushAt, lostAt, leftAt time.Time
	for g.closing.Err() == nil {
		now := time.Now()
		g.mu.Lock()
		if len(g.counters) == 0 {
			flushAt = time.Time{}
		} else if flushAt.IsZero() {
			flushAt = now.Add(g.cfg.StatisticsInterval)
		}
		if len(g.running) == 0 {
			lostAt = time.Time{}
		} else if lostAt.IsZero() {
			lostAt = now.Add(lostInterval)
		}
		if len(g.left)+len(g.late) == 0 || g.breaker.open() {
			leftAt = time.Time{}
		} else if leftAt.IsZero() {
			leftAt = now.Add(leftInterval)
		}
		surveyAt := g.surveyAtLocked()
		returnAt := g.returnAtLocked()
		g.mu.Unlock()

		switch {
		case reached(surveyAt, now):
			g.look(now)
		case reached(flushAt, now):
			g.flushOnTime()
			flushAt = time.Time{}
		case reached(returnAt, now):
			g.returnUnstarted(now)
		case reached(lostAt, now):
			g.mu.Lock()
			g.forgetLostLocked(now)
			g.mu.Unlock()
			lostAt = time.Time{}
		case reached(leftAt, now):
			g.mu.Lock()
			late := g.takeLateLocked(now)
			g.mu.Unlock()
			g.committer.submit(late, nil)
			ctx, cancel := context.WithTimeout(g.closing, surveyTimeout)
			g.sendLeft(ctx)
			cancel()
			leftAt = time.Time{}
		default:
			g.idle(first(surveyAt, flushAt, returnAt, lostAt, leftAt))
		}
	}
}

// idle waits for a time, for something new to consider, or for the end.
func (g *Governor) idle(until time.Time) {
	var due <-chan time.Time
	if !until.IsZero() {
		timer := time.NewTimer(time.Until(until))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-due:
	case <-g.poke:
	case <-g.closing.Done():
	}
}

// surveyAtLocked is when to look at Redis next; never for a process that only adds jobs.
func (g *Governor) surveyAtLocked() time.Time {
	switch {
	case g.breaker.open():
		return g.breaker.until
	case len(g.order) == 0 || g.draining:
		return time.Time{}
	}
	return first(g.nextSurvey, g.nextFull)
}

// look is a survey, or the probe of a Redis that failed.
func (g *Governor) look(now time.Time) {
	g.mu.Lock()
	failing := g.breaker.open()
	full := reached(g.nextFull, now) || !g.surveyed || failing
	g.mu.Unlock()
	ctx, cancel := context.WithTimeout(g.closing, surveyTimeout)
	defer cancel()
	var err error
	if failing { // one command tells whether the rest is worth sending
		err = g.redis.Exists(ctx, allServers).Err()
	}
	switch {
	case err != nil:
	case full:
		err = g.fullSurvey(ctx)
	default:
		err = g.survey(ctx)
	}
	if err != nil {
		if g.closing.Err() == nil {
			g.fail("survey", err)
		}
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.surveyed = true
	g.nextSurvey = time.Now().Add(g.cfg.SurveyInterval)
	if full {
		g.lastFull = time.Now()
		g.nextFull = g.lastFull.Add(g.cfg.FullSurveyInterval)
	}
	if g.breaker.reset() {
		g.cfg.Logger.Info("thrift: Redis answers again")
	}
	g.fetchLocked()
	g.changedLocked()
}

// flushOnTime writes statistics; what fails is tried again next time.
func (g *Governor) flushOnTime() {
	ctx, cancel := context.WithTimeout(g.closing, surveyTimeout)
	defer cancel()
	if err := g.flushStatistics(ctx); err != nil {
		g.cfg.Logger.Warn("thrift: statistics were not written", "error", err)
	}
}

// returnAtLocked is when a ready job has waited too long for a worker.
func (g *Governor) returnAtLocked() (at time.Time) {
	for _, q := range g.order {
		if len(q.ready) > 0 {
			at = first(at, q.ready[0].taken.Add(maxReady))
		}
	}
	return at
}

// returnUnstarted puts jobs back that no worker of this process got to.
func (g *Governor) returnUnstarted(now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	back := g.giveBackLocked(func(j job) bool { return !now.Before(j.taken.Add(maxReady)) })
	g.at(FailBeforeReturn)
	g.committer.submit(back, nil)
}

// reached says whether a time that is set has come.
func reached(at, now time.Time) bool { return !at.IsZero() && !now.Before(at) }

// first is the earliest of the times that are set.
func first(times ...time.Time) (least time.Time) {
	for _, t := range times {
		if least.IsZero() || !t.IsZero() && t.Before(least) {
			least = t
		}
	}
	return least
}
