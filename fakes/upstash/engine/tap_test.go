package engine_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"tollgate/fakes/memnet"
	"tollgate/fakes/upstash"
	"tollgate/fakes/upstash/engine"
	"tollgate/fakes/upstash/resp"
)

// run sends a command that may run a script, as the server does.
func (c *client) run(e *engine.Remote, words ...string) string {
	c.t.Helper()
	told := e.WatchScript(c.t.Context(), c.id())
	reply := c.do(words...)
	told()
	return reply
}

// gaps counts them.
func gaps(e *engine.Remote) *atomic.Int64 {
	var n atomic.Int64
	e.OnGap(func(error) { n.Add(1) })
	return &n
}

func TestRemoteTellsWhoseScriptCallsWhat(t *testing.T) {
	e := remote(t, engine.RemoteConfig{URL: redisServer(t).URL()})
	var inner calls
	e.OnInner(inner.record)
	a, b := dial(t, e), dial(t, e)
	require.Equal(t, `$"v"`, a.run(e, "EVAL", setScript, "1", "k", "v"))
	require.Equal(t, []string{
		fmt.Sprint(a.id(), " ", sha(setScript), " SET"),
		fmt.Sprint(a.id(), " ", sha(setScript), " GET"),
	}, inner.take())
	b.do("SCRIPT", "LOAD", delScript)
	require.Equal(t, ":1", b.run(e, "evalsha", strings.ToUpper(sha(delScript)), "1", "k"))
	require.Equal(t, []string{fmt.Sprint(b.id(), " ", sha(delScript), " DEL")}, inner.take())
	require.Contains(t, b.run(e, "EVALSHA", sha("nothing"), "0"), "NOSCRIPT")
	require.Empty(t, inner.take(), "a script that is not there calls nothing")

	b.do("MULTI")
	b.do("EVAL", setScript, "1", "k", "v")
	b.do("EVAL_RO", `return redis.call("GET", KEYS[1])`, "1", "k")
	require.Equal(t, `*[$"v" $"v"]`, b.run(e, "EXEC"))
	require.Equal(t, []string{
		fmt.Sprint(b.id(), " ", sha(setScript), " SET"),
		fmt.Sprint(b.id(), " ", sha(setScript), " GET"),
		fmt.Sprint(b.id(), " ", sha(`return redis.call("GET", KEYS[1])`), " GET"),
	}, inner.take())
}

// What MONITOR quotes comes out as it went in, however long.
func TestRemoteTellsWhatInnerCommandsAreGiven(t *testing.T) {
	e := remote(t, engine.RemoteConfig{URL: redisServer(t).URL()})
	var all strings.Builder
	for c := range 256 {
		all.WriteByte(byte(c))
	}
	value := strings.Repeat(all.String()+`"] "`, 10_000)
	var seen [][]string
	e.OnInner(func(_ uint64, _, name string, args []string) { seen = append(seen, append([]string{name}, args...)) })
	c := dial(t, e)
	c.run(e, "EVAL", setScript+" -- "+strings.Repeat("x", 1<<20), "1", value[:500], value)
	require.Len(t, seen, 2)
	require.Equal(t, []string{"SET", value[:500], value}, seen[0])
	require.Equal(t, []string{"GET", value[:500]}, seen[1])
}

// While a script runs for long, a Redis answers BUSY to everybody else, to the tap
// too. That is no reason to miss anything.
func TestRemoteWaitsForABusyRedis(t *testing.T) {
	e := remote(t, engine.RemoteConfig{URL: redisServer(t, "--busy-reply-threshold", "5").URL()})
	missed := gaps(e)
	var inner calls
	e.OnInner(inner.record)
	a, b := dial(t, e), dial(t, e)
	a.run(e, "PING") // there is a tap
	const slow = `redis.call("SET", "k", "v") for i = 1, 20000000 do end return redis.call("GET", "k")`
	told := e.WatchScript(t.Context(), a.id())
	a.send("EVAL", slow, "0")
	require.Eventually(t, func() bool { return strings.Contains(b.do("PING"), "BUSY") }, 10*time.Second, time.Millisecond)
	require.Contains(t, b.run(e, "EVAL", delScript, "1", "k"), ":1") // it waits until it knows b
	_, err := resp.ReadValue(a.r, resp.Limits{})
	require.NoError(t, err)
	told()
	require.Len(t, inner.take(), 3)
	require.Zero(t, missed.Load())
	stats, err := e.Stats(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 2, stats["EVAL"])
	require.NotContains(t, stats, "CLIENT", "its own commands are left out, those refused too")
}

// A tap that breaks is a gap for the scripts under way, and another takes its place.
func TestRemoteReplacesABrokenTap(t *testing.T) {
	e := remote(t, engine.RemoteConfig{URL: redisServer(t).URL()})
	missed := gaps(e)
	var inner calls
	e.OnInner(inner.record)
	c, killer := dial(t, e), dial(t, e)
	c.run(e, "EVAL", setScript, "1", "k", "v")
	require.Len(t, inner.take(), 2)
	require.Zero(t, missed.Load())

	told := e.WatchScript(t.Context(), c.id())
	for line := range strings.SplitSeq(killer.do("CLIENT", "LIST"), `\n`) {
		if strings.Contains(line, "name=tollgate-tap") {
			id, _, _ := strings.Cut(line[strings.Index(line, "id=")+3:], " ")
			require.Equal(t, ":1", killer.do("CLIENT", "KILL", "ID", id))
		}
	}
	c.do("EVAL", setScript, "1", "k", "v")
	told()
	require.EqualValues(t, 1, missed.Load())
	require.Empty(t, inner.take())

	require.Eventually(t, func() bool {
		c.run(e, "EVAL", setScript, "1", "k", "v")
		return len(inner.take()) == 2
	}, 10*time.Second, time.Millisecond)
	require.EqualValues(t, 1, missed.Load())
}

