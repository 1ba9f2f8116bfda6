package engine_test

import (
	"bufio"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/sync/errgroup"

	"tollgate/fakes/upstash/engine"
	"tollgate/fakes/upstash/resp"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// client speaks to an engine over one connection.
type client struct {
	t    testing.TB
	conn net.Conn
	r    *bufio.Reader
}

func start(t testing.TB) *engine.Embedded {
	e, err := engine.NewEmbedded()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Close()) })
	return e
}

func dial(t testing.TB, e engine.Engine) *client {
	c, err := e.Dial(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	return &client{t: t, conn: c, r: bufio.NewReader(c)}
}

func (c *client) id() uint64 { return c.conn.(engine.Conn).ID() }

func (c *client) send(words ...string) {
	c.t.Helper()
	_, err := c.conn.Write(command(words))
	require.NoError(c.t, err)
}

func (c *client) do(words ...string) string {
	c.t.Helper()
	reply, err := c.exchange(words...)
	require.NoError(c.t, err)
	return reply
}

func (c *client) exchange(words ...string) (string, error) {
	if _, err := c.conn.Write(command(words)); err != nil {
		return "", err
	}
	v, err := resp.ReadValue(c.r, resp.Limits{})
	return v.String(), err
}

func command(words []string) []byte {
	var args [][]byte
	for _, word := range words {
		args = append(args, []byte(word))
	}
	return resp.AppendCommand(nil, args...)
}

func sha(script string) string {
	sum := sha1.Sum([]byte(script))
	return hex.EncodeToString(sum[:])
}

// calls records what OnInner is told.
type calls struct {
	mu   sync.Mutex
	seen []string
}

func (c *calls) record(conn uint64, script, name string, _ []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.seen = append(c.seen, fmt.Sprint(conn, " ", script, " ", name))
}

func (c *calls) take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	seen := c.seen
	c.seen = nil
	return seen
}

const (
	setScript = `redis.call("SET", KEYS[1], ARGV[1]) return redis.pcall("get", KEYS[1])`
	delScript = `return redis.call("DEL", KEYS[1])`
)

func TestEmbeddedTellsWhoseScriptCallsWhat(t *testing.T) {
	e := start(t)
	var inner calls
	e.OnInner(inner.record)
	a, b := dial(t, e), dial(t, e)
	require.NotEqual(t, a.id(), b.id())

	require.Equal(t, `$"v"`, a.do("EVAL", setScript, "1", "k", "v"))
	want := []string{fmt.Sprint(a.id(), " ", sha(setScript), " SET"), fmt.Sprint(a.id(), " ", sha(setScript), " GET")}
	require.Equal(t, want, inner.take())

	require.Equal(t, sha(delScript), b.do("SCRIPT", "LOAD", delScript)[2:42])
	require.Equal(t, ":1", b.do("evalsha", sha(delScript), "1", "k"))
	require.Equal(t, []string{fmt.Sprint(b.id(), " ", sha(delScript), " DEL")}, inner.take())

	require.Contains(t, b.do("EVALSHA", sha("nothing"), "0"), "NOSCRIPT")
	require.Empty(t, inner.take(), "a script that is not there calls nothing")

	stats, err := e.Stats(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"EVAL": 1, "SET": 1, "GET": 1, "SCRIPT": 1, "EVALSHA": 2, "DEL": 1}, stats)
}

func TestEmbeddedTellsWhatInnerCommandsAreGiven(t *testing.T) {
	e := start(t)
	var seen [][]string
	e.OnInner(func(_ uint64, _, name string, args []string) {
		seen = append(seen, append([]string{name}, args...))
	})
	dial(t, e).do("EVAL", setScript, "1", "k", "v")
	require.Equal(t, [][]string{{"SET", "k", "v"}, {"GET", "k"}}, seen)
}

func TestEmbeddedTellsScriptsInATransactionApart(t *testing.T) {
	e := start(t)
	var inner calls
	e.OnInner(inner.record)
	c := dial(t, e)
	require.Equal(t, `+"OK"`, c.do("MULTI"))
	require.Equal(t, `+"QUEUED"`, c.do("EVAL", setScript, "1", "k", "v"))
	require.Equal(t, `+"QUEUED"`, c.do("EVAL", delScript, "1", "k"))
	require.Empty(t, inner.take(), "queued scripts have not run")
	require.Equal(t, `*[$"v" :1]`, c.do("EXEC"))
	require.Equal(t, []string{
		fmt.Sprint(c.id(), " ", sha(setScript), " SET"),
		fmt.Sprint(c.id(), " ", sha(setScript), " GET"),
		fmt.Sprint(c.id(), " ", sha(delScript), " DEL"),
	}, inner.take())
}

