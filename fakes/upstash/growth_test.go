package upstash

import (
	"bufio"
	"net"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/fakes/upstash/commands"
	"tollgate/fakes/upstash/engine"
	"tollgate/fakes/upstash/resp"
)

// No command adds more to the data than growth says, whatever is there already.
func TestGrowthIsAnUpperBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e, err := engine.NewEmbedded()
		require.NoError(t, err)
		defer e.Close()
		conn, err := e.Dial(t.Context())
		require.NoError(t, err)
		defer conn.Close()
		from := bufio.NewReader(conn)
		for range rapid.IntRange(1, 30).Draw(t, "commands") {
			args := drawWrite(t)
			before, err := e.Usage(t.Context(), 0)
			require.NoError(t, err)
			cmd, known := commands.Lookup(args)
			require.True(t, known)
			require.True(t, cmd.Accepts(len(args)))
			exchange(t, conn, from, args)
			after, err := e.Usage(t.Context(), 0)
			require.NoError(t, err)
			require.LessOrEqual(t, after.Bytes-before.Bytes, growth(cmd.Name, args, before.Largest), "%s", args)
		}
	})
}

func exchange(t *rapid.T, conn net.Conn, from *bufio.Reader, args [][]byte) {
	_, err := conn.Write(resp.AppendCommand(nil, args...))
	require.NoError(t, err)
	_, err = resp.ReadValue(from, resp.Limits{}) // it may be an error: then nothing grows
	require.NoError(t, err)
}

// drawWrite makes up a write, on keys whose first letter says their type.
func drawWrite(t *rapid.T) [][]byte {
	key := func(kind string) string { return kind + rapid.SampledFrom([]string{"1", "2", "3"}).Draw(t, "key") }
	value := func() string { return rapid.StringN(0, 50, 200).Draw(t, "value") }
	number := func(most int) string { return strconv.Itoa(rapid.IntRange(0, most).Draw(t, "number")) }
	words := rapid.SampledFrom([]func() []string{
		func() []string { return []string{"SET", key("s"), value()} },
		func() []string { return []string{"APPEND", key("s"), value()} },
		func() []string { return []string{"INCRBY", key("n"), number(1 << 40)} },
		func() []string { return []string{"INCRBYFLOAT", key("n"), "3.0e-5"} },
		func() []string { return []string{"SETRANGE", key("s"), number(5000), value()} },
		func() []string { return []string{"SETBIT", key("s"), number(40000), "1"} },
		func() []string { return []string{"BITOP", "NOT", key("s"), key("s")} },
		func() []string { return []string{"COPY", key("s"), key("s"), "REPLACE"} },
		func() []string { return []string{"HSET", key("h"), value(), value(), value(), value()} },
		func() []string { return []string{"HINCRBYFLOAT", key("h"), value(), "1e10"} },
		func() []string { return []string{"LPUSH", key("l"), value(), value()} },
		func() []string { return []string{"LMOVE", key("l"), key("l"), "LEFT", "RIGHT"} },
		func() []string { return []string{"SADD", key("m"), value(), value(), value()} },
		func() []string { return []string{"SUNIONSTORE", key("m"), key("m"), key("m"), key("m")} },
		func() []string { return []string{"ZADD", key("z"), number(9), value(), number(9), value()} },
		func() []string { return []string{"ZUNIONSTORE", key("z"), "2", key("z"), key("m")} },
		func() []string { return []string{"GEOADD", key("z"), "13.4", "52.5", value()} },
		func() []string { return []string{"PFADD", key("p"), value()} },
		func() []string { return []string{"PFADD", key("p")} },
		func() []string { return []string{"PFMERGE", key("p"), key("p"), key("p")} },
		func() []string { return []string{"XADD", key("x"), "*", "field", value()} },
		func() []string { return []string{"RENAME", key("s"), key("s")} },
	}).Draw(t, "write")()
	args := make([][]byte, len(words))
	for i, word := range words {
		args[i] = []byte(word)
	}
	return args
}

func TestGrowthOfOffsets(t *testing.T) {
	words := func(line ...string) (args [][]byte) {
		for _, word := range line {
			args = append(args, []byte(word))
		}
		return args
	}
	for name, row := range map[string]struct {
		args        [][]byte
		least, most int64
	}{
		"bits":         {words("BITFIELD", "k", "SET", "u8", "8000", "1"), 1001, 1600},
		"integers":     {words("BITFIELD", "k", "SET", "u64", "#100", "1"), 808, 1600},
		"far":          {words("SETRANGE", "k", "99999999999999", "x"), 512 << 20, 512<<20 + 500},
		"farther":      {words("BITFIELD", "k", "SET", "u64", "#9223372036854775807", "1"), 512 << 20, 512<<20 + 800},
		"no number":    {words("SETBIT", "k", "no", "1"), 0, 500},
		"negative":     {words("SETRANGE", "k", "-5", "x"), 0, 500},
		"huge records": {words("COPY", "a", "b"), 1 << 40, 1 << 40},
		"script":       {words("EVALSHA", "sha", "1", "k"), 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			cmd, _ := commands.Lookup(row.args)
			got := growth(cmd.Name, row.args, 1<<62)
			require.GreaterOrEqual(t, got, row.least)
			require.LessOrEqual(t, got, row.most)
		})
	}
}

func BenchmarkCapacity(b *testing.B) {
	args := [][]byte{[]byte("SET"), []byte("key"), []byte("value")}
	set, _ := commands.Lookup(args)
	for name, plan := range map[string]Plan{"none": {}, "both": {DataBytes: 1 << 40, MaxRecordBytes: 1 << 40}} {
		b.Run(name, func(b *testing.B) {
			e, err := engine.NewEmbedded()
			require.NoError(b, err)
			defer e.Close()
			c := newCapacity(b.Context(), b.Context(), Config{Plan: plan, Engine: e})
			for b.Loop() {
				c.refuse(set, args)
			}
		})
	}
}
