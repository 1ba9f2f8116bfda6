package tcpredis_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2/server"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"tollgate/system/tcpredis"
)

func TestHandshakeIsQuiet(t *testing.T) {
	tests := map[string]struct {
		change func(*tcpredis.Config)
		want   []string
	}{
		"no password": {nil, []string{"HELLO 2 setname cache", "CLIENT setname cache", "GET k"}},
		"default user": {
			func(c *tcpredis.Config) { c.Password = "pw" },
			[]string{"HELLO 2 auth default pw setname cache", "CLIENT setname cache", "GET k"},
		},
		"named user": {
			func(c *tcpredis.Config) { c.Username, c.Password = "ops", "pw" },
			[]string{"HELLO 2 auth ops pw setname cache", "CLIENT setname cache", "GET k"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newRedisServer(t)
			s.RequireUserAuth("ops", "pw")
			s.RequireUserAuth("default", "pw")
			if test.change == nil {
				s.RequireUserAuth("ops", "")
				s.RequireUserAuth("default", "")
			}
			client := s.client(t, test.change)
			require.ErrorIs(t, client.Get(t.Context(), "k").Err(), redis.Nil)
			require.Equal(t, test.want, s.seen())
		})
	}
}

func TestSubscriberHandshakeIsQuiet(t *testing.T) {
	s := newRedisServer(t)
	client := s.client(t, nil)
	sub := client.Subscribe(t.Context(), "news")
	_, err := sub.Receive(t.Context())
	require.NoError(t, err)
	require.NoError(t, sub.Close())
	require.Equal(t, []string{"HELLO 2 setname cache", "CLIENT setname cache", "SUBSCRIBE news"}, s.seen())
}

func TestPoolNeverExceedsItsSize(t *testing.T) {
	s := newRedisServer(t)
	client := s.client(t, func(c *tcpredis.Config) { c.PoolSize = 3 })
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			if i%2 == 0 {
				_ = client.Set(t.Context(), "k", i, 0).Err()
				return
			}
			_, _ = client.Pipelined(t.Context(), func(p redis.Pipeliner) error {
				p.Get(t.Context(), "k")
				p.Get(t.Context(), "k")
				return nil
			})
		})
	}
	wg.Wait()
	require.LessOrEqual(t, s.opened(), 3)
	require.LessOrEqual(t, s.CurrentConnectionCount(), 3)
}

func TestMaxConnsHoldsForSubscribersToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newRedisServer(t)
		client := s.client(t, func(c *tcpredis.Config) { c.PoolSize, c.MaxConns, c.MaxRetries = 1, 2, -1 })
		require.NoError(t, client.Ping(t.Context()).Err())
		first := client.Subscribe(t.Context(), "news")
		_, err := first.Receive(t.Context())
		require.NoError(t, err)

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		second := client.Subscribe(ctx, "news")
		_, err = second.Receive(ctx)
		require.ErrorContains(t, err, "2 connections are open, which is MaxConns")
		require.Equal(t, 2, s.opened())

		require.NoError(t, first.Close())
		_, err = second.Receive(t.Context())
		require.NoError(t, err, "a closed connection makes room")
		require.NoError(t, second.Close())

		s.setRefuse(errors.New("no route"))
		for range 3 {
			third := client.Subscribe(t.Context(), "news")
			_, err = third.Receive(t.Context())
			require.ErrorContains(t, err, "no route", "a failed dial takes no room")
			require.NoError(t, third.Close())
		}
	})
}

// go-redis tells a dead idle connection through syscall.Conn, which the bound must not hide.
func TestMaxConnsKeepsTheCheckOfIdleConnections(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	cfg := tcpredis.Config{Host: "127.0.0.1", Port: listener.Addr().(*net.TCPAddr).Port, Component: "cache", PoolSize: 1, MaxConns: 1}
	client, err := tcpredis.New(cfg)
	require.NoError(t, err)
	defer client.Close()
	conn, err := client.Options().Dialer(t.Context(), "tcp", listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	require.Implements(t, (*syscall.Conn)(nil), conn)
}

func TestFixedPoolIsOpenedAtStartAndKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newRedisServer(t)
		client := s.client(t, func(c *tcpredis.Config) { c.PoolSize, c.MinIdleConns = 4, 4 })
		synctest.Wait()
		require.Equal(t, 4, s.opened())
		require.Empty(t, s.seen())

		require.NoError(t, tcpredis.Warm(t.Context(), client))
		named := 0
		for _, command := range s.seen() {
			if command == "CLIENT setname cache" {
				named++
			}
		}
		require.Equal(t, 4, named)

		time.Sleep(24 * time.Hour)
		require.NoError(t, client.Ping(t.Context()).Err())
		require.Equal(t, 4, s.opened())
		require.Equal(t, []string{"PING"}, s.seen())
	})
}

