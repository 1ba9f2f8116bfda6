package thrift_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"tollgate/system/thrift"
)

// A governor that is closed leaves no goroutine and no connection, also when nothing or a broken connection went before.
func TestCloseLeavesNothingBehind(t *testing.T) {
	for _, wake := range []bool{true, false} {
		name := map[bool]string{true: "with wake-ups", false: "without"}[wake]
		t.Run(name, func(t *testing.T) {
			atEveryLevel(t, func(t *testing.T, level thrift.Level) {
				w, _ := realWorld(t)
				require.NoError(t, w.observer.Ping(t.Context()).Err())
				before := goleak.IgnoreCurrent()
				for _, use := range []func(p *process){
					func(*process) {},
					func(p *process) {
						ids := w.fill(p, "j", 50)
						require.Eventually(t, func() bool { return w.allDone(ids) }, 20*time.Second, 20*time.Millisecond)
					},
					func(p *process) {
						w.fill(p, "k", 50)
						p.line.kill()
					},
				} {
					p := w.start("worker", kind{level: level, wake: wake})
					use(p)
					p.stop()
					require.Eventually(t, func() bool { return p.line.count() == 0 }, 5*time.Second, 10*time.Millisecond,
						"connections are left open")
					goleak.VerifyNone(t, before)
				}
				w.close()
			})
		})
	}
}

// fill enqueues jobs as fast as it goes and returns the IDs of those that were accepted.
func (w *world) fill(p *process, prefix string, n int) (ids []string) {
	for i := range n {
		o := operation{verb: enqueueJob, queue: queueNames[i%len(queueNames)], id: prefix + strconv.Itoa(i), job: []act{succeed}}
		o.options.maxRetry = 25
		if _, err := p.client.Enqueue(p.task(o)); err == nil {
			ids = append(ids, o.id)
		}
	}
	return ids
}

// allDone says whether each of the jobs succeeded.
func (w *world) allDone(ids []string) bool {
	for _, id := range ids {
		if w.journal.successes(id) == 0 {
			return false
		}
	}
	return true
}
