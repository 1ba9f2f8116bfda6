package thrift

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// leftInterval is how often commands that Redis refused are sent again.
	leftInterval = 5 * time.Second
	// maxLeft bounds how many are kept.
	maxLeft = 1000
)

// keepLeft keeps commands that clear something away and that Redis refused again and again: an orphan would stay for ever.
// They concern jobs that are over or were never accepted, so that it does no harm when they are sent late.
func (g *Governor) keepLeft(cmds []redis.Cmder) {
	if len(cmds) == 0 {
		return
	}
	g.mu.Lock()
	room := min(len(cmds), maxLeft-len(g.left))
	g.left = append(g.left, cmds[:room]...)
	g.mu.Unlock()
	g.pokeMaintain()
	if dropped := len(cmds) - room; dropped > 0 {
		g.cfg.Logger.Error("thrift: Redis refuses too much, orphans stay", "commands", dropped)
	}
}

// sendLeft sends them again and keeps those that are refused once more. It returns how many these are.
func (g *Governor) sendLeft(ctx context.Context) int {
	g.mu.Lock()
	cmds := g.left
	g.left = nil
	g.mu.Unlock()
	_ = g.committer.insist(ctx, cmds) // each command has its own error
	refused := failed(cmds)
	g.keepLeft(refused)
	return len(refused)
}
