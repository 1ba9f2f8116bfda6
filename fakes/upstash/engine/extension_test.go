package engine_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/engine"
)

func TestExtensionInATransaction(t *testing.T) {
	c := dial(t, start(t))
	for _, hello := range []string{"2", "3"} {
		c.do("HELLO", hello)
		c.do("FLUSHALL")
		require.Equal(t, `+"OK"`, c.do("MULTI"))
		for _, command := range [][]string{
			{"ZADD", "a", "1", "x", "2", "y"},
			{"ZDIFF", "1", "a", "WITHSCORES"},
			{"GEOHASH", "a", "nope"},
			{"ECHO", "between"},
			{"ZDIFF", "1", "nope"},
			{"PFMERGE", "h"},
			{"ZDIFF", "1", "h"},
		} {
			require.Equal(t, `+"QUEUED"`, c.do(command...))
		}
		want := `*[:2 *[$"x" $"1" $"y" $"2"] *[_] $"between" *[] +"OK" -"WRONGTYPE Operation against a key holding the wrong kind of value"]`
		if hello == "3" {
			want = `*[:2 *[*[$"x" ,1] *[$"y" ,2]] *[_] $"between" *[] +"OK" -"WRONGTYPE Operation against a key holding the wrong kind of value"]`
		}
		require.Equal(t, want, c.do("EXEC"))
		require.Equal(t, `$"more"`, c.do("ECHO", "more"), "nothing is answered twice")
	}
}

func TestExtensionInATransactionThatDoesNotRun(t *testing.T) {
	e := start(t)
	c, other := dial(t, e), dial(t, e)
	c.do("MULTI")
	require.Equal(t, `-"ERR wrong number of arguments for 'zdiff' command"`, c.do("ZDIFF", "1"))
	require.Equal(t, `+"QUEUED"`, c.do("PFADD", "h", "x"))
	require.Contains(t, c.do("EXEC"), "EXECABORT")

	c.do("MULTI")
	c.do("PFADD", "h", "x")
	require.Equal(t, `+"OK"`, c.do("DISCARD"))
	c.do("MULTI")
	c.do("DIGEST", "none")
	require.Equal(t, `*[_]`, c.do("EXEC"), "what was discarded does not run later")

	c.do("WATCH", "k")
	other.do("SET", "k", "v", "IFNE", "w")
	c.do("MULTI")
	c.do("PFADD", "h", "x")
	require.Equal(t, "_", c.do("EXEC"), "an extension's write is seen by WATCH")
	require.Equal(t, ":0", c.do("EXISTS", "h"))
}

func TestExtensionCalledByAScript(t *testing.T) {
	e := start(t)
	var inner calls
	e.OnInner(inner.record)
	c := dial(t, e)
	script := `redis.call("PFADD", KEYS[1], "x", "y") return {redis.call("pfcount", KEYS[1]), redis.call("TTL", KEYS[1])}`
	require.Equal(t, "*[:2 :-1]", c.do("EVAL", script, "1", "h"))
	require.Len(t, inner.take(), 3, "each is one command, whatever the engine makes of it")

	require.Equal(t, ":2", c.do("EVAL_RO", `return redis.call("PFCOUNT", KEYS[1])`, "1", "h"))
	require.Contains(t, c.do("EVAL_RO", `return redis.call("PFADD", KEYS[1], "z")`, "1", "h"), "not allowed")
	require.Contains(t, c.do("EVAL_RO", `return redis.call("HGETDEL", KEYS[1], "FIELDS", 1, "z")`, "1", "h"), "not allowed")
	require.Contains(t, c.do("EVAL", `return redis.pcall("ZDIFF", 1)`, "0"), "wrong number of arguments for 'zdiff'")
	require.Contains(t, c.do("EVAL", `return redis.call("ZDIFF", 1, KEYS[1])`, "1", "h"), "WRONGTYPE")

	c.do("MULTI")
	c.do("EVAL", script, "1", "h")
	c.do("PFADD", "h", "z")
	c.do("PFCOUNT", "h")
	require.Equal(t, "*[*[:2 :-1] :1 :3]", c.do("EXEC"))
}

func TestExtensionsCountUnderTheirOwnName(t *testing.T) {
	e := start(t)
	var inner calls
	e.OnInner(inner.record)
	c := dial(t, e)
	c.do("ZDIFFSTORE", "to", "1", "a")
	c.do("MULTI")
	c.do("DIGEST", "none")
	c.do("EXEC")
	require.Empty(t, inner.take(), "they are no scripts")
	stats, err := e.Stats(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"ZDIFFSTORE": 1, "MULTI": 1, "DIGEST": 1, "EXEC": 1}, stats)
}

func TestExtensionsAreSupported(t *testing.T) {
	e := start(t)
	for _, name := range []string{"BITFIELD", "DIGEST", "GEOHASH", "HPEXPIRE", "XACKDEL", "ZDIFF"} {
		require.True(t, e.Supports(name), name)
	}
	require.False(t, e.Supports("FUNCTION"))
	require.Contains(t, dial(t, e).do("TOLLGATE.QUEUED"), "unknown command")
	require.Contains(t, dial(t, e).do("EVAL", `redis.call("TOLLGATE.QUEUED")`, "0"), "-")
}

func TestExtensionWhileSubscribed(t *testing.T) {
	c := dial(t, start(t))
	c.do("SUBSCRIBE", "news")
	require.Contains(t, c.do("DIGEST", "k"), "Can't execute 'digest'")
}

func TestFieldsExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, err := engine.NewEmbedded()
		require.NoError(t, err)
		defer e.Close()
		c := dial(t, e)
		c.do("HSET", "h", "a", "1", "b", "2", "c", "3")
		require.Equal(t, "*[:1]", c.do("HPEXPIRE", "h", "1500", "FIELDS", "1", "a"))
		require.Equal(t, `*[$"2"]`, c.do("HGETEX", "h", "EX", "2", "FIELDS", "1", "b"))
		time.Sleep(time.Second)
		require.Equal(t, "*[:1 :1 :-1]", c.do("HTTL", "h", "FIELDS", "3", "a", "b", "c"))
		require.Equal(t, "*[:500 :1000 :-1]", c.do("HPTTL", "h", "FIELDS", "3", "a", "b", "c"))
		time.Sleep(time.Second + ttlStep)
		require.Equal(t, `*[$"c" $"3"]`, c.do("HGETALL", "h"))
	})
}

// ttlStep is how late an expiry may come.
const ttlStep = 20 * time.Millisecond
