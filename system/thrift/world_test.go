package thrift_test

import (
	"context"
	"log/slog"
	"net"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"tollgate/fakes/redisserver"
	"tollgate/fakes/upstash/engine"
	"tollgate/system/tcpredis"
	"tollgate/system/thrift"
)

// queueNames are the queues of every world.
var queueNames = []string{"alpha", "beta", "gamma"}

// timing are the intervals of the processes of a world.
type timing struct {
	check, forward, janitor, grace               time.Duration // asynq's, where it governs itself
	survey, fullSurvey, heartbeat, statistics    time.Duration // the governor's
	retry, slow, short, shutdown                 time.Duration // of jobs: until it is tried again, of one that takes its time, until it is due or forgotten
	step, recovery, settling                     time.Duration // how long a world is given: after a step, after a crash, to show that it is at rest
	look                                         time.Duration // on the real clock: between two looks at the Redis
	tolerance, toleranceOfRecovery, forgetServer time.Duration
}

// virtualTimes are for bubbles: long waits cost little, and commands cost most.
var virtualTimes = timing{
	check: 3 * time.Second, forward: 5 * time.Second, janitor: 10 * time.Second, grace: 4 * time.Second,
	survey: 5 * time.Second, fullSurvey: 15 * time.Second, heartbeat: 10 * time.Second, statistics: 5 * time.Second,
	retry: 2 * time.Second, slow: 2 * time.Second, short: 3 * time.Second, shutdown: 4 * time.Second,
	step: time.Minute, recovery: 4 * time.Minute,
	tolerance: 30 * time.Second, toleranceOfRecovery: 150 * time.Second, forgetServer: time.Minute,
}

// realTimes are for a redis-server on the machine's clock.
var realTimes = timing{
	check: 100 * time.Millisecond, forward: 200 * time.Millisecond, janitor: 500 * time.Millisecond, grace: time.Second,
	survey: 500 * time.Millisecond, fullSurvey: time.Second, heartbeat: 2 * time.Second, statistics: 500 * time.Millisecond,
	retry: time.Second, slow: 200 * time.Millisecond, short: time.Second, shutdown: 500 * time.Millisecond,
	step: 30 * time.Second, settling: 1500 * time.Millisecond, look: 50 * time.Millisecond,
	tolerance: 30 * time.Second, forgetServer: 30 * time.Second,
}

// crashTimes are for many redis-servers at once, on which jobs come back after a crash: two minutes, and little to do meanwhile.
var crashTimes = timing{
	check: 500 * time.Millisecond, forward: 500 * time.Millisecond, janitor: time.Second, grace: time.Second,
	survey: time.Second, fullSurvey: 2 * time.Second, heartbeat: 2 * time.Second, statistics: time.Second,
	retry: time.Second, slow: 200 * time.Millisecond, short: time.Second, shutdown: 500 * time.Millisecond,
	step: time.Minute, recovery: 4 * time.Minute, settling: 4 * time.Second, look: 500 * time.Millisecond,
	tolerance: 45 * time.Second, toleranceOfRecovery: 105 * time.Second, forgetServer: 30 * time.Second,
}

// bubble is synctest.Test for code that uses go-redis.
func bubble(t *testing.T, run func(*testing.T)) {
	t.Helper()
	dropPooledTimers()
	synctest.Test(t, run)
}

// dropPooledTimers empties every sync.Pool, which takes two collections: go-redis keeps the timers of waits for a pooled
// connection in one, and a timer of an earlier bubble is fatal in another one and outside.
func dropPooledTimers() {
	runtime.GC()
	runtime.GC()
}

// world is one Redis with the processes that use it.
type world struct {
	t        require.TestingT // fails the attempt, which an outer test may judge
	times    timing
	dial     dialer
	began    time.Time
	journal  *journal
	observer *redis.Client // sees the Redis from outside, through a line of its own

	processes []*process             // all that were started, in that order
	sabotage  redis.Hook             // of what governed processes do; nil for none
	logger    *slog.Logger           // of governors; nil for none
	failpoint func(thrift.Failpoint) // of governors; nil for none
	crashed   bool                   // one of them did
	robbed    int                    // how many of those that crashed worked a job
	buried    sync.WaitGroup
}

func newWorld(t require.TestingT, times timing, dial dialer) *world {
	w := &world{t: t, times: times, dial: dial, began: time.Now(), journal: newJournal()}
	w.observer = connect(t, "observer", newLine(dial))
	return w
}

// embeddedWorld is a world in memory, to be made in a bubble.
func embeddedWorld(t *testing.T) *world {
	e, err := engine.NewEmbedded()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	return newWorld(t, virtualTimes, e.Dial)
}

// realWorld is a world on a redis-server of its own.
func realWorld(t *testing.T) (*world, *redisserver.Server) {
	t.Helper()
	dropPooledTimers()
	server, err := redisserver.Start(t.Context(), redisserver.Config{})
	if err != nil && !*crashes { // asked for, they are not skipped
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	return newWorld(t, realTimes, dialTo(server.Addr())), server
}

// dialTo reaches the Redis at an address.
func dialTo(addr string) dialer {
	return func(ctx context.Context) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "tcp", addr)
	}
}

// connect makes a client in the way that a worker's is made: few connections, quiet handshake, no retries.
func connect(t require.TestingT, component string, l *line) *redis.Client {
	client, err := tcpredis.New(tcpredis.Config{
		Host: "127.0.0.1", Port: 6379, Component: component,
		PoolSize: poolSize, MaxConns: poolSize + 1, MaxRetries: -1, DialContext: l.DialContext,
	})
	require.NoError(t, err)
	client.AddHook(pace{l})
	return client
}

// poolSize is that of every process; a subscriber comes on top.
const poolSize = 2

// passes lets virtual time pass. It panics outside a bubble, where it would be real time.
func (w *world) passes(d time.Duration) {
	synctest.Wait()
	time.Sleep(d)
	synctest.Wait()
}

// inBubble says on which clock the world lives.
func (w *world) inBubble() bool { return w.times.settling == 0 }

// running are the processes that work.
func (w *world) running() (all []*process) {
	for _, p := range w.processes {
		if p.isRunning() {
			all = append(all, p)
		}
	}
	return all
}

// find returns the process of that name that was started last.
func (w *world) find(name string) *process {
	for i := len(w.processes) - 1; i >= 0; i-- {
		if w.processes[i].name == name {
			return w.processes[i]
		}
	}
	return nil
}

// close stops whatever runs and lets go of the Redis.
func (w *world) close() {
	for _, p := range w.running() {
		p.stop()
	}
	w.buried.Wait()
	require.NoError(w.t, w.observer.Close())
	if w.inBubble() {
		w.passes(2 * time.Second) // go-redis' redial loops end within a second of their pool
	}
	for _, p := range w.processes {
		require.Zero(w.t, p.line.count(), "connections of %s left open", p.name)
	}
}

// discard is where go-redis reports broken connections, which these tests break on purpose.
type discard struct{}

func (discard) Printf(context.Context, string, ...any) {}

func init() { redis.SetLogger(discard{}) }