// What a client left behind is told of all the same.
func TestRemoteTellsWhatRanAfterItsClientLeft(t *testing.T) {
	e := remote(t, engine.RemoteConfig{URL: redisServer(t).URL()})
	missed := gaps(e)
	var told atomic.Int64
	e.OnInner(func(uint64, string, string, []string) { told.Add(1) })
	const clients, scripts = 20, 50
	for range clients {
		c := dial(t, e)
		e.WatchScript(t.Context(), c.id())
		for range scripts {
			c.send("EVAL", `for i = 1, 10 do redis.call("INCR", "n") end`, "0")
		}
		require.NoError(t, c.conn.Close())
	}
	require.Eventually(t, func() bool { return told.Load() == clients*scripts*10 }, 10*time.Second, time.Millisecond)
	require.Zero(t, missed.Load())
}

// A database at Upstash, but for Upstash: CLIENT LIST without ID, MONITOR in
// RESP2, TLS.
func TestRemoteTellsFromAnotherFake(t *testing.T) {
	network := memnet.New()
	defer network.Close()
	server, err := upstash.Start(t.Context(), upstash.Config{Network: network, RESPAddr: "127.0.0.1:0"})
	require.NoError(t, err)
	defer server.Close()
	e := remote(t, engine.RemoteConfig{URL: "redis://" + server.RESPAddr(), Dial: network.DialContext})
	missed := gaps(e)
	var inner calls
	e.OnInner(inner.record)
	c := dial(t, e)
	require.Equal(t, `$"v"`, c.run(e, "EVAL", setScript, "1", "k", "v"))
	require.Len(t, inner.take(), 2)
	require.Zero(t, missed.Load())
}

// Nobody waits for a tap for longer than it is worth to them.
func TestRemoteStopsWaitingWithItsContext(t *testing.T) {
	e := remote(t, engine.RemoteConfig{URL: redisServer(t, "--busy-reply-threshold", "5").URL()})
	missed := gaps(e)
	a, b := dial(t, e), dial(t, e)
	a.run(e, "PING")
	b.run(e, "PING")
	ctx, cancel := context.WithCancel(t.Context())
	told := e.WatchScript(ctx, b.id())
	a.send("EVAL", `while true do end`, "0")
	require.Eventually(t, func() bool { return strings.Contains(b.do("PING"), "BUSY") }, 10*time.Second, time.Millisecond)
	cancel()
	told()
	require.EqualValues(t, 1, missed.Load())
	require.Equal(t, `+"OK"`, b.do("SCRIPT", "KILL"))
}

func BenchmarkRemoteScript(b *testing.B) {
	e := remote(b, engine.RemoteConfig{URL: redisServer(b).URL()})
	c := dial(b, e)
	for b.Loop() {
		c.run(e, "EVAL", setScript, "1", "k", "v")
	}
}

// A database whose MONITOR hides who sent what: that is said, and nothing is missed
// in silence.
func TestRemoteThatHidesAddresses(t *testing.T) {
	server := redisServer(t)
	network := memnet.New()
	defer network.Close()
	l, err := network.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var relays errgroup.Group
	relays.Go(func() error {
		for {
			near, err := l.Accept()
			if err != nil {
				return nil //nolint:nilerr // the test is over
			}
			far, err := net.Dial("tcp", server.Addr())
			if err != nil {
				return err
			}
			relays.Go(func() error { defer far.Close(); _, _ = io.Copy(far, near); return nil })
			relays.Go(func() error { defer near.Close(); _, _ = io.Copy(hiding{near}, far); return nil })
		}
	})
	e, err := engine.NewRemote(t.Context(), engine.RemoteConfig{URL: "redis://" + l.Addr().String(), Dial: network.DialContext})
	require.NoError(t, err)
	var why atomic.Pointer[string]
	e.OnGap(func(err error) { text := err.Error(); why.Store(&text) })
	require.Equal(t, `$"v"`, dial(t, e).run(e, "EVAL", setScript, "1", "k", "v"))
	require.Contains(t, *why.Load(), `MONITOR shows address "0.0.0.0:0"`)
	require.NoError(t, e.Close())
	require.NoError(t, l.Close())
	require.NoError(t, relays.Wait())
}

// hiding hides the addresses in lines of MONITOR.
type hiding struct{ net.Conn }

var shown = regexp.MustCompile(`(?m)^(\+[0-9.]+ \[0) [0-9.:]+\]`)

func (h hiding) Write(p []byte) (int, error) {
	_, err := h.Conn.Write(shown.ReplaceAll(p, []byte("$1 0.0.0.0:0]")))
	return len(p), err
}