func TestWarmFindsAWrongPassword(t *testing.T) {
	s := newRedisServer(t)
	s.RequireAuth("right")
	client := s.client(t, func(c *tcpredis.Config) { c.Password = "wr0ng" })
	err := tcpredis.Warm(t.Context(), client)
	require.ErrorContains(t, err, "tcpredis: PING: WRONGPASS")
	require.NotContains(t, err.Error(), "wr0ng")
}

func TestDroppedConnectionIsRetriedAndCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newRedisServer(t)
		client := s.client(t, func(c *tcpredis.Config) { c.PoolSize = 1 })
		store := tcpredis.NewStore(client)
		require.NoError(t, store.Set(t.Context(), "k", []byte("v"), 0))
		require.Equal(t, tcpredis.Stats{Requests: 1}, store.Stats())

		s.drop()
		value, found, err := store.Get(t.Context(), "k")
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, "v", string(value))
		stats := store.Stats()
		require.EqualValues(t, 2, stats.Requests)
		require.EqualValues(t, 1, stats.NetworkErrors)
		require.EqualValues(t, 1, stats.Retries)
	})
}

func TestDialFailuresAreBoundedCountedAndLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := newRedisServer(t)
		s.setRefuse(errors.New("no route"))
		client := s.client(t, func(c *tcpredis.Config) {
			c.MaxRetries, c.PoolSize, c.Password, c.Logger = 2, 10, "s3cret", slog.New(slog.NewTextHandler(&log, nil))
		})
		store := tcpredis.NewStore(client)

		start := time.Now()
		_, _, err := store.Get(t.Context(), "key-1")
		require.ErrorContains(t, err, "tcpredis: GET: dial tcp: no route")
		require.LessOrEqual(t, time.Since(start), 5*time.Second)
		require.Equal(t, tcpredis.Stats{Requests: 1, Retries: 2, NetworkErrors: 3}, store.Stats())
		require.Contains(t, log.String(), "component=cache addr=redis.test:6379")
		require.NotContains(t, err.Error()+log.String(), "s3cret")
	})
}

func TestRetriesCanBeTurnedOff(t *testing.T) {
	s := newRedisServer(t)
	s.setRefuse(errors.New("no route"))
	store := tcpredis.NewStore(s.client(t, func(c *tcpredis.Config) { c.MaxRetries = -1 }))
	require.Error(t, store.Ping(t.Context()))
	require.Equal(t, tcpredis.Stats{Requests: 1, NetworkErrors: 1}, store.Stats())
}

func TestSilentServerTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newRedisServer(t)
		hang := make(chan struct{})
		s.setAnswer(func(_ *server.Peer, cmd string) bool {
			if cmd == "GET" {
				s.mu.Unlock()
				<-hang
				s.mu.Lock()
			}
			return false
		})
		store := tcpredis.NewStore(s.client(t, func(c *tcpredis.Config) { c.MaxRetries = -1 }))
		start := time.Now()
		_, _, err := store.Get(t.Context(), "k")
		require.ErrorContains(t, err, "tcpredis: GET:")
		require.Equal(t, tcpredis.DefaultTimeout, time.Since(start))
		require.EqualValues(t, 1, store.Stats().NetworkErrors)

		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start = time.Now()
		_, _, err = store.Get(ctx, "k")
		require.Error(t, err)
		require.Equal(t, time.Second, time.Since(start))
		close(hang)
	})
}

func TestAnswersOfTheServerAreNoNetworkErrors(t *testing.T) {
	tests := map[string]struct {
		answer string
		want   int64
	}{
		"command error":               {"WRONGTYPE Operation against a key", 0},
		"quota":                       {"ERR max requests limit exceeded. Limit: 500000, Usage: 500000.", 0},
		"connection limit of Upstash": {"ERR max concurrent connections exceeded", 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newRedisServer(t)
			s.setAnswer(func(c *server.Peer, cmd string) bool {
				if cmd != "GET" {
					return false
				}
				c.WriteError(test.answer)
				return true
			})
			store := tcpredis.NewStore(s.client(t, nil))
			_, _, err := store.Get(t.Context(), "k")
			require.EqualError(t, err, "tcpredis: GET: "+test.answer)
			require.Equal(t, test.want, store.Stats().NetworkErrors)
		})
	}
}