func TestEmbeddedTellsConcurrentScriptsApart(t *testing.T) {
	e := start(t)
	var mu sync.Mutex
	perConn := map[uint64]int{}
	e.OnInner(func(conn uint64, _, _ string, _ []string) {
		mu.Lock()
		defer mu.Unlock()
		perConn[conn]++
	})
	const clients, rounds = 4, 50
	var group errgroup.Group
	for i := range clients {
		c := dial(t, e)
		group.Go(func() error {
			for range rounds * (i + 1) {
				if _, err := c.exchange("EVAL", setScript, "1", strconv.Itoa(i), "v"); err != nil {
					return err
				}
			}
			return nil
		})
	}
	require.NoError(t, group.Wait())
	require.Len(t, perConn, clients)
	total := 0
	for id, n := range perConn {
		require.Zero(t, n%(2*rounds), "connection %d", id)
		total += n
	}
	require.Equal(t, 2*rounds*(1+2+3+4), total)
}

func TestEmbeddedRefusesToBlockInsideAScript(t *testing.T) {
	e := start(t)
	c := dial(t, e)
	require.Contains(t, c.do("EVAL", `return redis.call("BLPOP", "q", 0)`, "0"), "not allowed from script")
	require.Contains(t, c.do("EVAL", `return redis.call("XREAD", "BLOCK", 0, "STREAMS", "s", "$")`, "0"), "not allowed from script")
	require.Equal(t, "_", c.do("EVAL", `return redis.call("XREAD", "STREAMS", "s", "0")`, "0"))
}

func TestEmbeddedForgetsAClientThatLeftWhileBlocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, err := engine.NewEmbedded()
		require.NoError(t, err)
		gone, c := dial(t, e), dial(t, e)
		gone.send("BLPOP", "q", "0")
		synctest.Wait()
		require.NoError(t, gone.conn.Close())
		time.Sleep(time.Second)
		require.Equal(t, ":1", c.do("RPUSH", "q", "job"))
		require.Equal(t, ":1", c.do("LLEN", "q"), "the item is not lost to who left")
		require.NoError(t, e.Close())
	})
}

func TestEmbeddedCloseEndsBlockedConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, err := engine.NewEmbedded()
		require.NoError(t, err)
		for range 3 {
			dial(t, e).send("BLPOP", "q", "0")
		}
		synctest.Wait()
		require.NoError(t, e.Close())
		require.NoError(t, e.Close(), "again")
		_, err = e.Dial(t.Context())
		require.ErrorIs(t, err, engine.ErrClosed)
	})
}

func TestEmbeddedTimeToLiveFollowsTheBubblesClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, err := engine.NewEmbedded()
		require.NoError(t, err)
		defer e.Close()
		c := dial(t, e)
		for _, lead := range []time.Duration{0, time.Millisecond, 19 * time.Millisecond, time.Hour} {
			time.Sleep(lead)
			require.Equal(t, `+"OK"`, c.do("SET", "k", "v", "EX", "60"))
			time.Sleep(time.Minute - 20*time.Millisecond)
			require.Equal(t, `$"v"`, c.do("GET", "k"))
			time.Sleep(40 * time.Millisecond)
			require.Equal(t, "_", c.do("EVAL", `return redis.call("GET", "k")`, "0"))
		}
	})
}

// Whoever does not read must not hold up the others, even though miniredis
// writes replies under its lock.
func TestEmbeddedBreaksAClientThatDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, err := engine.NewEmbedded()
		require.NoError(t, err)
		defer e.Close()
		lazy, c := dial(t, e), dial(t, e)
		require.Equal(t, `+"OK"`, c.do("SET", "big", string(make([]byte, 1<<20))))
		for range 100 {
			lazy.send("GET", "big")
		}
		synctest.Wait()
		require.Equal(t, ":1", c.do("EXISTS", "big"))
		read := 0
		for ; err == nil; read++ {
			_, err = resp.ReadValue(lazy.r, resp.Limits{})
		}
		require.ErrorIs(t, err, io.ErrUnexpectedEOF)
		require.LessOrEqual(t, read, 64)
	})
}

func TestEmbeddedSupports(t *testing.T) {
	e := start(t)
	require.True(t, e.Supports("ZADD"))
	require.False(t, e.Supports("JSON.SET"))
}

func TestEmbeddedDialHonoursItsContext(t *testing.T) {
	e := start(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := e.Dial(ctx)
	require.ErrorIs(t, err, context.Canceled)
}

func BenchmarkEmbeddedGet(b *testing.B) {
	c := dial(b, start(b))
	c.do("SET", "k", "v")
	for b.Loop() {
		c.do("GET", "k")
	}
}

func ExampleEmbedded() {
	e, err := engine.NewEmbedded()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer e.Close()
	conn, err := e.Dial(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	fmt.Fprint(conn, "*1\r\n$4\r\nPING\r\n")
	reply, _ := bufio.NewReader(conn).ReadString('\n')
	fmt.Printf("%q\n", reply)
	// Output: "+PONG\r\n"
}
