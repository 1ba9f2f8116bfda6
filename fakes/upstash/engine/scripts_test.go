package engine_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/fakes/upstash/engine"
)

// sameScripts are answered by the engine as by miniredis's own EVAL. Each runs with the keys k1 and k2 and the arguments a1 and 2.
var sameScripts = []string{
	// types of replies
	`return nil`, `return`, ``, `return true`, `return false`, `return 3.99`, `return -3.99`, `return 1e15`, `return "text"`, `return ""`,
	`return {}`, `return {1, nil, 3}`, `return {1, {2, {3, "x"}}, false, true, {}}`, `return {ok = "fine"}`, `return {err = "MY error"}`,
	`return {{ok = "in"}, {err = "deep"}}`, `return {ok = "two\r\nlines"}`, `return {err = "two\r\nlines"}`, `return {1, 2, "a\r\nb"}`, `return 1, 2`,
	`return {a = 1, 5}`, `return {ok = 3}`, `local t = {} for i = 1, 3000 do t[i] = i * 2 end return t`, `return 9007199254740993`,
	// keys and arguments
	`return {KEYS, ARGV, #KEYS, #ARGV}`, `KEYS[1] = "other" return KEYS`, `return KEYS[3]`, `return ARGV[2] + 1`, `return {unpack(ARGV)}`,
	`return type(ARGV[2])`, `table.insert(ARGV, "more") return #ARGV`, `return select("#", ...)`,
	// commands
	`return redis.call("SET", KEYS[1], ARGV[1])`, `return redis.call("get", KEYS[1])`, `return server.call("GET", "none")`,
	`redis.call("SET", KEYS[1], 1.5) return redis.call("GET", KEYS[1])`, `redis.call("SET", KEYS[1], 2^53) return redis.call("GET", KEYS[1])`,
	`redis.call("SET", KEYS[1], 1e100) return redis.call("GET", KEYS[1])`, `redis.call("SET", KEYS[1], 7) return redis.call("INCRBY", KEYS[1], 3)`,
	`redis.call("RPUSH", KEYS[2], "a", "b") return redis.call("LRANGE", KEYS[2], 0, -1)`, `return #redis.call("MGET", "a", "b", "c")`,
	`return redis.call("MGET", "none", KEYS[1], "none")`, `return type(redis.call("GET", "none"))`, `return redis.call("SET", "x", "y").ok`,
	`return redis.call("ZADD", "z", 1.5, "m", 2, "n")`, `return redis.call("ZRANGE", "z", 0, -1, "WITHSCORES")`, `return redis.call("HGETALL", "none")`,
	`redis.call("SELECT", 3) return redis.call("PING")`, `return redis.call("PING", "100%d")`, `return redis.call("SCAN", 0)`,
	`redis.call("XADD", "s", "1-1", "f", "v") return redis.call("XRANGE", "s", "-", "+")`, `return redis.call("TYPE", "z")`, `return redis.call("TYPE", "z").ok`,
	// errors
	`return redis.call("GET")`, `return redis.pcall("GET")`, `return redis.call("NOSUCH", 1)`, `return redis.pcall("NOSUCH")`, `return redis.call()`,
	`return redis.pcall()`, `return redis.call({})`, `return redis.call("GET", nil)`, `return redis.call("GET", true)`, `return redis.call("LPUSH", "z", 1)`,
	`return redis.pcall("LPUSH", "z", 1)`, `return redis.pcall("LPUSH", "z", 1).err`, `local ok, e = pcall(redis.call, "GET") return {ok, tostring(e)}`,
	`redis.call("EVAL", "return 1", 0)`, `return redis.pcall("MULTI")`, `redis.call("exec")`, `return redis.call("WATCH", "a")`, `return redis.pcall("EVALSHA", "x", 0)`, `return redis.call("SCRIPT", "FLUSH")`, `return redis.pcall("SUBSCRIBE", "c")`,
	`error("plain")`, `error("level", 2)`, `error("none", 0)`, "\n\nerror('third line')", `local function f() error("in", 2) end f()`, `error()`, `assert(false)`,
	`assert(nil, "said")`, `local x = nil return x.y`, `return 1 + {}`, `return #5`, `return ("x")()`, `return {} .. "x"`, `return 1 < "2"`, `return nil + 1`,
	`local function f() return f() + 1 end return f()`, `return pcall(error, "x")`, `return {pcall(error, {err = "x"})}`,
	`local ok, e = xpcall(function() error("x") end, function(m) return "handled " .. m end) return e`, `return redis.error_reply("My Err")`,
	`return redis.error_reply("NOSPACE")`, `return redis.error_reply("-MY err")`, `return redis.error_reply("")`, `return redis.error_reply(1)`,
	`return redis.status_reply("fine")`, `return redis.status_reply()`, `not lua`, `return (`, `return 'a`, `goto nowhere`, `for`, `break`,
	// global variables
	`return _G.KEYS[1]`, `_G.KEYS = 5 return KEYS`, `KEYS = {9} return KEYS`, `rawset(_G, "made", 5) return made`, `return rawget(_G, "made")`,
	`local f = tostring tostring = false return f(tostring)`, `tostring = tonumber return tostring("5") + 1`, `string.mine = 5 return string.mine`,
	`return string.mine == nil`, `table.insert = nil return type(table.insert)`, `return type(table.insert)`, `redis.call = redis.status_reply return redis.call("x")`,
	`return redis.call("PING")`, `getmetatable("").__index = function() return 1 end return ("x").y`, `return ("x").y == nil`, `setmetatable(_G, nil) return nothing`,
	`package.loaded.string.gone = 1 return string.gone`, `return string.gone == nil`, `return type(package.loaded.debug)`, `return type(require("json"))`,
	`setfenv(1, {}) return nothing`, `return getfenv(1) == _G`, `return loadstring("return 5")()`, `return load(function() return nil end) ~= nil`,
	`rawset(math, "floor", 1) return math.floor`, `return math.floor(2.5)`, `local s = string s.mine = 1 return s.mine`, `return string.mine == nil`,
	`function string.mine() return 1 end return string.mine()`, `function tostring() return "mine" end return tostring(1)`, `return tostring(1)`,
	`setmetatable(string, {__index = function() return 7 end}) return string.any`, `return string.any == nil`, `return coroutine.wrap(function() coroutine.yield(4) end)()`,
	// libraries
	`return redis.sha1hex("")`, `return redis.sha1hex("a")`, `return redis.sha1hex(5)`, `return redis.sha1hex()`, `return redis.sha1hex(1, 2)`,
	`return redis.log(redis.LOG_WARNING, "x")`, `return redis.log(1)`, `return redis.log("x", "y")`, `return {redis.LOG_DEBUG, redis.LOG_VERBOSE, redis.LOG_NOTICE, redis.LOG_WARNING}`,
	`return redis.replicate_commands()`, `return redis.set_repl(1)`, `return redis.set_repl()`, `redis.setresp(3) return redis.call("HGETALL", "none")`,
	`redis.setresp(2) return {1, false}`, `redis.setresp(4)`, `redis.setresp()`, `return redis.breakpoint()`, `return redis.REPL_ALL`, `return redis.nothing`,
	`return cjson.encode({1, 2, {a = "b"}})`, `return cjson.encode({})`, `return cjson.decode('{"a": [1, 2.5, null, "x"]}').a`, `return cjson.decode("[1,2,3]")`,
	`return cjson.encode(cjson.decode('{"b":1,"a":[true,false]}'))`, `return {cjson.decode("not")}`, `return cjson.encode({1, nil, 3})`, `return cjson.encode()`,
	`return cjson.nothing`, `return tostring(os.clock())`, `return os.time()`, `return string.format("%05.1f|%s|%d|%x", 1.25, "s", 7, 255)`, `return ("abc"):rep(3)`,
	`return {string.find("hello", "l(l)(o)")}`, `return string.gsub("abc", "%w", "%0%0")`, `local t = {3, 1, 2} table.sort(t) return t`, `return table.concat({1, 2}, ",")`,
	`local n = 0 for w in string.gmatch("a b c", "%a") do n = n + 1 end return n`, `return {math.floor(2.7), math.max(1, 5), math.huge > 1}`, `return tonumber("0x10")`,
	`return tonumber("z")`, `return tostring(1e15)`, `return tostring(nil)`, `return {next({})}`, `local t = setmetatable({}, {__index = {5, 6}}) return t[2]`,
	`local t = {} for k, v in pairs({a = 1}) do t[1] = k end return t`, `return rawequal("a", "a")`, `local a <const> = 1`, `return 7 % 3`, `return 2 ^ 10`, `return not nil`,
}

