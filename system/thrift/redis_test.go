package thrift_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/system/thrift"
)

// The same as TestEveryKeyIsAsPlainAsynqLeavesIt on real redis-servers, with few short sequences: each waits for the real
// clock. All levels and the plain twin run at the same time.
// No process crashes here, as asynq needs minutes to notice: see TestEveryKeyAfterCrashesOnRedis.
func TestEveryKeyIsAsPlainAsynqLeavesItOnRedis(t *testing.T) {
	const (
		seeds = 2
		steps = 5
	)
	for seed := range uint64(seeds) {
		s := settledSequence(*firstSeed+seed, false, steps)
		t.Run(fmt.Sprintf("seed-%d", s.seed), func(t *testing.T) {
			outcomes := playOnRedis(t, realTimes, s)[0]
			atEveryLevel(t, func(t *testing.T, level thrift.Level) {
				require.Empty(t, outcomes[level].differences(outcomes[plain], s.tolerance(realTimes)), "%s", s)
			})
		})
	}
}

// playOnRedis plays sequences at every level and by plain asynq, all at the same time and each on a redis-server of its own.
// It returns what each sequence came to, by level.
func playOnRedis(t *testing.T, times timing, sequences ...sequence) []map[thrift.Level]outcome {
	t.Helper()
	var all sync.WaitGroup
	var mu sync.Mutex
	outcomes := make([]map[thrift.Level]outcome, len(sequences))
	for i, s := range sequences {
		outcomes[i] = map[thrift.Level]outcome{}
		for _, level := range append([]thrift.Level{plain}, tested()...) {
			w, _ := realWorld(t)
			w.times = times
			all.Go(func() {
				o := w.play(s, s.kinds(level))
				mu.Lock()
				defer mu.Unlock()
				outcomes[i][level] = o
			})
		}
	}
	all.Wait()
	return outcomes
}

// Redis restarts while jobs flow. With its data nothing is lost; without them, what is accepted afterwards is done.
func TestRestartOfRedis(t *testing.T) {
	for _, keep := range []bool{true, false} {
		t.Run(map[bool]string{true: "with its data", false: "without"}[keep], func(t *testing.T) {
			atEveryLevel(t, func(t *testing.T, level thrift.Level) {
				w, server := realWorld(t)
				w.guard(t, func() {
					a, b := w.start("a", kind{level: level, wake: true}), w.start("b", kind{level: level, wake: true})
					outsider := w.start("outsider", kind{level: plain, producer: true})
					require.NoError(w.t, a.inspector.PauseQueue(queueNames[2])) // what it has waits for the restart
					before := w.fill(a, "before", 60)
					before = append(before, w.fill(outsider, "outside", 60)...)
					require.Len(w.t, before, 120)
					began := time.Now()
					require.NoError(w.t, server.Restart(t.Context(), keep))
					var probes []string
					for _, p := range []*process{a, b, outsider} { // go-redis may refuse to dial for a second after a failure
						require.True(w.t, w.eventually(10*time.Second, func() bool {
							probes = append(probes, w.fill(p, "probe-"+p.name+"-", 1)...)
							return len(probes) > 0 && strings.HasPrefix(probes[len(probes)-1], "probe-"+p.name)
						}), "%s can enqueue again", p.name)
					}
					require.True(w.t, w.eventually(15*time.Second, func() bool { return w.allDone(probes) }), "jobs are done again")
					t.Logf("jobs are done again %v after the restart began", time.Since(began))

					after := append(w.fill(b, "after", 30), w.fill(outsider, "later", 30)...)
					require.GreaterOrEqual(w.t, len(after), 50, "but for the first on each connection that the restart broke")
					if keep {
						require.NoError(w.t, a.inspector.UnpauseQueue(queueNames[2]))
						after = append(after, before...)
					}
					require.True(w.t, w.eventually(30*time.Second, func() bool { return len(w.lost(after)) == 0 }), "not done: %v", w.lost(after))
					for _, p := range []*process{a, b} {
						require.LessOrEqual(w.t, p.line.most(), poolSize+1, "connections of %s", p.name)
					}
				})
			})
		})
	}
}

// lost lists those of the jobs that were not done and that no lease brings back either: asynq needs minutes for that, which
// the tests in bubbles give it.
func (w *world) lost(ids []string) (all []string) {
	leased := map[string]bool{}
	for key, scores := range w.snapshot().zsets {
		if _, rest, _ := split(key); rest == "lease" {
			for id := range scores {
				leased[id] = true
			}
		}
	}
	for _, id := range ids {
		if w.journal.successes(id) == 0 && !leased[id] {
			all = append(all, id)
		}
	}
	return all
}
