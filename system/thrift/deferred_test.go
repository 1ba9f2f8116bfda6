package thrift_test

import (
	"fmt"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"tollgate/system/thrift"
)

// The end of a job that is done is written a moment later: the job is active until then, and its worker is free.
func TestEndIsWrittenBehind(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := embeddedWorld(t)
		w.guard(t, func() {
			p := w.start("worker", kind{level: thrift.Full})
			w.passes(time.Second)
			began := time.Now()
			for i := range 3 * concurrency { // each waits for the answer to its enqueue only
				w.give(p, fmt.Sprintf("j%d", i), options{}, succeed)
				synctest.Wait()
				require.Equal(w.t, 1, w.journal.successes(fmt.Sprintf("j%d", i)), "a worker is free for job %d", i)
			}
			require.Less(w.t, time.Since(began), 10*time.Millisecond, "no worker waited")
			require.Len(w.t, w.snapshot().lists["asynq:{alpha}:active"], 3*concurrency)
			w.passes(60 * time.Millisecond)
			s := w.snapshot()
			require.Empty(w.t, s.hashes)
			require.Empty(w.t, s.lists)
		})
	})
}

// A process that stops writes what it deferred, and counts it.
func TestStopWritesWhatWasDeferred(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := embeddedWorld(t)
		w.guard(t, func() {
			p := w.start("worker", kind{level: thrift.Full})
			w.passes(time.Second)
			for i := range concurrency {
				w.give(p, fmt.Sprintf("j%d", i), options{}, succeed)
			}
			synctest.Wait()
			require.Len(w.t, w.snapshot().lists["asynq:{alpha}:active"], concurrency)
			p.stop()
			require.Empty(w.t, w.snapshot().hashes)
			n := fmt.Sprint(concurrency)
			require.Equal(w.t, [4]string{n, "", n, ""}, w.counts(time.Now()))
		})
	})
}

// A process dies while ends wait: those jobs are done again, and none is lost.
func TestProcessDiesWithDeferredEnds(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := embeddedWorld(t)
		w.guard(t, func() {
			w.start("survivor", kind{level: thrift.Full})
			p := w.start("victim", kind{level: thrift.Full})
			w.passes(time.Second)
			for i := range concurrency {
				w.give(p, fmt.Sprintf("j%d", i), options{maxRetry: 3}, succeed)
			}
			synctest.Wait()
			p.crash()
			w.passes(5 * time.Minute)
			for i := range concurrency {
				require.Equal(w.t, 2, w.journal.successes(fmt.Sprintf("j%d", i)))
			}
			require.Empty(w.t, w.snapshot().hashes)
		})
	})
}

// A deferred end that cannot be sent is written when Redis is there again, and the job is not done a second time. When Redis
// is away for longer than the lease, the job is done again.
func TestDeferredEndOutlastsAnOutage(t *testing.T) {
	for _, test := range []struct {
		outage time.Duration
		runs   int
	}{{time.Second, 1}, {15 * time.Second, 1}, {2 * time.Minute, 2}} {
		t.Run(test.outage.String(), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				w := embeddedWorld(t)
				w.guard(t, func() {
					p := w.start("worker", kind{level: thrift.Full})
					w.passes(time.Second)
					g := &gate{concerns: func(redis.Cmder) bool { return false }}
					p.redis.AddHook(g)
					w.give(p, "job", options{maxRetry: 3}, succeed)
					synctest.Wait()
					g.shut(io.ErrUnexpectedEOF)
					w.passes(test.outage)
					require.Equal(w.t, 1, w.journal.successes("job"))
					require.Contains(w.t, w.snapshot().hashes, "asynq:{alpha}:t:job")
					g.shut(nil)
					if test.runs == 1 {
						w.passes(15 * time.Second)
						require.Empty(w.t, w.snapshot().hashes)
					}
					w.passes(5 * time.Minute)
					require.Equal(w.t, test.runs, w.journal.successes("job"))
					require.Empty(w.t, w.snapshot().hashes)
					require.Empty(w.t, w.snapshot().broken())
				})
			})
		})
	}
}