func TestCancelledCallIsNoNetworkError(t *testing.T) {
	s := newRedisServer(t)
	store := tcpredis.NewStore(s.client(t, nil))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := store.Get(ctx, "k")
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, store.Stats().NetworkErrors)
}

func TestStatsOfAForeignClient(t *testing.T) {
	s := newRedisServer(t)
	foreign := redis.NewClient(&redis.Options{
		Dialer: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("down") }, MaxRetries: -1, DialerRetries: 1,
	})
	defer foreign.Close()
	_, ok := tcpredis.StatsOf(foreign)
	require.False(t, ok)
	store := tcpredis.NewStore(foreign)
	require.Error(t, store.Ping(t.Context()))
	require.EqualValues(t, 1, store.Stats().Requests)

	own := s.client(t, nil)
	require.NoError(t, own.Ping(t.Context()).Err())
	stats, ok := tcpredis.StatsOf(own)
	require.True(t, ok)
	require.Positive(t, stats.Requests)
	require.Zero(t, stats.NetworkErrors)
}

func TestTLS(t *testing.T) {
	server, network := newUpstash(t)
	_, port := splitAddr(t, server.TLSAddr())
	connect := func(host string) error {
		client, err := tcpredis.New(tcpredis.Config{
			Host: host, Port: port, Password: "pw", Component: "cache", MaxRetries: -1, TLS: &tls.Config{RootCAs: server.RootCAs()},
			DialContext: func(ctx context.Context, proto, _ string) (net.Conn, error) {
				return network.DialContext(ctx, proto, server.TLSAddr())
			},
		})
		require.NoError(t, err)
		defer client.Close()
		return client.Ping(t.Context()).Err()
	}
	require.NoError(t, connect("127.0.0.1"))
	require.NoError(t, connect("localhost"))
	require.ErrorContains(t, connect("other.test"), "TLS handshake with other.test")
}

func TestConnectionsAreCountedByName(t *testing.T) {
	server, network := newUpstash(t)
	host, port := splitAddr(t, server.RESPAddr())
	for component, size := range map[string]int{"cache": 6, "ratelimit": 4, "sms": 2} {
		client, err := tcpredis.New(tcpredis.Config{
			Host: host, Port: port, Password: "pw", Component: component, PoolSize: size, MinIdleConns: size, DialContext: network.DialContext,
		})
		require.NoError(t, err)
		defer client.Close()
		require.NoError(t, tcpredis.Warm(t.Context(), client))
		connections := server.Ledger().Snapshot().ConnectionsByComponent[component]
		require.EqualValues(t, size, connections.Open)
		require.EqualValues(t, size, connections.Peak)
	}
	require.EqualValues(t, 12, server.Ledger().Snapshot().Connections.Open)
}

func TestConfigIsValidated(t *testing.T) {
	valid := tcpredis.Config{Host: "h", Port: 1, Component: "cache", Password: "s3cret"}
	require.NoError(t, valid.Validate())
	tests := map[string]struct {
		change func(*tcpredis.Config)
		want   string
	}{
		"host":      {func(c *tcpredis.Config) { c.Host = "" }, "Host is empty"},
		"port":      {func(c *tcpredis.Config) { c.Port = 65536 }, "Port is 65536"},
		"component": {func(c *tcpredis.Config) { c.Component = "a b" }, `Component is "a b"`},
		"pool":      {func(c *tcpredis.Config) { c.PoolSize = -1 }, "PoolSize is -1"},
		"idle":      {func(c *tcpredis.Config) { c.MinIdleConns = 3 }, "MinIdleConns is 3; set 0 to PoolSize, which is 2"},
		"most":      {func(c *tcpredis.Config) { c.MaxConns = 1 }, "MaxConns is 1; set at least PoolSize, which is 2"},
		"password":  {func(c *tcpredis.Config) { c.Username, c.Password = "ops", "" }, `Username is "ops" but Password is empty`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			cfg := valid
			test.change(&cfg)
			client, err := tcpredis.New(cfg)
			require.Nil(t, client)
			require.ErrorIs(t, err, tcpredis.ErrConfig)
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestPasswordIsNeverPrinted(t *testing.T) {
	s := newRedisServer(t)
	cfg := s.config()
	cfg.Password = "s3cret"
	client := s.client(t, func(c *tcpredis.Config) { c.Password = "s3cret" })
	for _, text := range []string{fmt.Sprint(cfg), fmt.Sprintf("%+v", cfg), fmt.Sprintf("%#v", cfg), client.String(), fmt.Sprint(client)} {
		require.NotContains(t, text, "s3cret")
	}
}
