package thrift_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/system/thrift"
)

// held enqueues a job that holds, and returns once a process works it.
func (w *world) held(p *process, id string) {
	o := operation{verb: enqueueJob, queue: queueNames[0], id: id, job: []act{hold, succeed}}
	o.options.maxRetry, o.options.timeout = 3, "far"
	_, err := p.client.Enqueue(p.task(o))
	require.NoError(w.t, err)
	for range 60 {
		if w.journal.holder() != nil {
			return
		}
		w.passes(time.Second)
	}
	require.Fail(w.t, "the job does not start")
}

// slack is how far the end of a job's lease in Redis lies ahead.
func (w *world) slack(id string) time.Duration {
	score, err := w.observer.ZScore(context.Background(), "asynq:{"+queueNames[0]+"}:lease", id).Result()
	require.NoError(w.t, err)
	return time.Until(time.Unix(int64(score), 0))
}

// A job that runs for long keeps its lease, and no other process takes it.
func TestLongJobKeepsItsLease(t *testing.T) {
	const (
		length = 130 * time.Second
		least  = 10 * time.Second
	)
	atEveryLevel(t, func(t *testing.T, level thrift.Level) {
		bubble(t, func(t *testing.T) {
			w := embeddedWorld(t)
			w.guard(t, func() {
				a := w.start("a", kind{level: level, wake: true})
				w.start("b", kind{level: level, wake: true})
				w.start("p", kind{level: plain})
				w.held(a, "long")
				smallest := time.Hour
				for range int(length / time.Second) {
					w.passes(time.Second)
					smallest = min(smallest, w.slack("long"))
				}
				t.Logf("the lease was never less than %v ahead", smallest)
				require.GreaterOrEqual(w.t, smallest, least)
				w.journal.let()
				w.passes(5 * time.Second)
				require.Equal(w.t, map[run]int{{"long", 0}: 1}, w.journal.tries())
				require.Equal(w.t, 1, w.journal.successes("long"))
			})
		})
	})
}

// A process that Redis is gone for gives its job up before another may take it, whenever in the course of extensions and
// of the looks for lost jobs that happens.
func TestJobIsGivenUpBeforeAnotherProcessTakesIt(t *testing.T) {
	atEveryLevel(t, func(t *testing.T, level thrift.Level) {
		for late := 0 * time.Second; late < time.Minute; late += 7 * time.Second {
			bubble(t, func(t *testing.T) {
				w := embeddedWorld(t)
				w.guard(t, func() { w.loseRedis(t, level, late) })
			})
		}
	})
}

// loseRedis cuts a process off that works a job, so much later than a lease after it began, and watches what becomes of it.
func (w *world) loseRedis(t *testing.T, level thrift.Level, late time.Duration) {
	const lease = 30 * time.Second
	k := kind{level: level, wake: true}
	a := w.start("a", k)
	w.held(a, "long")
	b := w.start("b", k)
	w.passes(lease + late) // only its extension keeps the job
	require.Equal(w.t, a, w.journal.holder())

	a.line.cutOff(true)
	cut := time.Now()
	for w.journal.works(a, "long") {
		require.Less(w.t, time.Since(cut), time.Minute, "the job goes on although its lease must be over")
		w.passes(time.Second)
	}
	gone := time.Now()
	require.Zero(w.t, w.journal.tries()[run{"long", 1}], "another process has it already")
	for w.journal.successes("long") == 0 {
		require.Less(w.t, time.Since(cut), leaseRecovery, "nobody takes the job")
		w.passes(time.Second)
	}
	require.True(w.t, w.journal.startOf("long").After(gone))
	t.Logf("given up %v after Redis was gone, done by another process after %v", gone.Sub(cut), time.Since(cut))

	a.line.cutOff(false)
	w.passes(time.Minute)
	require.Equal(w.t, map[run]int{{"long", 0}: 1, {"long", 1}: 1}, w.journal.tries())
	require.True(w.t, b.isRunning())
}
