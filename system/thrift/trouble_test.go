package thrift_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
	"tollgate/fakes/upstash"
	"tollgate/fakes/upstash/faults"
	"tollgate/system/thrift"
)

// troubled is a world on the fake Upstash, which can be made to fail.
type troubled struct {
	*world
	fake *upstash.Server
}

// troubledWorld makes one, in a bubble. Close it.
func troubledWorld(t *testing.T) *troubled {
	network := memnet.New()
	server, err := upstash.Start(t.Context(), upstash.Config{Network: network, RESPAddr: "127.0.0.1:0"})
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, server.Close())
		require.NoError(t, network.Close())
	})
	return &troubled{fake: server, world: newWorld(t, virtualTimes, func(ctx context.Context) (net.Conn, error) {
		return network.DialContext(ctx, "tcp", server.RESPAddr())
	})}
}

// fault switches one on.
func (w *troubled) fault(spec string) {
	parsed, err := faults.ParseSpec(spec)
	require.NoError(w.t, err)
	_, err = w.fake.Faults().Add(parsed)
	require.NoError(w.t, err)
}

// flow enqueues a job at each interval for a while and returns what was accepted, with the time of it.
func (w *world) flow(prefix string, during, every time.Duration, by ...*process) map[string]time.Time {
	accepted := map[string]time.Time{}
	for i := range int(during / every) {
		o := operation{verb: enqueueJob, queue: queueNames[i%len(queueNames)], id: fmt.Sprintf("%s%d", prefix, i), job: []act{succeed}}
		o.options.maxRetry = 25
		p := by[i%len(by)]
		if _, err := p.client.Enqueue(p.task(o)); err == nil {
			accepted[o.id] = time.Now()
		}
		w.passes(every)
	}
	return accepted
}

// await waits until all of these jobs were done, and says how long the slowest took since it was accepted, or since the
// trouble was over where that is later.
func (w *world) await(accepted map[string]time.Time, over time.Time, bound time.Duration) (slowest time.Duration) {
	limit := time.Now().Add(bound)
	for id, at := range accepted {
		for w.journal.successes(id) == 0 {
			require.True(w.t, time.Now().Before(limit), "%s was accepted %v after the start and is not done %v after the trouble",
				id, at.Sub(w.began), time.Since(over))
			w.passes(100 * time.Millisecond)
		}
		if at.Before(over) {
			at = over
		}
		slowest = max(slowest, w.journal.endOf(id).Sub(at))
	}
	return slowest
}

// leaseRecovery is how long asynq takes to find that a job's worker lost it: the lease, its grace, the look each minute,
// and then the retry. It is so for plain asynq too.
const leaseRecovery = 3 * time.Minute

// Trouble comes and goes while jobs flow. Every accepted job is done, soon after, and connections stay within their bound.
func TestTroubleForgetsNoJob(t *testing.T) {
	pickup := virtualTimes.survey + 2*virtualTimes.forward // until a job that nobody told of is found
	for _, trouble := range []struct {
		name    string
		cause   func(w *troubled) // for half a minute from now
		losses  bool              // an answer may be lost after its command was run: the lease has to find the job
		refuses bool              // some jobs are not accepted
	}{
		{name: "none", cause: func(*troubled) {}},
		{name: "wake-ups lost", cause: func(w *troubled) {
			for _, p := range w.processes {
				p.line.deaf.Store(true)
				time.AfterFunc(30*time.Second, func() { p.line.deaf.Store(false) })
			}
		}},
		{name: "wake-ups refused", cause: func(w *troubled) { w.fault("error,text=ERR no publishing today,command=PUBLISH,for=30s") }},
		{name: "connections killed", losses: true, refuses: true, cause: func(w *troubled) {
			random := rand.New(rand.NewPCG(1, 1))
			for at := time.Duration(0); at < 30*time.Second; at += time.Duration(200+random.IntN(1800)) * time.Millisecond {
				victim := w.processes[random.IntN(len(w.processes))]
				time.AfterFunc(at, victim.line.kill)
			}
		}},
		{name: "answers lost", losses: true, refuses: true, cause: func(w *troubled) {
			for _, p := range w.processes {
				p.line.lose(true)
				time.AfterFunc(30*time.Second, func() { p.line.lose(false) })
			}
		}},
		{name: "all connections dropped", losses: true, refuses: true, cause: func(w *troubled) {
			for at := range 30 {
				time.AfterFunc(time.Duration(at)*time.Second, w.fake.DropConnections)
			}
		}},
		{name: "scripts flushed", cause: func(w *troubled) { w.fault("script-flush,every=1s,for=30s") }},
		{name: "failover", losses: true, refuses: true, cause: func(w *troubled) { w.fault("failover,downtime=20s") }},
		{name: "upgrade", losses: true, refuses: true, cause: func(w *troubled) { w.fault("readonly,for=30s") }},
		{name: "every command refused", losses: true, refuses: true, cause: func(w *troubled) { w.fault("error,text=ERR internal error,for=20s") }},
		{name: "some commands refused", losses: true, refuses: true, cause: func(w *troubled) {
			w.fault("error,text=ERR internal error,probability=0.2,for=30s")
		}},
		{name: "deletions refused", losses: true, refuses: true, cause: func(w *troubled) {
			w.fault("error,text=ERR internal error,command=DEL,for=30s")
		}},
		{name: "slow", cause: func(w *troubled) { w.fault("latency,delay=200ms,for=30s") }},
		{name: "slow and unsteady", cause: func(w *troubled) { w.fault("latency,delay=100ms,jitter=90ms,for=30s") }},
	} {
		t.Run(trouble.name, func(t *testing.T) {
			atEveryLevel(t, func(t *testing.T, level thrift.Level) {
				bubble(t, func(t *testing.T) {
					w := troubledWorld(t)
					w.guard(t, func() {
						k := kind{level: level, wake: true}
						producer, both := w.start("producer", kind{level: level, wake: true, producer: true}), w.start("both", k)
						other := w.start("worker", k)
						outsider := w.start("outsider", kind{level: plain, producer: true})
						w.passes(10 * time.Second)
						trouble.cause(w)
						accepted := w.flow("j", 40*time.Second, 500*time.Millisecond, producer, both, outsider)
						over := time.Now().Add(-10 * time.Second)
						if trouble.refuses {
							require.GreaterOrEqual(w.t, len(accepted), 15, "a good part of the time is without trouble")
						} else {
							require.Len(w.t, accepted, 80)
						}

						w.fake.Faults().Clear()
						fresh := w.flow("fresh", 3*time.Second, time.Second, producer, both, outsider)
						require.Len(w.t, fresh, 3, "what comes after the trouble is accepted")
						w.await(fresh, over, pickup)
						bound := pickup
						if trouble.losses {
							bound = leaseRecovery
						}
						t.Logf("the slowest job took %v since it was accepted, or since the trouble ended", w.await(accepted, over, bound))
						for _, p := range []*process{producer, both, other} {
							require.LessOrEqual(w.t, p.line.most(), poolSize+1, "connections of %s", p.name)
						}
						w.passes(leaseRecovery)
						for _, p := range w.running() {
							p.stop()
						}
						require.Empty(w.t, w.snapshot().broken(), "%d jobs were accepted", len(accepted))
					})
				})
			})
		})
	}
}

