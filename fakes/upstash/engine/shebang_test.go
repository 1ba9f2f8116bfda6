package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What scripts with a shebang line answer that Redis has too is in
// testdata/replies/shebang.txt.

const locking = "#!lua flags=allow-key-locking\n"

func TestKeyLocking(t *testing.T) {
	refused := "ERR Dynamic keys are not allowed in Lua scripts when 'allow-key-locking' flag is set. Key was: "
	c := dial(t, start(t))
	c.do("MSET", "k1", "v1", "k2", "v2", "{1}", "v3")
	for _, test := range []struct{ script, keys, want, refused string }{
		{script: `return redis.call("GET", KEYS[1])`, keys: "1 k1", want: `$"v1"`},
		{script: `return redis.call("MGET", KEYS[2], KEYS[1])`, keys: "2 k1 k2", want: `*[$"v2" $"v1"]`},
		{script: `return redis.call("GET", "k1")`, keys: "1 k1", want: `$"v1"`},
		{script: `return redis.call("GET", "{" .. 1 .. "}")`, keys: "1 {1}", want: `$"v3"`},
		{script: `return redis.call("PING")`, keys: "0", want: `+"PONG"`},
		{script: `return redis.call("ZDIFF", 1, KEYS[1])`, keys: "1 none", want: `*[]`},
		{script: `return redis.call("GET", "k1")`, keys: "0", refused: "k1"},
		{script: `return redis.call("get", ARGV[1])`, keys: "1 k1 k2", refused: "k2"},
		{script: `return redis.call("MGET", "k1", "k2")`, keys: "1 k1", refused: "k2"},
		{script: `return redis.call("SET", "k1", "lost")`, keys: "1 k2", refused: "k1"},
		{script: `return redis.pcall("DEL", "k1")`, keys: "1 k2", refused: "k1"},
		{script: `return redis.call("ZDIFF", 2, KEYS[1], "other")`, keys: "1 none", refused: "other"},
		{script: `return redis.call("NOSUCH", "k1")`, keys: "0", want: "Unknown Redis command"},
	} {
		for _, run := range []func() string{
			func() string {
				return c.do(append([]string{"EVAL", locking + test.script}, strings.Fields(test.keys)...)...)
			},
			func() string {
				return c.do(append([]string{"EVALSHA", sha(locking + test.script)}, strings.Fields(test.keys)...)...)
			},
		} {
			reply := run()
			if test.refused == "" {
				require.Contains(t, reply, test.want, test.script)
				continue
			}
			require.Contains(t, reply, refused+test.refused, test.script)
		}
	}
	require.Equal(t, `*[$"v1" $"v2"]`, c.do("MGET", "k1", "k2"))
	require.Equal(t, `$"v1"`, c.do("EVAL", "#!lua\n"+`return redis.call("GET", "k1")`, "0"), "without the flag, any key")
	require.Equal(t, `$"v1"`, c.do("EVAL_RO", locking+`return redis.call("GET", KEYS[1])`, "1", "k1"))
	require.Contains(t, c.do("EVAL_RO", locking+`return redis.call("SET", KEYS[1], 1)`, "1", "k1"), "not allowed")
	require.Contains(t, c.do("EVAL", "#!lua flags=no-writes,allow-key-locking\n"+`return redis.call("SET", KEYS[1], 1)`, "1", "k1"),
		"Write commands are not allowed")
}

// Each run in a transaction has its own keys.
func TestKeyLockingInATransaction(t *testing.T) {
	c := dial(t, start(t))
	script := locking + `return redis.pcall("INCR", ARGV[1])`
	c.do("SCRIPT", "LOAD", script)
	c.do("MULTI")
	c.do("EVALSHA", sha(script), "1", "a", "a")
	c.do("EVALSHA", sha(script), "1", "b", "a")
	c.do("EVAL", `return redis.call("INCR", "a")`, "0")
	c.do("ZDIFF", "1", "none")
	c.do("EVAL", script, "2", "b", "a", "a")
	reply := c.do("EXEC")
	require.True(t, strings.HasPrefix(reply, `*[:1 -"ERR Dynamic keys`), reply)
	require.True(t, strings.HasSuffix(reply, ` :2 *[] :3]`), reply)
}

