package thrift_test

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"tollgate/system/thrift"
)

// tearer lets the first commands of one pipeline through, and then the process dies.
type tearer struct {
	names []string // of the pipeline's commands
	after int      // how many get through
	die   func()

	mu   sync.Mutex
	over bool
}

func (h *tearer) DialHook(next redis.DialHook) redis.DialHook          { return next }
func (h *tearer) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (h *tearer) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		var names []string
		for _, cmd := range cmds {
			names = append(names, cmd.Name())
		}
		h.mu.Lock()
		torn := !h.over && slices.Equal(names, h.names)
		h.over = h.over || torn
		h.mu.Unlock()
		if !torn {
			return next(ctx, cmds)
		}
		if h.after > 0 {
			_ = next(ctx, cmds[:h.after])
		}
		h.die()
		for _, cmd := range cmds {
			cmd.SetErr(io.ErrUnexpectedEOF)
		}
		return io.ErrUnexpectedEOF
	}
}

// A process dies between any two of the plain commands with which it writes a job. What is left of it is cleared away by a
// process that goes on, and a job that was accepted is done; once, if it had been done.
func TestProcessDiesBetweenTwoCommands(t *testing.T) {
	for _, test := range []struct {
		name     string
		names    []string
		producer bool // the process that dies only adds jobs
		accepted bool // the caller was told so
		orphans  int  // after how many commands a hash stays that nothing names; the README says so
	}{
		{name: "started where it is enqueued", names: []string{"zadd", "hset", "lpush"}},
		{name: "done", names: []string{"lrem", "del", "zrem"}, accepted: true},
		{name: "enqueued", names: []string{"hset", "lpush"}, producer: true, orphans: 1},
	} {
		for after := range len(test.names) + 1 {
			t.Run(fmt.Sprintf("%s/after %d", test.name, after), func(t *testing.T) {
				bubble(t, func(t *testing.T) {
					w := embeddedWorld(t)
					w.start("survivor", kind{level: thrift.Full, producer: false})
					w.passes(time.Second)
					p := w.start("victim", kind{level: thrift.Full, producer: test.producer})
					w.passes(time.Second)
					p.redis.AddHook(&tearer{names: test.names, after: after, die: p.crash})
					task := p.task(operation{verb: enqueueJob, queue: "alpha", id: "job", job: []act{succeed}, options: options{maxRetry: 3}})
					_, err := p.client.EnqueueContext(thrift.WithFreshID(t.Context()), task)
					require.Equal(t, test.accepted, err == nil, "accepted: %v", err)
					w.passes(5 * time.Minute)

					done := w.journal.successes("job")
					switch {
					case test.accepted && after > 0:
						require.Equal(t, 1, done, "it had been noted as done")
					case test.accepted:
						require.Positive(t, done)
					case after < len(test.names):
						require.Zero(t, done, "nobody was promised it")
					default:
						require.Equal(t, 1, done, "it was written in full")
					}
					s := w.finish([]string{"survivor"}, map[string]kind{"survivor": {level: thrift.Full}}, time.Minute)
					if after == test.orphans && test.orphans > 0 {
						require.Len(t, s.broken(), 1)
						require.Contains(t, s.hashes, "asynq:{alpha}:t:job")
						return
					}
					require.Empty(t, s.broken())
					require.Empty(t, s.hashes)
				})
			})
		}
	}
}
