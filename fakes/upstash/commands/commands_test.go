package commands_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/commands"
)

func words(line string) [][]byte {
	var out [][]byte
	for _, f := range strings.Fields(line) {
		out = append(out, []byte(f))
	}
	return out
}

func TestTableIsUpstashsReference(t *testing.T) {
	all := commands.All()
	require.Len(t, all, 285)
	require.True(t, slices.IsSortedFunc(all, func(a, b commands.Command) int {
		// The reference sorts EVALSHA_RO before EVAL_RO and the like: by bytes with '_' as it is.
		return strings.Compare(a.Name, b.Name)
	}))
	for _, c := range all {
		require.Equal(t, strings.ToUpper(c.Name), c.Name)
		require.NotZero(t, c.Arity, c.Name)
		got, ok := commands.Lookup(words(strings.ToLower(c.Name)))
		require.True(t, ok, c.Name)
		require.Equal(t, c, got)
		require.Equal(t, c.Name, commands.Name(words(strings.ToLower(c.Name))))
		if c.Write {
			require.True(t, c.NoReadOnly, "%s writes, so a read-only caller may not use it", c.Name)
		}
		least := strings.Count(c.Name, " ") + 1
		require.GreaterOrEqual(t, max(c.Arity, -c.Arity), least, c.Name)
	}
}

func TestAbsentCommands(t *testing.T) {
	all := commands.Absent()
	require.True(t, slices.IsSortedFunc(all, func(a, b commands.Command) int { return strings.Compare(a.Name, b.Name) }))
	for _, c := range all {
		require.True(t, c.Absent, c.Name)
		got, ok := commands.Lookup(words(c.Name))
		require.False(t, ok, "%s is refused as an unknown command is", c.Name)
		require.Equal(t, c, got)
	}
	for _, c := range commands.All() {
		require.False(t, c.Absent, c.Name)
		require.False(t, slices.ContainsFunc(all, func(a commands.Command) bool { return a.Name == c.Name }), c.Name)
	}
	for _, name := range []string{"CLUSTER", "OBJECT", "SLOWLOG", "MEMORY STATS", "CLIENT KILL", "SORT", "SCRIPT DEBUG", "FUNCTION DUMP"} {
		require.True(t, slices.ContainsFunc(all, func(c commands.Command) bool { return c.Name == name }), name)
	}
}

func TestLookup(t *testing.T) {
	for _, tc := range []struct {
		line string
		name string
		ok   bool
	}{
		{"get k", "GET", true},
		{"GeT k", "GET", true},
		{"client setname x", "CLIENT SETNAME", true},
		{"CLIENT MAINT_NOTIFICATIONS on", "CLIENT MAINT_NOTIFICATIONS", false},
		{"client", "CLIENT", false},
		{"memory stats", "MEMORY STATS", false},
		{"memory usage k", "MEMORY USAGE", true},
		{"slowlog get", "SLOWLOG", false},
		{"cluster info", "CLUSTER", false},
		{"object encoding k", "OBJECT", false},
		{"role", "ROLE", false},
		{"command docs", "COMMAND", true},
		{"json.set k $ 1", "JSON.SET", true},
		{"pubsub channels", "PUBSUB", true},
		{"", "", false},
	} {
		t.Run(tc.line, func(t *testing.T) {
			c, ok := commands.Lookup(words(tc.line))
			require.Equal(t, tc.ok, ok)
			require.Equal(t, tc.name, commands.Name(words(tc.line)))
			if ok {
				require.Equal(t, tc.name, c.Name)
			}
		})
	}
}

func TestNamesOfStrangersAreBounded(t *testing.T) {
	long := []byte(strings.Repeat("x", 1<<20))
	require.LessOrEqual(t, len(commands.Name([][]byte{long})), 64)
	require.LessOrEqual(t, len(commands.Name([][]byte{[]byte("client"), long})), 64)
	require.Equal(t, "AB", commands.Name([][]byte{{'a', 0xff, '\r', '\n', 'b'}}))
	_, ok := commands.Lookup([][]byte{long})
	require.False(t, ok)
}

func TestBilled(t *testing.T) {
	free := map[string]bool{
		"AUTH": true, "HELLO": true, "SELECT": true, "COMMAND": true, "CONFIG GET": true, "CONFIG SET": true,
		"INFO": true, "PING": true, "RESET": true, "QUIT": true,
	}
	for _, c := range commands.All() {
		require.Equal(t, !free[c.Name], commands.Billed(c.Name), c.Name)
		require.Equal(t, free[c.Name], c.Unbilled, c.Name)
	}
	require.False(t, commands.Billed("CONFIG"), "also without its sub-command")
	require.True(t, commands.Billed("NOSUCH"))
}

