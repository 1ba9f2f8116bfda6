package engine_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
	"tollgate/fakes/redisserver"
	"tollgate/fakes/upstash"
	"tollgate/fakes/upstash/engine"
)

// redisServer starts a real Redis, or skips the test where there is none.
func redisServer(t testing.TB, args ...string) *redisserver.Server {
	server, err := redisserver.Start(t.Context(), redisserver.Config{Args: args})
	if errors.Is(err, redisserver.ErrNotInstalled) {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	return server
}

func remote(t testing.TB, cfg engine.RemoteConfig) *engine.Remote {
	e, err := engine.NewRemote(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	return e
}

func TestRemoteStatsLeaveOutItsOwnCommands(t *testing.T) {
	server := redisServer(t)
	before := remote(t, engine.RemoteConfig{URL: server.URL()})
	dial(t, before).do("SET", "old", "1")

	e := remote(t, engine.RemoteConfig{URL: server.URL()})
	require.Equal(t, server.URL(), e.Address())
	require.Regexp(t, `^\d+\.\d+\.\d+$`, e.Version())
	c := dial(t, e)
	require.NotZero(t, c.id())
	require.NotEqual(t, c.id(), dial(t, e).id())
	require.Equal(t, `+"OK"`, c.do("SET", "k", "v"))
	require.Equal(t, `$"v"`, c.do("EVAL", `return redis.call("GET", "k")`, "0"))
	require.Equal(t, "_", c.do("CLIENT", "GETNAME"))
	want := map[string]int64{"SET": 1, "EVAL": 1, "GET": 1, "CLIENT": 1}
	for range 2 {
		stats, err := e.Stats(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, stats)
	}

	require.NoError(t, server.Restart(t.Context(), true))
	_, err := e.Stats(t.Context())
	require.ErrorIs(t, err, engine.ErrRestarted)
	require.Equal(t, `$"v"`, dial(t, e).do("GET", "k"))
}

func TestRemoteLogsIn(t *testing.T) {
	server := redisServer(t, "--requirepass", "open sesame", "--user", "app", "on", ">letmein", "~*", "&*", "+@all")
	for _, login := range []string{":open%20sesame", "default:open%20sesame", "app:letmein"} {
		e := remote(t, engine.RemoteConfig{URL: "redis://" + login + "@" + server.Addr()})
		require.Equal(t, `+"PONG"`, dial(t, e).do("PING"))
	}
	for login, code := range map[string]string{"": "NOAUTH", "app:no-secret@": "WRONGPASS", ":no-secret@": "WRONGPASS"} {
		_, err := engine.NewRemote(t.Context(), engine.RemoteConfig{URL: "redis://" + login + server.Addr()})
		var unreachable *engine.UnreachableError
		require.ErrorAs(t, err, &unreachable)
		require.Equal(t, server.URL(), unreachable.Address)
		require.ErrorContains(t, err, code)
		require.ErrorContains(t, err, "check the user and the password")
		require.NotContains(t, err.Error(), "no-secret")
	}
}

func TestRemoteSaysWhatCannotBeReached(t *testing.T) {
	network := memnet.New()
	defer network.Close()
	_, err := engine.NewRemote(t.Context(), engine.RemoteConfig{URL: "redis://:secret@127.0.0.1:6379", Dial: network.DialContext})
	var unreachable *engine.UnreachableError
	require.ErrorAs(t, err, &unreachable)
	require.ErrorContains(t, err, "cannot use the Redis at redis://127.0.0.1:6379: ")
	require.ErrorContains(t, err, "start a Redis there, or give another address")
	require.NotContains(t, err.Error(), "secret")
}

// A host that takes connections and says nothing does not hold up anyone for long.
func TestRemoteGivesUpOnASilentHost(t *testing.T) {
	network := memnet.New()
	defer network.Close()
	l, err := network.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = engine.NewRemote(ctx, engine.RemoteConfig{URL: "redis://" + l.Addr().String(), Dial: network.DialContext})
	var unreachable *engine.UnreachableError
	require.ErrorAs(t, err, &unreachable)
}

// TLS, a user with a password, and a network in memory: a database at Upstash, but
// for Upstash.
func TestRemoteOverTLS(t *testing.T) {
	network := memnet.New()
	defer network.Close()
	server, err := upstash.Start(t.Context(), upstash.Config{
		Network: network, TLSAddr: "127.0.0.1:0", Users: []upstash.User{{Name: "default", Password: "open sesame"}},
	})
	require.NoError(t, err)
	defer server.Close()
	cfg := engine.RemoteConfig{URL: "rediss://default:open%20sesame@" + server.TLSAddr(), Dial: network.DialContext}
	_, err = engine.NewRemote(t.Context(), cfg)
	require.ErrorContains(t, err, "certificate")

	cfg.RootCAs = server.RootCAs()
	e := remote(t, cfg)
	c := dial(t, e)
	require.Equal(t, `+"OK"`, c.do("SET", "k", "v"))
	require.Equal(t, `$"v"`, c.do("GET", "k"))
	require.Zero(t, server.Ledger().Snapshot().ByCommand["HELLO"].Billed)
	require.EqualValues(t, 2, server.Ledger().Snapshot().Total.Billed, "what the engine sends itself is free")
}

// What was sent before Close runs, though nobody reads the replies.
func TestRemoteRunsWhatWasSentBeforeClose(t *testing.T) {
	server := redisServer(t)
	e := remote(t, engine.RemoteConfig{URL: server.URL()})
	const rounds = 5000
	c := dial(t, e)
	c.do("SET", "big", strings.Repeat("x", 1<<10))
	var batch []byte
	for range rounds {
		batch = append(batch, command([]string{"GET", "big"})...)
		batch = append(batch, command([]string{"INCR", "n"})...)
	}
	_, err := c.conn.Write(batch)
	require.NoError(t, err)
	_, err = c.conn.Read(make([]byte, 1)) // there are replies, and most stay unread
	require.NoError(t, err)
	require.NoError(t, c.conn.Close())
	require.ErrorIs(t, c.conn.Close(), net.ErrClosed, "again")
	other := dial(t, e)
	require.Eventually(t, func() bool { return other.do("GET", "n") == fmt.Sprintf("$%q", fmt.Sprint(rounds)) }, 10*time.Second, time.Millisecond)
}

func TestRemoteCloseEndsBlockedConnections(t *testing.T) {
	server := redisServer(t)
	e := remote(t, engine.RemoteConfig{URL: server.URL()})
	c := dial(t, e)
	c.send("BLPOP", "q", "0")
	require.NoError(t, e.Close())
	require.NoError(t, e.Close(), "again")
	_, err := c.conn.Read(make([]byte, 1))
	require.Error(t, err)
	_, err = e.Dial(t.Context())
	require.ErrorIs(t, err, engine.ErrClosed)
}
