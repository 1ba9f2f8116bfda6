package thrift

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"
)

// aspect is one kind of key of a queue, of which the survey asks whether it is there.
type aspect struct {
	key      func(*queue) string
	expected func(*queue) bool                // what is known says that it may be there: governor's mutex held
	found    func(q *queue, there, news bool) // news: something came into the queue meanwhile; mutex held
	first    func(*queue) *int64              // of a sorted set whose lowest score matters: where that is kept
	holds    func(*Governor, *queue) int      // of leases: how many are this process's own
	watched  bool                             // what is expected is looked at in each survey, as others may change it
}

var aspects = []aspect{
	{
		key:      func(q *queue) string { return q.pending },
		expected: func(q *queue) bool { return q.mayHaveJobs },
		found: func(q *queue, there, _ bool) {
			if there {
				q.added()
			}
		},
	},
	{
		// A queue that is paused or goes on meanwhile counts as new jobs, so that this is not taken over then.
		key:      func(q *queue) string { return q.paused },
		expected: func(q *queue) bool { return q.isPaused },
		found: func(q *queue, there, news bool) {
			if news {
				return
			}
			if q.isPaused && !there {
				q.added()
			}
			q.isPaused = there
		},
		watched: true,
	},
	{
		key:      func(q *queue) string { return q.groups },
		expected: func(q *queue) bool { return q.mayHaveGroups },
		found:    func(q *queue, there, _ bool) { q.mayHaveGroups = q.mayHaveGroups || there },
	},
	{
		key:      func(q *queue) string { return q.sets },
		expected: func(q *queue) bool { return q.mayHaveSets },
		found:    func(q *queue, there, _ bool) { q.mayHaveSets = q.mayHaveSets || there },
	},
	{
		key:      func(q *queue) string { return q.scheduled },
		expected: func(q *queue) bool { return q.scheduledAt != never },
		first:    func(q *queue) *int64 { return &q.scheduledAt },
		watched:  true,
	},
	{
		key:      func(q *queue) string { return q.retry },
		expected: func(q *queue) bool { return q.retryAt != never },
		first:    func(q *queue) *int64 { return &q.retryAt },
		watched:  true,
	},
	{
		key:      func(q *queue) string { return q.completed },
		expected: func(q *queue) bool { return q.completedAt != never },
		first:    func(q *queue) *int64 { return &q.completedAt },
	},
	{
		key:      func(q *queue) string { return q.lease },
		expected: func(q *queue) bool { return q.leaseAt != never },
		first:    func(q *queue) *int64 { return &q.leaseAt },
		holds:    (*Governor).heldLocked,
		watched:  true,
	},
}

// heldLocked is how many jobs of a queue this process has a lease for.
func (g *Governor) heldLocked(q *queue) int {
	held := len(q.ready) + g.reserved // those on their way may have one
	for _, j := range g.running {
		if j.queue == q {
			held++
		}
	}
	return held
}

// survey compares what is known with Redis: one command for all queues while nothing is there that is not known of. What
// is known to be in use is looked at by itself where somebody else may have put something earlier into it: paused queues,
// delayed jobs and leases.
func (g *Governor) survey(ctx context.Context) error {
	g.mu.Lock()
	var unexpected [][]string // by queue
	var watched []*look
	for _, q := range g.order {
		var keys []string
		for i := range aspects {
			a := &aspects[i]
			held := a.holds != nil && a.holds(g, q) > 0
			switch {
			case !a.expected(q) && !held:
				keys = append(keys, a.key(q))
			case a.watched:
				watched = append(watched, g.newLookLocked(q, a))
			}
		}
		unexpected = append(unexpected, keys)
	}
	g.mu.Unlock()
	if !g.split {
		unexpected = [][]string{slices.Concat(unexpected...)}
	}
	pipe := g.redis.Pipeline()
	var counts []*redis.IntCmd
	for _, keys := range unexpected {
		if len(keys) > 0 {
			counts = append(counts, pipe.Exists(ctx, keys...))
		}
	}
	for _, l := range watched {
		l.queueInto(ctx, pipe)
	}
	if err := exec(ctx, pipe, "survey"); err != nil {
		return err
	}
	g.noteLooks(watched)
	for _, count := range counts {
		if count.Val() > 0 {
			return g.fullSurvey(ctx)
		}
	}
	return nil
}