func TestNotOverREST(t *testing.T) {
	barred := words(`AUTH BLMOVE BLMPOP BLPOP BRPOP BRPOPLPUSH BZMPOP BZPOPMAX BZPOPMIN DISCARD EXEC HELLO MONITOR
		MULTI PSUBSCRIBE PUNSUBSCRIBE QUIT RESET SELECT SUBSCRIBE UNSUBSCRIBE UNWATCH WATCH`)
	for _, c := range commands.All() {
		isBarred := slices.ContainsFunc(barred, func(b []byte) bool { return string(b) == c.Name })
		require.Equal(t, isBarred || strings.HasPrefix(c.Name, "CLIENT "), c.NoREST, c.Name)
	}
}

func TestNotForReadOnly(t *testing.T) {
	for _, name := range []string{
		"SET", "DEL", "EXPIRE", "EVAL", "EVALSHA", "FCALL", "SCAN", "KEYS", "FLUSHALL",
		"GETEX", "XREADGROUP", "GEORADIUS", "CONFIG GET", "ACL LIST", "SCRIPT LOAD", "FUNCTION LOAD", "PUBLISH",
	} {
		c, ok := commands.Lookup(words(name))
		require.True(t, ok, name)
		require.True(t, c.NoReadOnly, name)
	}
	for _, name := range []string{
		"GET", "MGET", "EXISTS", "TTL", "HGETALL", "ZRANGE", "ZCARD", "EVAL_RO", "EVALSHA_RO",
		"FCALL_RO", "PING", "INFO", "DBSIZE", "XREAD", "JSON.GET", "ACL WHOAMI", "HSCAN",
	} {
		c, ok := commands.Lookup(words(name))
		require.True(t, ok, name)
		require.False(t, c.NoReadOnly, name)
	}
}

func TestAccepts(t *testing.T) {
	get, _ := commands.Lookup(words("GET"))
	require.False(t, get.Accepts(1))
	require.True(t, get.Accepts(2))
	require.False(t, get.Accepts(3))
	del, _ := commands.Lookup(words("DEL"))
	require.False(t, del.Accepts(1))
	require.True(t, del.Accepts(2))
	require.True(t, del.Accepts(9))
}

func TestBlocks(t *testing.T) {
	for line, want := range map[string]bool{
		"xread COUNT 2 BLOCK 0 STREAMS s 0":            true,
		"XREAD count 2 streams BLOCK 0":                false,
		"xreadgroup GROUP block c COUNT 1 STREAMS s >": false,
		"xreadgroup GROUP g block STREAMS s >":         false,
		"xreadgroup GROUP g c block 10 STREAMS s >":    true,
		"xreadgroup": false,
		"get block":  false,
		"XREAD":      false,
	} {
		require.Equal(t, want, commands.Blocks(words(line)), line)
	}
}

func TestTexts(t *testing.T) {
	require.Equal(t, "ERR Command is not available: 'MEMORY STATS'. See https://upstash.com/docs/redis/overall/rediscompatibility for details",
		commands.Unavailable("MEMORY STATS"))
	require.Equal(t, `ERR Command "SUBSCRIBE" is not allowed in REST or it has a special context path`, commands.NotOverREST("SUBSCRIBE"))
	require.Equal(t, "NOPERM this user has no permissions to run the 'evalsha' command or its subcommand", commands.NoPermission("EVALSHA"))
	require.Equal(t, "ERR wrong number of arguments for 'get' command", commands.WrongArity("GET"))
	require.Equal(t, "ERR wrong number of arguments for 'client|setname' command", commands.WrongArity("CLIENT SETNAME"))
}

func TestLookupDoesNotAllocate(t *testing.T) {
	args := words("zremrangebyscore k 0 1")
	require.Zero(t, testing.AllocsPerRun(100, func() { commands.Lookup(args) }))
}

func BenchmarkLookup(b *testing.B) {
	args := words("evalsha")
	for b.Loop() {
		commands.Lookup(args)
	}
}

func ExampleLookup() {
	c, ok := commands.Lookup([][]byte{[]byte("client"), []byte("setname"), []byte("worker")})
	fmt.Println(c.Name, c.NoREST, commands.Billed(c.Name), ok)

	args := [][]byte{[]byte("memory"), []byte("stats")}
	_, ok = commands.Lookup(args)
	fmt.Println(ok, commands.Unavailable(commands.Name(args)))
	// Output:
	// CLIENT SETNAME true true true
	// false ERR Command is not available: 'MEMORY STATS'. See https://upstash.com/docs/redis/overall/rediscompatibility for details
}

// Lookup relies on it.
func TestNoContainerIsACommandOfItsOwn(t *testing.T) {
	rows := map[string]bool{}
	for _, c := range append(commands.All(), commands.Absent()...) {
		rows[c.Name] = true
	}
	for name := range rows {
		if first, _, isSub := strings.Cut(name, " "); isSub {
			require.False(t, rows[first], first)
		}
	}
}