// calm is how many commands a process sends at most while it gets nothing but errors.
type calm struct{ least, most int64 }

// atLevel chooses: plain asynq's figure documents what is to be avoided.
func atLevel(level thrift.Level, off, governed calm) calm {
	if level == thrift.Off {
		return off
	}
	return governed
}

// sent counts the commands that clients send meanwhile, in all and by their names. PING is not in the total: Upstash does
// not bill it.
func (w *troubled) sent(meanwhile func()) (n int64, byName map[string]int64) {
	before := w.fake.Ledger().Snapshot()
	meanwhile()
	window := w.fake.Ledger().Snapshot().Since(before)
	byName = map[string]int64{}
	for name, counts := range window.ByCommand {
		byName[name] = counts.Wire
	}
	return window.Total.Wire - byName["PING"], byName
}

// asynq repeats a dequeue that failed at once, as fast as the network allows. A governed process waits, and is back soon.
func TestErrorsAreMetCalmly(t *testing.T) {
	for _, trouble := range []struct {
		name, fault   string
		during        time.Duration
		back          time.Duration // within which a job is done once the trouble is over
		off, governed calm
	}{
		{
			name: "errors", fault: "error,text=ERR internal error", during: 20 * time.Second, back: 15 * time.Second,
			off: calm{least: 1000, most: 10_000}, governed: calm{most: 60},
		},
		{
			name: "loading", fault: "loading", during: 20 * time.Second, back: 15 * time.Second,
			off: calm{least: 1000, most: 10_000}, governed: calm{most: 60},
		},
		{
			// One probe a minute, and what is on its way when it begins.
			name: "quota spent", fault: "quota-spent", during: 10 * time.Minute, back: 75 * time.Second,
			off: calm{least: 30_000, most: 300_000}, governed: calm{most: 10 + 10},
		},
	} {
		t.Run(trouble.name, func(t *testing.T) {
			atEveryLevel(t, func(t *testing.T, level thrift.Level) {
				bubble(t, func(t *testing.T) {
					w := troubledWorld(t)
					w.guard(t, func() {
						p := w.start("worker", kind{level: level, wake: true})
						w.await(w.flow("before", 3*time.Second, time.Second, p), time.Now(), time.Minute)
						w.passes(time.Minute) // at rest
						want := atLevel(level, trouble.off, trouble.governed)
						n, byName := w.sent(func() {
							w.fault(trouble.fault)
							w.passes(trouble.during)
						})
						t.Logf("%d commands in %v of trouble: %v", n, trouble.during, byName)
						require.LessOrEqual(w.t, n, want.most, "commands in %v of trouble", trouble.during)
						require.GreaterOrEqual(w.t, n, want.least, "commands in %v of trouble", trouble.during)

						w.fake.Faults().Clear()
						outsider := w.start("outsider", kind{level: plain, producer: true})
						fresh := w.flow("after", time.Second, time.Second, outsider)
						require.Len(w.t, fresh, 1)
						t.Logf("back after %v", w.await(fresh, time.Now(), trouble.back))
						require.LessOrEqual(w.t, p.line.most(), poolSize+1)
					})
				})
			})
		})
	}
}
