package engine_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/engine"
)

// fuzzWords are what words of commands are replaced with.
var fuzzWords = strings.Fields(`string list set zset hash stream hll geo none k l s z h g m a b c
	0 1 2 -1 -2 -5 3 10 x 1.5 inf -inf nan 9223372036854775807 -9223372036854775808 9223372036854775808 1e400
	* $ > < = ~ + - 0-0 1-1 2-1 2-* 18446744073709551615-18446744073709551615 (1 [a ( [ # #1 u8 i64 [a-z \
	COUNT MATCH LIMIT BYSCORE BYLEX WITHSCORES RANK MAXLEN MINID STREAMS GROUP IDLE TIME RETRYCOUNT FIELDS EX PX BIT GET
	FROMMEMBER FROMLONLAT BYRADIUS BYBOX STORE WEIGHTS AGGREGATE LEFT IDS DB km`)

// fuzzSetup makes a key of each type.
var fuzzSetup = [][]string{
	{"SET", "string", "value"},
	{"RPUSH", "list", "a", "b", "c"},
	{"SADD", "set", "a", "b", "c"},
	{"ZADD", "zset", "1", "a", "2", "b", "3", "c"},
	{"HSET", "hash", "a", "1", "b", "2"},
	{"HEXPIRE", "hash", "1000", "FIELDS", "1", "a"},
	{"XADD", "stream", "1-1", "f", "v"},
	{"XADD", "stream", "2-1", "f", "v"},
	{"XGROUP", "CREATE", "stream", "g", "0"},
	{"XREADGROUP", "GROUP", "g", "c", "COUNT", "1", "STREAMS", "stream", ">"},
	{"PFADD", "hll", "a"},
	{"GEOADD", "geo", "13", "38", "a"},
}

// fuzzCommands are those of testdata/replies, but for what changes the connection
// or runs scripts.
var fuzzCommands = sync.OnceValue(func() [][]string {
	files, _ := filepath.Glob("testdata/replies/*.txt")
	var commands [][]string
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			panic(err)
		}
		for line := range strings.Lines(string(raw)) {
			if command, ok := strings.CutPrefix(line, "> "); ok && !strings.Contains(command, `"`) {
				commands = append(commands, strings.Fields(command))
			}
		}
	}
	return slices.DeleteFunc(commands, func(command []string) bool {
		return slices.Contains([]string{"MULTI", "EXEC", "DISCARD", "WATCH", "UNWATCH", "EVAL", "EVALSHA"}, command[0])
	})
})

// mutated is a command changed as the bytes say.
func mutated(command []string, change []byte) []string {
	command = slices.Clone(command)
	for ; len(change) >= 3; change = change[3:] {
		at, word := int(change[1])%(len(command)+1), fuzzWords[int(change[2])%len(fuzzWords)]
		switch {
		case change[0]%4 == 0 && len(command) > 1: // cut short
			command = command[:max(1, at)]
		case change[0]%4 == 1: // a word more
			command = slices.Insert(command, max(1, at), word)
		case change[0]%4 == 2 && at > 0 && at < len(command): // a word less
			command = slices.Delete(command, at, at+1)
		case at > 0 && at < len(command): // another word
			command[at] = word
		}
	}
	return command
}

// waits says whether the command may wait, outside of transactions and scripts.
func waits(command []string) bool {
	name := strings.ToUpper(command[0])
	return slices.Contains([]string{"BLPOP", "BRPOP", "BRPOPLPUSH", "BLMOVE", "BLMPOP", "BZPOPMIN", "BZPOPMAX", "BZMPOP"}, name) ||
		strings.HasPrefix(name, "XREAD")
}

// Whatever a client sends, it is answered once, in a transaction and in a script
// too; at worst the connection is closed, and only that one.
func FuzzEmbedded(f *testing.F) {
	for i := 0; i < len(fuzzCommands()); i += 7 {
		f.Add(uint16(i), []byte{})
		f.Add(uint16(i+3), []byte{0, 3, 0})
	}
	for i, command := range fuzzCommands() {
		if slices.Contains([]string{"XTRIM", "XREAD", "SSCAN", "XLEN"}, command[0]) {
			f.Add(uint16(i), []byte{}) // what was answered twice or panicked
		}
	}
	f.Fuzz(func(t *testing.T, which uint16, change []byte) {
		commands := fuzzCommands()
		command := mutated(commands[int(which)%len(commands)], change[:min(len(change), 12)])
		e := start(t)
		c := dial(t, e)
		for _, setup := range fuzzSetup {
			c.do(setup...)
		}
		if !waits(command) {
			once(t, e, command)
		}
		once(t, e, append([]string{"EVAL", `return tostring(redis.pcall(unpack(ARGV)))`, "0"}, command...))
		once(t, e, []string{"MULTI"}, command, []string{"EXEC"})
	})
}

// once sends commands over a connection of their own and requires that each has one
// reply, or that the connection ends.
func once(t *testing.T, e *engine.Embedded, sent ...[]string) {
	c := dial(t, e)
	defer c.conn.Close()
	require.NoError(t, c.conn.SetDeadline(time.Now().Add(20*time.Second)))
	for _, command := range sent {
		if _, err := c.exchange(command...); err != nil {
			require.NotErrorIs(t, err, os.ErrDeadlineExceeded, "no reply to %q of %q", command, sent)
			break
		}
	}
	if reply, err := c.exchange("ECHO", "end"); err == nil {
		require.Equal(t, `$"end"`, reply, "the reply after %q", sent)
	}
	other := dial(t, e)
	defer other.conn.Close()
	require.NoError(t, other.conn.SetDeadline(time.Now().Add(20*time.Second)))
	require.Equal(t, `+"PONG"`, other.do("PING"), "of another connection, after %q", sent)
}