// differentScripts are those of which the engine says something else than miniredis, which is wrong there: what they answer.
var differentScripts = map[string]string{
	`foo = 1`:        `-"ERR Error running script: @user_script:1: Script attempted to create global variable 'foo' stack traceback:`,
	"\nreturn foo":   `-"ERR Error running script: @user_script:2: Script attempted to access nonexistent global variable 'foo' stack traceback:`,
	`return _G.foo`:  `-"ERR Error running script: @user_script:1: Script attempted to access nonexistent global variable 'foo' stack traceback:`,
	`return bit`:     `-"ERR Error running script: @user_script:1: Script attempted to access nonexistent global variable 'bit' stack traceback:`,
	`return debug`:   `-"ERR Error running script: @user_script:1: Script attempted to access nonexistent global variable 'debug' stack traceback:`,
	`error("100%d")`: `-"ERR Error running script: @user_script:1: 100%d stack traceback:`,
	`error({})`:      `-"ERR Error running script: table: 0x`,

	`return print`:                       `_`,
	`return {1, print}`:                  `*[:1 _]`,
	`return {1, a = redis.call("PING")}`: `*[:1]`,
	`return {1, 2, a = ...}`:             `*[:1 :2]`,
	`return {1, function() return {2, a = tostring(3)} end}`:                         `*[:1 _]`,
	`local function f() return {2, a = tostring(3), b = tostring(4)} end return f()`: `*[:2]`,
	`local t = {} t[1] = t return t`:                                                 `-"ERR reached lua stack limit"`,
	`return #redis.call("COMMAND") > 0`:                                              `:1`,
	`redis.call("SELECT", 1) return redis.pcall("SET", "only1", 1)`:                  `+"OK"`,
}

