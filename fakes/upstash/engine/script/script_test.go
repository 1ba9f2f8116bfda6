package script

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/resp"
)

// harmful are scripts that may change an interpreter, or have in hand what would let them.
var harmful = []string{
	`tostring = nil`, `KEYS = {}`, `function tostring() end`, `local x x, string = 1, 2`, `return _G.x`, `local g = getfenv()`, `setfenv(1, {})`,
	`loadstring("x = 1")()`, `load(f)`, `require("json").encode = nil`, `package.loaded.string.x = 1`, `module("m")`, `getmetatable("").x = 1`,
	`string.x = 1`, `string["x"] = 1`, `function string.x() end`, `function string:x() end`, `local s = string`, `return {string}`, `rawset(math, "x", 1)`,
	`setmetatable(redis, {})`, `return string`, `string:len()`, `for k in pairs(cjson) do end`, `if redis then end`, `return not server`, `return #table`,
	`local t = {[redis] = 1}`, `return redis .. ""`, `return redis == nil`, `return -redis`, `return redis and 1`, `local f = function() string.x = 1 end`,
	`while x do math = 1 end`, `repeat local m = math until true`, `for i = 1, 2 do local m = math end`, `do local m = math end`, `for i = math, 2 do end`,
	`return (math)`, `return (math).floor.x, _VERSION`, `coroutine.wrap(f)`, `newproxy()`, `collectgarbage()`, `dofile("x")`, `os.clock()`,
	`local tostring tostring = 1`, // a local one, which is not told apart
}

func TestHarmlessScripts(t *testing.T) {
	for _, text := range harmful {
		require.False(t, compiled(t, text).harmless, text)
	}
	for _, text := range []string{
		``, `return 1`, `local t = {} t[1] = 2 t.x = 3 return t`, `return string.format("%s", math.pi)`, `return ("x"):rep(3)`, `local t = {} function t.f() end`,
		`for i, k in ipairs(KEYS) do redis.call("DEL", k) end`, `return cjson.encode(ARGV)`, `return setmetatable({}, {})`, `local n = "floor" return math[n](1.5)`,
		`made = 1`, `return missing`, `local ok = pcall(redis.call, "GET")`, `goto done ::done:: return 1`, `while true do break end`,
	} {
		require.True(t, compiled(t, text).harmless, text)
	}
}

func TestCommands(t *testing.T) {
	for text, want := range map[string][]string{
		`return 1`: nil,
		`redis.call("get", "k") redis.pcall("SET", redis.call("GET", "x"), 1) server.call('Del', "k")`: {"GET", "SET", "DEL"},
		`local f = function() if x then return {redis.call("TTL", "k")} end end`:                       {"TTL"},
		`local redis = {} redis.call("INCR")`:                                                          {"INCR"},
	} {
		names, known := compiled(t, text).Commands()
		require.True(t, known, text)
		require.ElementsMatch(t, want, names, text)
	}
	for _, text := range []string{
		`redis.call(ARGV[1])`, `redis.call()`, `redis.call("G" .. "ET")`, `local call = redis.call`, `pcall(redis.pcall, "GET")`, `redis["c" .. "all"]("GET")`,
		`return redis.call(unpack(ARGV))`, `redis.call(1)`, `local r = redis`, `return {f = server.call}`, `load("redis.call('TTL', 'k')")()`,
	} {
		_, known := compiled(t, text).Commands()
		require.False(t, known, text)
	}
	names, known := compiled(t, `redis["call"]("GET", "k")`).Commands()
	require.True(t, known)
	require.Equal(t, []string{"GET"}, names)
}

// TestInterpretersAreKept where that is safe, and only there.
func TestInterpretersAreKept(t *testing.T) {
	i := New(func(words []string) resp.Value { return resp.Int(int64(len(words))) })
	require.Equal(t, resp.Int(2), i.Run(compiled(t, `return redis.call("GET", KEYS[1])`), Run{Keys: []string{"k"}}))
	kept := i.kept
	require.NotNil(t, kept)
	for _, text := range append(harmful, `error("x")`) {
		i.Run(compiled(t, `return 1`), Run{})
		before := i.kept
		i.Run(compiled(t, text), Run{})
		if i.kept != nil {
			require.Same(t, before, i.kept, text)
		}
		require.Equal(t, resp.List(resp.Bulk("x"), resp.Int(1)), i.Run(compiled(t, `return {("x"):sub(1, 1), math.floor(1.5)}`), Run{}), text)
	}
	require.NotSame(t, kept, i.kept, "a script failed in it")
}

// TestPanicsOfCommands are errors of the script, and leave no trace.
func TestPanicsOfCommands(t *testing.T) {
	broken := true
	i := New(func([]string) resp.Value {
		if broken {
			panic("command broke")
		}
		return resp.OK()
	})
	p := compiled(t, `return redis.call("GET")`)
	require.Contains(t, i.Run(p, Run{}).Text(), "ERR Error running script: command broke")
	broken = false
	require.Equal(t, resp.OK(), i.Run(p, Run{}))
}

func TestRepliesAreNotTooDeep(t *testing.T) {
	i := New(nil)
	nested := `local t = {} for i = 1, %d do t = {t} end return t`
	reply := i.Run(compiled(t, fmt.Sprintf(nested, maxDepth-1)), Run{})
	for range maxDepth - 1 {
		require.Len(t, reply.Array, 1)
		reply = reply.Array[0]
	}
	require.Equal(t, resp.Array, reply.Kind)
	require.Empty(t, reply.Array)
	require.Equal(t, resp.Errorf("ERR reached lua stack limit"), i.Run(compiled(t, fmt.Sprintf(nested, maxDepth)), Run{}))
}

func TestCompileRefuses(t *testing.T) {
	for _, text := range []string{`not lua`, `return (`, `goto nowhere`} {
		_, err := Compile(text, "name")
		require.Error(t, err, text)
	}
	_, err := Compile(`not lua`, "name")
	require.ErrorContains(t, err, "name line:1")
}

func compiled(t *testing.T, text string) *Program {
	t.Helper()
	p, err := Compile(text, "test")
	require.NoError(t, err, text)
	return p
}

// FuzzRun has any script compiled and, if it is harmless, run; the interpreter is as before.
func FuzzRun(f *testing.F) {
	for _, text := range harmful {
		f.Add(text)
	}
	probe := `return {type(tostring), type(string.rep), #KEYS, type(redis.call), ("x"):upper(), math.floor(2.5), type(cjson.encode), type(table.insert)}`
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Compile(text, "fuzz")
		if err != nil {
			return
		}
		for _, slow := range []string{"while", "for", "repeat", "goto", "function", "rep"} { // it might never end, or take all memory
			if strings.Contains(text, slow) {
				return
			}
		}
		i := New(func([]string) resp.Value { return resp.OK() })
		want := i.Run(compiled(t, probe), Run{})
		if p.harmless {
			i.Run(p, Run{})
		}
		require.Equal(t, want, i.Run(compiled(t, probe), Run{}))
	})
}
