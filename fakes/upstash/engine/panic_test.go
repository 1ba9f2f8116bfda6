package engine_test

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/engine"
)

// Each of these panics: before miniredis locks, while it is locked, and deep down.
var panicking = map[string][]string{
	"before it locks":    {"TEST.PANIC"},
	"while it is locked": {engine.MiniredisEval, "return print", "0"},
	"in a script":        {"EVAL", `return redis.call("TEST.PANIC")`, "0"},
}

func TestEmbeddedSurvivesAPanic(t *testing.T) {
	for name, command := range panicking {
		t.Run(name, func(t *testing.T) {
			e := start(t)
			require.NoError(t, e.Register("TEST.PANIC", func(args []string) { _ = args[7] }))
			require.NoError(t, e.RegisterMiniredisEval())
			victim, other := dial(t, e), dial(t, e)
			require.Equal(t, ":1", other.do("ZADD", "z", "1", "m"))

			reply, err := victim.exchange(command...)
			if err != nil { // part of a reply was on its way
				victim = dial(t, e)
			} else {
				require.Contains(t, reply, "-")
			}
			require.Equal(t, `$"1"`, other.do("ZSCORE", "z", "m"), "the engine is not locked")
			require.Equal(t, `$"1"`, victim.do("ZSCORE", "z", "m"), "nor is the connection lost")
			require.Equal(t, `$"1"`, victim.do("EVAL", `return redis.call("ZSCORE", "z", "m")`, "0"))
		})
	}
}

// A command that panics is answered, where nothing was yet, and told of.
func TestEmbeddedTellsOfAPanic(t *testing.T) {
	e := start(t)
	var log bytes.Buffer
	e.SetLog(slog.New(slog.NewTextHandler(&log, nil)))
	require.NoError(t, e.RegisterMiniredisEval())
	require.Equal(t, `-"ERR internal error of the embedded engine"`, dial(t, e).do(engine.MiniredisEval, "return print", "0"))
	require.Contains(t, log.String(), `msg="engine: miniredis panicked" command=TEST.EVAL`)
}

// A reply that began before the panic cannot be taken back.
func TestEmbeddedClosesAConnectionWhoseReplyPanicked(t *testing.T) {
	e := start(t)
	require.NoError(t, e.RegisterMiniredisEval())
	victim, other := dial(t, e), dial(t, e)
	victim.do("MULTI")
	victim.do("PING")
	require.Equal(t, `+"QUEUED"`, victim.do(engine.MiniredisEval, "return print", "0"))
	_, err := victim.exchange("EXEC")
	require.Error(t, err)
	require.Equal(t, `+"PONG"`, other.do("PING"))
}

// With an extension in it, the reply is held back, so the connection goes on.
func TestEmbeddedPanicEndsATransaction(t *testing.T) {
	e := start(t)
	require.NoError(t, e.RegisterMiniredisEval())
	c := dial(t, e)
	c.do("MULTI")
	c.do("DIGEST", "none")
	c.do(engine.MiniredisEval, "return print", "0")
	require.Equal(t, `-"ERR internal error of the embedded engine"`, c.do("EXEC"))
	require.Equal(t, "_", c.do("DIGEST", "none"))
}

func TestEmbeddedPanicSpoilsATransaction(t *testing.T) {
	e := start(t)
	require.NoError(t, e.Register("TEST.PANIC", func(args []string) { _ = args[7] }))
	c := dial(t, e)
	c.do("MULTI")
	require.Equal(t, `-"ERR internal error of the embedded engine"`, c.do("TEST.PANIC"))
	require.Equal(t, `+"QUEUED"`, c.do("SET", "k", "v"))
	require.Contains(t, c.do("EXEC"), "EXECABORT")
	require.Equal(t, ":0", c.do("EXISTS", "k"))
}

// A script that fails after it switched the protocol leaves the connection's.
func TestEmbeddedScriptKeepsTheProtocol(t *testing.T) {
	c := dial(t, start(t))
	c.do("EVAL", `redis.setresp(3) error("oops")`, "0")
	c.send("GET", "none")
	require.Equal(t, "$-1", c.raw())
}

func TestScriptThatFailsHasTheWordsOfUpstash(t *testing.T) {
	c := dial(t, start(t))
	require.Equal(t, `-"ERR Error running script: @user_script:1: READONLY Write commands are not allowed from read-only scripts`+
		` stack traceback:  [G]: in function 'call'  :1: in main chunk  [G]: ?"`,
		c.do("EVAL_RO", `return redis.call("SET", "k", "v")`, "0"))
	require.Contains(t, c.do("EVAL", "\n\nerror('oops')", "0"), "ERR Error running script: @user_script:3: oops")
	require.Contains(t, c.do("EVAL", "this is none", "0"), "ERR Error compiling script (new function): <string> line:1")
	require.Equal(t, `$"-ERR Error compiling script (new function): :1: x"`, c.do("ECHO", "-ERR Error compiling script (new function): :1: x"))
}