// knownToDiffer are the errors of miniredis that it words otherwise or that are mistakes of its own: on a global variable that is
// missing it trips over a nil pointer of its own where the script is more than a main chunk without debug information.
var knownToDiffer = regexp.MustCompile(`global variable|internal error|invalid memory address or nil pointer dereference`)

// address is what changes from run to run: that of a table, and the digest of one.
var address = regexp.MustCompile(`(?i)0x[0-9a-f]+|\b[0-9a-f]{40}\b`)

// pair is an engine with one client, and one whose scripts miniredis runs.
type pair struct {
	own, mini  *client
	miniEngine *engine.Embedded
}

func newPair(t *testing.T) *pair {
	t.Helper()
	other := start(t)
	require.NoError(t, other.RegisterMiniredisEval())
	return &pair{dial(t, start(t)), dial(t, other), other}
}

// eval has both run a script and is what they answer; of miniredis nothing if it panics when part of the reply is sent.
func (p *pair) eval(script string, args ...string) (own, mini string) {
	args = append([]string{script}, args...)
	own = p.own.do(append([]string{"EVAL"}, args...)...)
	mini, err := p.mini.exchange(append([]string{engine.MiniredisEval}, args...)...)
	if err != nil { // miniredis panicked halfway
		p.mini = dial(p.mini.t, p.miniEngine)
		return own, ""
	}
	if strings.Contains(mini, "stack traceback") {
		mini = strings.Replace(mini, "compiling script (new function): :", "running script: @user_script:", 1)
		mini = strings.Replace(mini, "compiling script (new function): ", "running script: ", 1)
	}
	return address.ReplaceAllString(own, "0x"), address.ReplaceAllString(mini, "0x")
}

