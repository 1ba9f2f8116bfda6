package queue_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"tollgate/fakes/memnet"
	"tollgate/system/queue"
	"tollgate/system/thrift"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// layout is a way to run the queues.
type layout struct {
	name     string
	topology queue.Topology
	thrift   thrift.Config
}

// config is cfg in this layout.
func (l layout) config(cfg queue.Config) queue.Config {
	cfg.Topology, cfg.Thrift = l.topology, l.thrift
	return cfg
}

// governed reports whether the layout has a governor.
func (l layout) governed() bool { return l.thrift.Level != "" && l.thrift.Level != thrift.Off }

// layouts are the two topologies, and the shared one with each level of thrift.
func layouts() []layout {
	all := []layout{
		{name: "per-queue", topology: queue.PerQueue},
		{name: "shared", topology: queue.Shared},
	}
	for _, level := range thrift.Levels() {
		all = append(all, layout{"shared, thrift " + string(level), queue.Shared, thrift.Config{Level: level, Wake: true}})
	}
	return append(all, layout{"shared, thrift full, alone", queue.Shared, thrift.Config{Level: thrift.Full}})
}

// bubble is synctest.Test for code that uses go-redis. go-redis keeps the timers of waits for a pooled connection in one
// sync.Pool of the process, and a timer from an earlier bubble is fatal in this one. Two collections empty a sync.Pool.
func bubble(t *testing.T, run func(*testing.T)) {
	t.Helper()
	runtime.GC()
	runtime.GC()
	synctest.Test(t, run)
}

// world is a Redis in memory that counts its connections by component. It is made inside a bubble.
type world struct {
	t     *testing.T
	redis *miniredis.Miniredis
	// silent has Redis hear nothing of what is written
	silent atomic.Bool

	mu     sync.Mutex
	open   map[string]int
	peak   map[string]int
	peakOf int // of all components together

	events []queue.Event
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, redis: miniredis.NewMiniRedis(), open: map[string]int{}, peak: map[string]int{}}
	w.redis.ClockTTL(true)
	t.Cleanup(w.redis.Close)
	return w
}

// client makes a go-redis client in the way that a worker's should be made: few connections, quiet handshake.
func client(pool queue.Pool, dial func(context.Context, string, string) (net.Conn, error)) *redis.Client {
	retries := 3
	if pool.NoRetries {
		retries = -1
	}
	return redis.NewClient(&redis.Options{
		Addr: "127.0.0.1:6379", Dialer: dial, ClientName: pool.Component,
		PoolSize: pool.Size, PipelinePoolSize: -1, ConnMaxIdleTime: -1, MaxRetries: retries,
		Protocol: 2, DisableIdentity: true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
}

func (w *world) connect(pool queue.Pool) (redis.UniversalClient, error) {
	return client(pool, func(context.Context, string, string) (net.Conn, error) {
		conn, err := w.dial()
		if err != nil {
			return nil, err
		}
		w.count(pool.Component, 1)
		return &countedConn{Conn: conn, silent: &w.silent, closed: sync.OnceFunc(func() { w.count(pool.Component, -1) })}, nil
	}), nil
}

// dial connects to the Redis as a network would, with room for what was not read yet: over a net.Pipe, which has none, a
// Redis that answers the beginning of a pipeline and a client that still writes its end wait for each other.
func (w *world) dial() (net.Conn, error) {
	redis, err := w.redis.Dial()
	if err != nil {
		return nil, err
	}
	near, far := memnet.Pipe(1 << 20)
	pass := func(to, from net.Conn) {
		_, _ = io.Copy(to, from)
		_ = to.Close()
	}
	go pass(far, redis)
	go pass(redis, far)
	return near, nil
}

func (w *world) count(component string, by int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open[component] += by
	w.peak[component] = max(w.peak[component], w.open[component])
	all := 0
	for _, n := range w.open {
		all += n
	}
	w.peakOf = max(w.peakOf, all)
}

func (w *world) openNow() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := 0
	for _, n := range w.open {
		all += n
	}
	return all
}

type countedConn struct {
	net.Conn
	silent *atomic.Bool
	closed func()
}

func (c *countedConn) Write(p []byte) (int, error) {
	if c.silent.Load() {
		return len(p), nil
	}
	return c.Conn.Write(p)
}

func (c *countedConn) Close() error {
	c.closed()
	return c.Conn.Close()
}

// factory makes a factory with all events recorded. It stops at the latest when the test ends.
func (w *world) factory(cfg queue.Config) *queue.Factory {
	cfg.Connect = w.connect
	f, err := queue.NewFactory(cfg)
	require.NoError(w.t, err)
	f.Events().Subscribe(func(e queue.Event) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.events = append(w.events, e)
	})
	return f
}

// serve is factory with the eleven queues, the same processor behind each, started.
func (w *world) serve(cfg queue.Config, process queue.ProcessorFunc) *queue.Factory {
	f := w.factory(cfg)
	for i, spec := range queue.Specs() {
		if i%2 == 0 { // the order of the two must not matter
			_, err := f.CreateQueue(spec.Name)
			require.NoError(w.t, err)
		}
		_, err := f.CreateWorker(spec.Name, process)
		require.NoError(w.t, err)
		if i%2 != 0 {
			_, err := f.CreateQueue(spec.Name)
			require.NoError(w.t, err)
		}
	}
	require.NoError(w.t, f.Start())
	return f
}

func (w *world) stop(f *queue.Factory) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	require.NoError(w.t, f.Stop(ctx))
	require.Zero(w.t, w.openNow(), "a stopped factory holds no connection")
}

// of returns the events of one kind, of one job where id is not empty.
func (w *world) of(kind queue.Kind, id string) []queue.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	var found []queue.Event
	for _, e := range w.events {
		if e.Kind == kind && (id == "" || e.JobID == id) {
			found = append(found, e)
		}
	}
	return found
}

// inspect runs look with asynq's own Inspector: what any other asynq tool would see.
func (w *world) inspect(look func(*asynq.Inspector)) {
	c := client(queue.Pool{Component: "inspector", Size: 1}, func(context.Context, string, string) (net.Conn, error) { return w.dial() })
	defer func() { require.NoError(w.t, c.Close()) }()
	look(asynq.NewInspectorFromRedisClient(c))
}

// left counts the jobs still in Redis, by state, over all queues.
func (w *world) left() (pending, active, retry, archived int) {
	w.inspect(func(i *asynq.Inspector) {
		names, err := i.Queues()
		require.NoError(w.t, err)
		for _, name := range names {
			info, err := i.GetQueueInfo(name)
			require.NoError(w.t, err)
			pending, active = pending+info.Pending, active+info.Active
			retry, archived = retry+info.Retry+info.Scheduled, archived+info.Archived
		}
	})
	return pending, active, retry, archived
}

func payload(user string) map[string]string { return map[string]string{"user": user} }

func names(format string) []string {
	var all []string
	for _, spec := range queue.Specs() {
		all = append(all, fmt.Sprintf(format, spec.Name))
	}
	return all
}
