package tcpredis_test

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"tollgate/fakes/memnet"
	"tollgate/system/tcpredis"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// redisServer is a Redis in memory that records the commands it was sent and
// keeps its end of each connection.
type redisServer struct {
	*miniredis.Miniredis
	network *memnet.Mem

	mu       sync.Mutex
	conns    []net.Conn
	commands []string
	answer   func(c *server.Peer, cmd string) bool // true: answered, not to be run
	refuse   error
}

func newRedisServer(t *testing.T) *redisServer {
	t.Helper()
	s := &redisServer{Miniredis: miniredis.NewMiniRedis(), network: memnet.New()}
	first, err := s.Dial() // starts the server, without a listener
	require.NoError(t, err)
	require.NoError(t, first.Close())
	s.Server().SetPreHook(func(c *server.Peer, cmd string, args ...string) bool {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.commands = append(s.commands, strings.Join(append([]string{cmd}, args...), " "))
		return s.answer != nil && s.answer(c, cmd)
	})
	listener, err := s.network.Listen(t.Context(), "tcp", "127.0.0.1:6379")
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			s.mu.Lock()
			s.conns = append(s.conns, conn)
			s.mu.Unlock()
			s.Server().ServeConn(conn)
		}
	}()
	t.Cleanup(func() {
		_ = s.network.Close()
		<-done
		s.Close()
	})
	return s
}

// dial opens a connection, or fails when the server refuses.
func (s *redisServer) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	s.mu.Lock()
	refuse := s.refuse
	s.mu.Unlock()
	if refuse != nil {
		return nil, refuse
	}
	return s.network.DialContext(ctx, network, "127.0.0.1:6379")
}

// seen returns the commands since the last call.
func (s *redisServer) seen() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	commands := s.commands
	s.commands = nil
	return commands
}

func (s *redisServer) opened() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.conns)
}

// drop closes every connection, as a failover does.
func (s *redisServer) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, conn := range s.conns {
		_ = conn.Close()
	}
}

func (s *redisServer) setAnswer(answer func(c *server.Peer, cmd string) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

func (s *redisServer) setRefuse(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = err
}

// config returns a configuration that reaches the server.
func (s *redisServer) config() tcpredis.Config {
	return tcpredis.Config{Host: "redis.test", Port: 6379, Component: "cache", DialContext: s.dial}
}

// client returns a client that the test closes at its end.
func (s *redisServer) client(t *testing.T, change func(*tcpredis.Config)) *redis.Client {
	t.Helper()
	cfg := s.config()
	if change != nil {
		change(&cfg)
	}
	client, err := tcpredis.New(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	return client
}