// TestScriptsAnswerAsInMiniredis runs all scripts one after another in one engine, so that what one leaves behind the next would meet.
func TestScriptsAnswerAsInMiniredis(t *testing.T) {
	p := newPair(t)
	for range 2 {
		for _, script := range sameScripts {
			own, mini := p.eval(script, "2", "k1", "k2", "a1", "2")
			require.Equal(t, mini, own, script)
		}
	}
	require.Equal(t, p.mini.do("DBSIZE"), p.own.do("DBSIZE"))
	for _, args := range [][]string{{"x"}, {"-1"}, {"1"}, {"3", "a", "b"}, {"0", "a"}, {"1.5", "a"}, {"+1", "a"}} {
		own, mini := p.eval("return {KEYS, ARGV}", args...)
		require.Equal(t, mini, own, args)
	}
}

func TestScriptsAnswerOtherwiseThanInMiniredis(t *testing.T) {
	c := dial(t, start(t))
	for script, want := range differentScripts {
		require.True(t, strings.HasPrefix(c.do("EVAL", script, "0"), want), "%s: %s", script, c.do("EVAL", script, "0"))
	}
	require.Equal(t, ":0", c.do("EXISTS", "only1"), "the script selected another database, for call and pcall, and for itself only")
}

// TestRandomScriptsAnswerAsInMiniredis: so do scripts put together by chance, as long as they are no worse than wrong.
func TestRandomScriptsAnswerAsInMiniredis(t *testing.T) {
	p := newPair(t)
	rapid.Check(t, func(r *rapid.T) {
		script := chance{r}.script()
		own, mini := p.eval(script, "2", "k1", "k2", "a1", "2")
		if mini != "" && !knownToDiffer.MatchString(mini) {
			require.Equal(r, mini, own, script)
		}
	})
}

// chance makes scripts whose answers are the same in every run: next, of a library, is not; nor is the metatable of a status, which
// miniredis leaves unset.
type chance struct{ *rapid.T }

func (c chance) pick(what string, of ...string) string { return rapid.SampledFrom(of).Draw(c.T, what) }

func (c chance) script() string {
	var b strings.Builder
	for range rapid.IntRange(0, 4).Draw(c.T, "statements") {
		b.WriteString(c.statement() + "\n")
	}
	return b.String() + "return " + c.expression(3)
}

func (c chance) statement() string {
	e := c.expression(2)
	switch c.pick("statement", "local", "if", "for", "pcall", "call", "set", "global") {
	case "local":
		return "local x = " + e
	case "if":
		return fmt.Sprintf("if %s then local y = %s end", e, c.expression(1))
	case "for":
		return fmt.Sprintf("for i = 1, 3 do local y = %s end", e)
	case "pcall":
		return fmt.Sprintf("local ok, y = pcall(function() return %s end)", e)
	case "set":
		return fmt.Sprintf("%s.%s = %s", c.pick("table", "KEYS", "string", "table", "redis", "math", "cjson"), c.pick("field", "rep", "insert", "floor", "new"), e)
	case "global":
		return fmt.Sprintf("%s = %s", c.pick("global", "KEYS", "tonumber", "string", "redis", "ipairs"), e)
	}
	return "local y = " + c.command()
}

func (c chance) command() string {
	return fmt.Sprintf("redis.%s(%s)", c.pick("way", "call", "pcall"), c.pick("command",
		`"SET", KEYS[1], ARGV[2]`, `"GET", KEYS[1]`, `"INCR", KEYS[1]`, `"LPUSH", KEYS[2], ARGV[1]`, `"LRANGE", KEYS[2], 0, -1`, `"DEL", KEYS[1], KEYS[2]`,
		`"MGET", KEYS[1], "none"`, `"GET"`, `"NOSUCH"`, `"HSET", "h", "f", ARGV[1]`, `"HGETALL", "h"`, `"ZADD", "z", 1.5, "m"`, `"ZRANGE", "z", 0, -1`, `"GET", "z"`))
}

