package thrift

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"github.com/stretchr/testify/require"
)

// bubble is synctest.Test for code that uses go-redis, which keeps timers in one sync.Pool of the process: a timer of an
// earlier bubble is fatal in this one. Two collections empty a sync.Pool.
func bubble(t *testing.T, run func(*testing.T)) {
	t.Helper()
	runtime.GC()
	runtime.GC()
	synctest.Test(t, run)
}

var quiet = slog.New(slog.DiscardHandler)

// memory is a Redis in this process whose connections a test can break. It is made inside a bubble.
type memory struct {
	t     *testing.T
	redis *miniredis.Miniredis

	mu    sync.Mutex
	state network
	conns map[*memoryConn]struct{}
	dials int
	peak  int // connections at a time
}

// network is what becomes of a new connection.
type network int

const (
	works network = iota
	refuses
	hangs // until the caller gives up
	mute  // it swallows what is sent
)

func newMemory(t *testing.T) *memory {
	m := &memory{t: t, redis: miniredis.NewMiniRedis(), conns: map[*memoryConn]struct{}{}}
	t.Cleanup(m.redis.Close)
	return m
}

// client is of a process of its own. It is closed with the test.
func (m *memory) client() *redis.Client {
	c := redis.NewClient(&redis.Options{
		Addr: "127.0.0.1:6379", Dialer: m.dial, MaxRetries: -1, DialerRetries: 1, PoolSize: 2, PipelinePoolSize: -1,
		ConnMaxIdleTime: -1, Protocol: 2, DisableIdentity: true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
	m.t.Cleanup(func() { require.NoError(m.t, c.Close()) })
	return c
}

func (m *memory) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dials++
	var conn net.Conn
	var err error
	switch m.state {
	case refuses:
		err = errors.New("connection refused")
	case hangs:
		m.mu.Unlock()
		<-ctx.Done()
		m.mu.Lock()
		err = ctx.Err()
	case mute:
		theirs, ours := net.Pipe()
		conn = theirs
		go func() { _, _ = io.Copy(io.Discard, ours) }()
	default:
		conn, err = m.redis.Dial()
	}
	if err != nil {
		return nil, err
	}
	c := &memoryConn{Conn: conn, memory: m}
	m.conns[c] = struct{}{}
	m.peak = max(m.peak, len(m.conns))
	return c, nil
}

// become sets what happens to new connections.
func (m *memory) become(state network) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.state = state
}

// kill breaks every connection.
func (m *memory) kill() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for c := range m.conns {
		_ = c.Conn.Close()
	}
}

// silence lets nothing arrive any more on the connections that are open.
func (m *memory) silence() {
	m.mu.Lock()
	defer m.mu.Unlock()
	for c := range m.conns {
		c.silent.Store(true)
	}
}

// count is of connections: made so far, open now, and open at most at a time.
func (m *memory) count() (dials, open, peak int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.dials, len(m.conns), m.peak
}

// memoryConn takes itself off the list when its client closes it.
type memoryConn struct {
	net.Conn
	memory *memory
	silent atomic.Bool
}

func (c *memoryConn) Read(p []byte) (int, error) {
	for {
		if n, err := c.Conn.Read(p); err != nil || !c.silent.Load() {
			return n, err
		}
	}
}

func (c *memoryConn) Close() error {
	c.memory.mu.Lock()
	delete(c.memory.conns, c)
	c.memory.mu.Unlock()
	return c.Conn.Close()
}