// fullSurvey learns everything anew: which kinds of keys exist at all, then which queues have them.
func (g *Governor) fullSurvey(ctx context.Context) error {
	pipe := g.redis.Pipeline()
	counts := make([][]*redis.IntCmd, len(aspects))
	for i, a := range aspects {
		var keys [][]string
		for _, q := range g.order {
			keys = append(keys, []string{a.key(q)})
		}
		if !g.split {
			keys = [][]string{slices.Concat(keys...)}
		}
		for _, k := range keys {
			counts[i] = append(counts[i], pipe.Exists(ctx, k...))
		}
	}
	if err := exec(ctx, pipe, "full survey"); err != nil {
		return err
	}
	pipe = g.redis.Pipeline()
	var looks []*look
	g.mu.Lock()
	for i := range aspects {
		there := int64(0)
		for _, count := range counts[i] {
			there += count.Val()
		}
		for _, q := range g.order {
			l := g.newLookLocked(q, &aspects[i])
			if there > 0 {
				l.queueInto(ctx, pipe)
			}
			looks = append(looks, l)
		}
	}
	g.mu.Unlock()
	if err := exec(ctx, pipe, "full survey"); err != nil {
		return err
	}
	g.noteLooks(looks)
	return nil
}

// look asks for one key of one queue.
type look struct {
	queue      *queue
	aspect     *aspect
	held       int
	generation uint64
	exists     *redis.IntCmd
	scores     *redis.ZSliceCmd
}

func (g *Governor) newLookLocked(q *queue, a *aspect) *look {
	l := &look{queue: q, aspect: a, generation: q.generation}
	if a.holds != nil {
		l.held = a.holds(g, q)
	}
	return l
}

func (l *look) queueInto(ctx context.Context, pipe redis.Pipeliner) {
	if l.aspect.first != nil {
		l.scores = pipe.ZRangeWithScores(ctx, l.aspect.key(l.queue), 0, int64(l.held))
		return
	}
	l.exists = pipe.Exists(ctx, l.aspect.key(l.queue))
}

// noteLooks takes over what was seen. Times are only lowered: what others noted meanwhile is kept, and a time that is too
// early costs one look.
func (g *Governor) noteLooks(looks []*look) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, l := range looks {
		switch {
		case l.aspect.found != nil:
			l.aspect.found(l.queue, l.exists != nil && l.exists.Val() > 0, l.queue.generation != l.generation)
		case l.scores != nil:
			for _, z := range l.scores.Val() {
				id, _ := z.Member.(string)
				if _, ours := g.running[id]; l.aspect.holds != nil && ours {
					continue
				}
				earlier(l.aspect.first(l.queue), wholeSeconds(z.Score))
				break
			}
		}
	}
	g.fetchLocked()
	g.changedLocked()
}

// exec runs a pipeline; the error is the first of any command.
func exec(ctx context.Context, pipe redis.Pipeliner, what string) error {
	if pipe.Len() == 0 {
		return nil
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("thrift: %s: %w", what, err)
	}
	return nil
}

// minFullSurvey is the least time between two full surveys that a subscription asks for.
const minFullSurvey = 5 * time.Second

// distrust has everything surveyed anew: the connection on which others tell of their jobs was away.
func (g *Governor) distrust() {
	g.mu.Lock()
	g.nextFull = g.lastFull.Add(minFullSurvey)
	if now := time.Now(); g.nextFull.Before(now) {
		g.nextFull = now
	}
	g.mu.Unlock()
	g.pokeMaintain()
}
