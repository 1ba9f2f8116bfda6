package thrift

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// presence is when the entries of this process's servers and schedulers were written, by their keys.
type presence struct {
	mu      sync.Mutex
	written map[string]entry
}

type entry struct {
	at     time.Time
	listed time.Time // when its name was listed
	pairs  int       // how many jobs or schedules it has
}

// listInterval is how often names are listed. What asynq shows of a name whose entry is gone is nothing, so that a name
// may stay longer than its entry. A scheduler's entries are written no more often either: all that changes in them is when each
// schedule comes next.
const listInterval = 12 * time.Hour

// present writes the entry of a server or a scheduler when the last one is old, with a time to live that fits. Between, it
// answers as if it had been written.
func (g *Governor) present(ctx context.Context, cmd redis.Cmder, op *operation) error {
	now := time.Now()
	g.presence.mu.Lock()
	last, ok := g.presence.written[op.member]
	g.presence.mu.Unlock()
	interval := g.cfg.HeartbeatInterval
	if op.kind == entries {
		interval = max(interval, listInterval)
	}
	fresh := ok && now.Sub(last.at) < interval
	if op.kind == entries {
		fresh = fresh && last.pairs == len(op.pairs) // a schedule that was added or removed is shown at once
	}
	g.mu.Lock()
	failing := g.breaker.open()
	g.mu.Unlock()
	if fresh || failing {
		return reply(cmd, "OK")
	}
	next := entry{at: now, listed: last.listed, pairs: len(op.pairs)}
	list := now.Sub(last.listed) >= listInterval || op.kind == serverState && last.pairs == 0 && next.pairs > 0
	if list {
		next.listed = now
	}
	p := presenceWriter{pipe: g.redis.Pipeline(), op: op, list: list, now: now, ttl: 2 * interval}
	if op.kind == serverState {
		p.server(ctx, last.pairs > 0)
	} else {
		p.scheduler(ctx)
	}
	if err := exec(ctx, p.pipe, "presence"); err != nil {
		return err
	}
	g.presence.mu.Lock()
	g.presence.written[op.member] = next
	g.presence.mu.Unlock()
	return reply(cmd, "OK")
}

// presenceWriter writes one entry.
type presenceWriter struct {
	pipe redis.Pipeliner
	op   *operation
	list bool // list the name, too
	now  time.Time
	ttl  time.Duration
}

// name lists a name.
func (p *presenceWriter) name(ctx context.Context, set, member string) {
	if p.list {
		p.pipe.ZAdd(ctx, set, redis.Z{Score: float64(p.now.Add(listInterval + p.ttl).Unix()), Member: member})
	}
}

// server writes a server's entry and, when there are or were some, its running jobs.
func (p *presenceWriter) server(ctx context.Context, hadJobs bool) {
	p.name(ctx, allServers, p.op.member)
	p.pipe.Set(ctx, p.op.member, p.op.info, p.ttl)
	workers := workersOf(p.op.member)
	if hadJobs {
		p.pipe.Del(ctx, workers)
	}
	if len(p.op.pairs) > 0 {
		p.name(ctx, allWorkers, workers)
		p.pipe.HSet(ctx, workers, anys(p.op.pairs)...)
		p.pipe.Expire(ctx, workers, p.ttl)
	}
}

// scheduler writes a scheduler's schedules.
func (p *presenceWriter) scheduler(ctx context.Context) {
	p.name(ctx, allSchedulers, p.op.member)
	p.pipe.Del(ctx, p.op.member)
	if len(p.op.pairs) > 0 {
		p.pipe.LPush(ctx, p.op.member, anys(p.op.pairs)...)
		p.pipe.Expire(ctx, p.op.member, p.ttl)
	}
}

func anys(list []string) []any {
	all := make([]any, len(list))
	for i, s := range list {
		all[i] = s
	}
	return all
}
