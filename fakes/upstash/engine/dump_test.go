package engine_test

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/fakes/upstash/engine"
	"tollgate/fakes/upstash/resp"
)

// copyOf is an engine that was loaded with what e dumps.
func copyOf(t require.TestingT, e *engine.Embedded) *engine.Embedded {
	var dump bytes.Buffer
	require.NoError(t, e.Dump(&dump))
	again, err := engine.NewEmbedded()
	require.NoError(t, err)
	require.NoError(t, again.Load(&dump))
	return again
}

// contents is all that read commands tell of a data set, sorted where they have
// no order.
func contents(c *client) []string {
	var all []string
	tell := func(words ...string) resp.Value {
		_, err := c.conn.Write(command(words))
		require.NoError(c.t, err)
		v, err := resp.ReadValue(c.r, resp.Limits{})
		require.NoError(c.t, err)
		all = append(all, fmt.Sprintf("%q: %v", words, v))
		return v
	}
	for _, item := range tell("SCAN", "0").Array[1].Array {
		key := item.Text()
		switch kind := tell("TYPE", key).Text(); kind {
		case "string":
			tell("GET", key)
		case "list":
			tell("LRANGE", key, "0", "-1")
		case "set":
			tell("SMEMBERS", key)
		case "zset":
			tell("ZRANGE", key, "0", "-1", "WITHSCORES")
		case "hash":
			pairs := tell("HGETALL", key)
			for i := 0; i < len(pairs.Array); i += 2 {
				tell("HPTTL", key, "FIELDS", "1", pairs.Array[i].Text())
			}
		case "stream":
			tell("XINFO", "STREAM", key)
			tell("XRANGE", key, "-", "+")
			groups := tell("XINFO", "GROUPS", key)
			all = all[:len(all)-1] // they come in no order
			for _, about := range groups.Array {
				all = append(all, about.String())
				group := about.Array[1].Text()
				tell("XPENDING", key, group, "-", "+", "1000")
				tell("XPENDING", key, group)
				for _, consumer := range tell("XINFO", "CONSUMERS", key, group).Array {
					all = append(all, fmt.Sprint(key, group, consumer.Array[:2])) // miniredis miscounts the rest
				}
				all = slices.DeleteFunc(all, func(s string) bool { return strings.Contains(s, `"CONSUMERS"`) })
			}
		}
		tell("PTTL", key)
		tell("PEXPIRETIME", key)
	}
	slices.Sort(all)
	return all
}

// createGroup also creates all consumers: miniredis forgets to when they claim
// what was deleted.
const createGroup = `redis.call("XGROUP", "CREATE", KEYS[1], ARGV[1], "0", "MKSTREAM")
	for _, name in ipairs({"x", "y", "z"}) do redis.call("XGROUP", "CREATECONSUMER", KEYS[1], ARGV[1], name) end`

// anyWrite draws a command that may write; many fail, as in life.
func anyWrite(t *rapid.T) []string {
	text := rapid.OneOf(rapid.SampledFrom([]string{"a", "b", "c", "\x00\r\n\xff", ""}), rapid.StringN(0, 6, 12))
	key := func(kind string) string {
		return kind + rapid.SampledFrom([]string{"1", "2", "\r\n\x00\xfe"}).Draw(t, "key")
	}
	draw := func() string { return text.Draw(t, "text") }
	number := func(limit int) string { return strconv.Itoa(rapid.IntRange(1, limit).Draw(t, "number")) }
	score := func() string {
		return strconv.FormatFloat(rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, 1, -1.5, 1e300})).Draw(t, "score"), 'g', -1, 64)
	}
	id := func() string { return number(9) + "-1" }
	one := func(of ...string) string { return rapid.SampledFrom(of).Draw(t, "one") }
	stream := func() string { return one("stream1", "stream1", "stream1", "stream\r\n\x00") }
	anyKey := func() string { return key(one("string", "list", "set", "zset", "hash", "stream", "hll")) }
	group := func() string { return one("g", "g", "g", "\x00") }
	consumer := func() string { return one("x", "y", "z") }
	streams := rapid.SampledFrom([]func() []string{
		func() []string { return []string{"XADD", stream(), id(), draw(), draw()} },
		func() []string { return []string{"XADD", stream(), "*", draw(), draw()} },
		func() []string { return []string{"XDEL", stream(), id(), id(), id()} },
		func() []string { return []string{"XTRIM", stream(), "MAXLEN", "3"} },
		func() []string { return []string{"XGROUP", "DESTROY", stream(), group()} },
		func() []string { return []string{"EVAL", createGroup, "1", stream(), group()} },
		func() []string {
			return []string{"XREADGROUP", "GROUP", group(), consumer(), "COUNT", number(4), "STREAMS", stream(), ">"}
		},
		func() []string { return []string{"XACK", stream(), group(), id()} },
		func() []string { return []string{"XCLAIM", stream(), group(), consumer(), "0", id(), id()} },
	})
	if rapid.Bool().Draw(t, "stream") {
		return streams.Draw(t, "command")()
	}
	return rapid.SampledFrom([]func() []string{
		func() []string { return []string{"SET", key("string"), draw()} },
		func() []string { return []string{"SETBIT", key("string"), number(60), "1"} },
		func() []string { return []string{"RPUSH", key("list"), draw(), draw()} },
		func() []string { return []string{"PFADD", key("hll"), draw(), draw()} },
		func() []string { return []string{"SADD", key("set"), draw(), draw()} },
		func() []string { return []string{"ZADD", key("zset"), score(), draw(), "inf", draw()} },
		func() []string { return []string{"HSET", key("hash"), draw(), draw(), draw(), draw()} },
		func() []string {
			return []string{"HSETEX", key("hash"), "PX", number(90000), "FIELDS", "1", draw(), draw()}
		},
		func() []string { return []string{"PEXPIRE", anyKey(), number(90000)} },
		func() []string { return []string{"DEL", anyKey()} },
		func() []string { return []string{"RENAME", anyKey(), anyKey()} },
	}).Draw(t, "command")()
}

func TestDumpedAndLoadedIsTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		inBubble := struct{ testing.TB }{t} // rapid asks others for their deadline, which a bubble has not
		rapid.Check(inBubble, func(rt *rapid.T) {
			e, err := engine.NewEmbedded()
			require.NoError(rt, err)
			defer e.Close()
			before := dial(t, e)
			for range rapid.IntRange(0, 120).Draw(rt, "writes") {
				before.do(anyWrite(rt)...)
				if rapid.IntRange(0, 9).Draw(rt, "pause") == 0 {
					time.Sleep(time.Duration(rapid.IntRange(1, 30000).Draw(rt, "ms")) * time.Millisecond)
				}
			}
			again := copyOf(rt, e)
			defer again.Close()
			require.Equal(rt, contents(before), contents(dial(t, again)))

			time.Sleep(time.Minute)
			require.Equal(rt, contents(before), contents(dial(t, again)), "a minute later")
		})
	})
}

func TestDumpOfNothing(t *testing.T) {
	require.Equal(t, ":0", dial(t, copyOf(t, start(t))).do("DBSIZE"))
}

func TestDumpBatchesLargeValues(t *testing.T) {
	e := start(t)
	c := dial(t, e)
	for i := range 1000 {
		n := strconv.Itoa(i)
		c.do("RPUSH", "list", n)
		c.do("HSET", "hash", n, n)
		c.do("ZADD", "zset", n, n)
	}
	c.do("RPUSH", "big", strings.Repeat("x", 3<<20), strings.Repeat("y", 3<<20))
	again := copyOf(t, e)
	t.Cleanup(func() { require.NoError(t, again.Close()) })
	require.Equal(t, contents(c), contents(dial(t, again)))
}

func TestDumpCountsAsNobodys(t *testing.T) {
	e := start(t)
	dial(t, e).do("SET", "k", "v")
	var dump bytes.Buffer
	require.NoError(t, e.Dump(&dump))
	require.NoError(t, e.Load(&dump))
	stats, err := e.Stats(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"SET": 1}, stats)
}

func TestDumpTellsOfAWriterThatFails(t *testing.T) {
	e := start(t)
	dial(t, e).do("SET", "k", strings.Repeat("x", 1<<16))
	r, w := io.Pipe()
	require.NoError(t, r.Close())
	require.ErrorIs(t, e.Dump(w), io.ErrClosedPipe)
	require.Equal(t, ":1", dial(t, e).do("EXISTS", "k"), "the engine is not locked")
}

func TestLoadRefuses(t *testing.T) {
	for name, test := range map[string]struct{ dump, want string }{
		"nothing at all":      {"", "cut short"},
		"an end that is gone": {"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n", "cut short"},
		"half a command":      {"*3\r\n$3\r\nSET\r\n$1\r\n", "cut short"},
		"what is no dump":     {"PNG\n", "only 1 words"},
		"a broken command":    {"*2\r\n:5\r\n", "expected '$'"},
		"a command that fails": {
			"*3\r\n$5\r\nHMSET\r\n$3\r\nkey\r\n$1\r\nv\r\n", `HMSET of "key": ERR wrong number`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := start(t)
			dial(t, e).do("ZADD", "z", "1", "m")
			err := e.Load(strings.NewReader(test.dump))
			require.ErrorContains(t, err, test.want)
			require.Equal(t, ":1", dial(t, e).do("EXISTS", "z"), "the engine is not locked")
		})
	}
}

func TestDumpKeepsWhatIsPending(t *testing.T) {
	e := start(t)
	c := dial(t, e)
	for _, id := range []string{"1-1", "2-1", "3-1", "4-1"} {
		c.do("XADD", "s", id, "f", id)
	}
	c.do("XGROUP", "CREATE", "s", "g", "0")
	c.do("XGROUP", "CREATECONSUMER", "s", "g", "idle")
	c.do("XREADGROUP", "GROUP", "g", "x", "COUNT", "3", "STREAMS", "s", ">")
	c.do("XCLAIM", "s", "g", "y", "0", "2-1")
	c.do("XDEL", "s", "1-1", "4-1")

	again := copyOf(t, e)
	t.Cleanup(func() { require.NoError(t, again.Close()) })
	c = dial(t, again)
	pending := c.do("XPENDING", "s", "g", "-", "+", "10")
	require.Regexp(t, `^\*\[\*\[\$"1-1" \$"x" :\d+ :1\] \*\[\$"2-1" \$"y" :\d+ :2\] \*\[\$"3-1" \$"x" :\d+ :1\]\]$`, pending)
	require.Contains(t, c.do("XINFO", "STREAM", "s"), `$"last-generated-id" $"4-1"`)
	require.Equal(t, ":2", c.do("XLEN", "s"))
	require.Regexp(t, `\$"idle" \$"pending" :0 .*\$"x" \$"pending" :2 `, c.do("XINFO", "CONSUMERS", "s", "g"))
	require.Equal(t, `*[*[$"s" *[*[$"5-1" *[$"f" $"v"]]]]]`, func() string {
		c.do("XADD", "s", "5-1", "f", "v")
		return c.do("XREADGROUP", "GROUP", "g", "x", "STREAMS", "s", ">")
	}())
}
