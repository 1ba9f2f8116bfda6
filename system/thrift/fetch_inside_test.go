package thrift

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/engine"
)

// A fetch that is sent behind new jobs and finds fewer than it wants has found them: the queue is empty. It is not when
// Redis did not know the script that adds them, so that they were written after the fetch.
func TestFetchKnowsWhatItLeavesBehind(t *testing.T) {
	for _, test := range []struct {
		name  string
		load  []*redis.Script
		found int
	}{
		{"scripts are known", []*redis.Script{addScript, fetchScript}, 1},
		{"the one that adds is not", []*redis.Script{fetchScript}, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			e, err := engine.NewEmbedded()
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, e.Close()) })
			client := redis.NewClient(&redis.Options{
				MaxRetries: -1, Dialer: func(ctx context.Context, _, _ string) (net.Conn, error) { return e.Dial(ctx) },
			})
			t.Cleanup(func() { require.NoError(t, client.Close()) })
			for _, script := range test.load {
				require.NoError(t, script.Load(t.Context(), client).Err())
			}
			g := newGovernor(client, Config{Level: Full}.withDefaults(), false)
			t.Cleanup(func() { require.NoError(t, g.Close(t.Context())) })

			g.mu.Lock()
			q := g.queueLocked("alpha")
			q.served = true
			g.concurrency = 10
			f := g.newFetchLocked(q, 10)
			g.mu.Unlock()
			ch := g.newJob(&operation{kind: enqueue, queue: "alpha", id: "job", msg: "message", nanos: time.Now().UnixNano()}, false)
			g.committer.commit([]*change{ch}, []*fetch{f})

			require.EqualValues(t, 1, ch.result)
			require.Len(t, f.found, test.found)
			require.Equal(t, test.found == 0, q.mayHaveJobs, "the queue may have jobs")
		})
	}
}