func (c chance) expression(depth int) string {
	if depth == 0 {
		return c.pick("leaf", "nil", "true", "false", "1", "-2.5", "1e20", `"text"`, `"7"`, "KEYS[1]", "ARGV", "#KEYS", "{}", "string", "redis.sha1hex", "x")
	}
	inner := func() string { return c.expression(depth - 1) }
	switch c.pick("expression", "leaf", "table", "command", "function", "operator", "status") {
	case "table":
		return fmt.Sprintf("{%s, a = %s, %s}", inner(), inner(), inner()) // a call in a last field that has a key is known to differ
	case "command":
		return c.command()
	case "function":
		return fmt.Sprintf("%s(%s)", c.pick("function", "tostring", "tonumber", "type", "cjson.encode", "string.len", "string.rep", "math.floor", "redis.sha1hex",
			"redis.status_reply", "redis.error_reply", "select", "rawget", "unpack", "string.upper", "table.insert"), inner())
	case "operator":
		return fmt.Sprintf("(%s %s %s)", inner(), c.pick("operator", "+", "..", "==", "<", "and", "or", "*", "/"), inner())
	case "status":
		return fmt.Sprintf("{%s = %s}", c.pick("field", "ok", "err"), inner())
	}
	return c.expression(0)
}

// TestScriptsAreKept, and forgotten, whoever sends them and however it ends.
func TestScriptsAreKept(t *testing.T) {
	e := start(t)
	a, b := dial(t, e), dial(t, e)
	failing := `return redis.call("NOSUCH")`
	for _, script := range []string{"return 1", failing} {
		require.Contains(t, b.do("EVALSHA", sha(script), "0"), "NOSCRIPT")
		want := a.do("EVAL", script, "0")
		require.Equal(t, want, b.do("EVALSHA", strings.ToUpper(sha(script)), "0"))
	}
	require.Equal(t, "*[:1 :1 :0]", b.do("SCRIPT", "EXISTS", sha("return 1"), strings.ToUpper(sha(failing)), sha("return 2")))
	for _, flush := range [][]string{{"SCRIPT", "FLUSH"}, {"script", "flush", "async"}, {"SCRIPT", "FLUSH", "SYNC"}} {
		require.Equal(t, fmt.Sprintf("$%q", sha("return 2")), a.do("SCRIPT", "LOAD", "return 2"))
		require.Equal(t, `+"OK"`, b.do(flush...))
		require.Equal(t, "*[:0]", a.do("SCRIPT", "EXISTS", sha("return 2")))
	}
	a.do("MULTI")
	a.do("SCRIPT", "LOAD", "return 3")
	a.do("EVALSHA", sha("return 3"), "0")
	a.do("SCRIPT", "FLUSH")
	a.do("EVALSHA", sha("return 3"), "0")
	require.Equal(t, fmt.Sprintf(`*[$%q :3 +"OK" -"NOSCRIPT No matching script. Please use EVAL."]`, sha("return 3")), a.do("EXEC"))
	for _, wrong := range [][]string{{"SCRIPT", "LOAD"}, {"SCRIPT", "EXISTS"}, {"SCRIPT", "FLUSH", "NOW"}, {"SCRIPT", "NOSUCH"}, {"EVAL", "return 1"}, {"EVALSHA"}} {
		require.Contains(t, a.do(wrong...), `-"ERR `, wrong)
		a.do("MULTI")
		require.Contains(t, a.do(wrong...), `-"ERR `, wrong)
		require.Contains(t, a.do("EXEC"), "EXECABORT", wrong)
	}
	require.Contains(t, a.do("SCRIPT", "LOAD", "not lua"), "ERR Error compiling script (new function): user_script line:1")
}

// A script acts on the database that its connection has selected.
func TestScriptsActOnTheSelectedDatabase(t *testing.T) {
	c := dial(t, start(t))
	c.do("SELECT", "2")
	require.Equal(t, `+"OK"`, c.do("EVAL", `return redis.call("SET", "k", "in 2")`, "0"))
	c.do("MULTI")
	c.do("EVAL", `return redis.call("APPEND", "k", "!")`, "0")
	require.Equal(t, "*[:5]", c.do("EXEC"))
	c.do("SELECT", "0")
	require.Equal(t, "_", c.do("EVAL", `return redis.call("GET", "k")`, "0"))
	require.Equal(t, `$"in 2!"`, c.do("EVAL", `redis.call("SELECT", 2) return redis.call("GET", "k")`, "0"))
	require.Equal(t, "_", c.do("GET", "k"))
}
