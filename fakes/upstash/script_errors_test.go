package upstash_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// Scripts fail in Upstash's words, as an official SDK expects.
func TestScriptErrors(t *testing.T) {
	f := start(t, settings(t))
	c := login(t, f)
	for script, want := range map[string]string{
		`return redis.call("SET", "k", "v")`: "^-ERR Error running script: @user_script:1: READONLY Write commands are not allowed from read-only scripts stack traceback:",
		"\n" + `redis.call("DEL", "k")`:      "^-ERR Error running script: @user_script:2: READONLY Write commands are not allowed from read-only scripts",
		`return redis.pcall("SET", "k", 1)`:  "^-READONLY Write commands are not allowed from read-only scripts\r\n$",
		`error("boom")`:                      "^-ERR Error running script: @user_script:1: boom ",
		`return redis.error_reply("MY own")`: "^-MY own\r\n$",
		`not Lua`:                            "^-ERR Error compiling script ",
	} {
		c.send("EVAL_RO", script, "0")
		line, err := c.r.ReadString('\n')
		require.NoError(t, err)
		require.Regexp(t, want, line)
	}
	status, answer := post(t, web(t, f), f.RESTURL(), `["EVAL_RO","return redis.call('SET','k','v')",0]`)
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, answer, "@user_script:1: READONLY Write commands are not allowed from read-only scripts")
	c.want("$-1", "GET", "k")
}