func TestKeyLockingOfManyKeys(t *testing.T) {
	c := dial(t, start(t))
	keys := make([]string, 20_000)
	for i := range keys {
		keys[i] = fmt.Sprint("k", i)
	}
	eval := append([]string{"EVAL", locking + `return redis.call("SET", KEYS[#KEYS], "v")`, fmt.Sprint(len(keys))}, keys...)
	require.Equal(t, `+"OK"`, c.do(eval...))
}

// Whoever is told of inner commands, and who reads errors, sees the SHA-1 of what
// the client sent, and nothing of what the engine adds.
func TestShebangScriptsKeepTheirNames(t *testing.T) {
	e := start(t)
	var inner calls
	e.OnInner(inner.record)
	c := dial(t, e)
	for _, shebang := range []string{"#!lua\n", "#!lua flags=no-writes\n", locking} {
		script := shebang + `redis.call("EXISTS", KEYS[1]) return 1`
		c.do("EVAL", script, "1", "k")
		want := []string{fmt.Sprintf("%d %s EXISTS", c.id(), sha(script))}
		require.Equal(t, want, inner.take())
		c.do("MULTI")
		c.do("EVALSHA", strings.ToUpper(sha(script)), "1", "k")
		require.Equal(t, "*[:1]", c.do("EXEC"))
		require.Equal(t, want, inner.take())
		reply := c.do("EVAL", shebang+"\nredis.call('NOSUCH')", "0")
		require.Contains(t, reply, sha(shebang+"\nredis.call('NOSUCH')"))
		require.Contains(t, reply, "@user_script:3:", "lines keep their numbers")
		inner.take()
	}
	stats, err := e.Stats(t.Context())
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"EVAL": 6, "EVALSHA": 3, "MULTI": 3, "EXEC": 3, "EXISTS": 6, "NOSUCH": 3}, stats)
}

func TestShebangScriptsMustNotWrite(t *testing.T) {
	c := dial(t, start(t))
	script := "#!lua flags=no-writes\n" + `return redis.call("SET", "k", "v")`
	require.Contains(t, c.do("EVAL", script, "0"), "@user_script:2: READONLY Write commands are not allowed")
	c.do("SCRIPT", "LOAD", script)
	require.Contains(t, c.do("EVALSHA", sha(script), "0"), "READONLY Write commands are not allowed")
	c.do("MULTI")
	c.do("EVALSHA", sha(script), "0")
	require.Contains(t, c.do("EXEC"), "Write commands are not allowed")
	require.Equal(t, ":0", c.do("EXISTS", "k"))
}

// A script of another connection, and one whose text cannot be compiled.
func TestShebangScriptsAreShared(t *testing.T) {
	e := start(t)
	a, b := dial(t, e), dial(t, e)
	a.do("SCRIPT", "LOAD", "#!lua\nreturn 1")
	require.Equal(t, ":1", b.do("EVALSHA", sha("#!lua\nreturn 1"), "0"))
	require.Contains(t, a.do("SCRIPT", "LOAD", "#!lua\nnot Lua"), "ERR Error compiling script")
	require.Contains(t, a.do("EVAL", "#!lua\nnot Lua", "0"), "ERR Error compiling script")
	require.Equal(t, "*[:0]", b.do("SCRIPT", "EXISTS", sha("#!lua\nnot Lua")))
	require.Contains(t, b.do("EVALSHA", sha("#!lua\nnot Lua"), "0"), "NOSCRIPT")
}

// Names are forgotten before they take much memory, and clients send scripts again.
func TestShebangScriptsAreBounded(t *testing.T) {
	c := dial(t, start(t))
	c.do("SCRIPT", "LOAD", "#!lua\nreturn 'first'")
	for i := range 10_000 {
		c.do("SCRIPT", "LOAD", fmt.Sprintf("#!lua\nreturn %d", i))
	}
	require.Equal(t, "*[:0 :1]", c.do("SCRIPT", "EXISTS", sha("#!lua\nreturn 'first'"), sha("#!lua\nreturn 9999")))
	require.Equal(t, `$"first"`, c.do("EVAL", "#!lua\nreturn 'first'", "0"))
	require.Equal(t, `$"first"`, c.do("EVALSHA", sha("#!lua\nreturn 'first'"), "0"))
}
