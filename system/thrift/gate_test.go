package thrift_test

import (
	"context"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// gate notes when commands pass on their way to the Redis, and refuses all while it is shut. What goes out together counts
// once.
type gate struct {
	concerns func(redis.Cmder) bool // what is noted

	mu      sync.Mutex
	refusal error // nil while it is open
	passed  []time.Time
}

func (g *gate) DialHook(next redis.DialHook) redis.DialHook { return next }

func (g *gate) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if err := g.pass(cmd); err != nil {
			return err
		}
		return next(ctx, cmd)
	}
}

func (g *gate) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if err := g.pass(cmds...); err != nil {
			return err
		}
		return next(ctx, cmds)
	}
}

func (g *gate) pass(cmds ...redis.Cmder) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, cmd := range cmds {
		if g.concerns(cmd) {
			g.passed = append(g.passed, time.Now())
			break
		}
	}
	if g.refusal == nil {
		return nil
	}
	for _, cmd := range cmds {
		cmd.SetErr(g.refusal)
	}
	return g.refusal
}

// shut has everything refused with an error from now on; nil opens the gate.
func (g *gate) shut(refusal error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.refusal = refusal
}

// since are the pauses between what passed from a time on.
func (g *gate) since(from time.Time) (pauses []time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var last time.Time
	for _, at := range g.passed {
		if at.Before(from) {
			continue
		}
		if !last.IsZero() {
			pauses = append(pauses, at.Sub(last))
		}
		last = at
	}
	return pauses
}
