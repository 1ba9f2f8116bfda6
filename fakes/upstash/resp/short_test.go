package resp_test

import (
	"bufio"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/resp"
)

func TestShortValues(t *testing.T) {
	for _, c := range []struct {
		name, short, rest string
		values            int
		size              int64
	}{
		{"each kind", "+OK\r\n:12\r\n$-1\r\n$0\r\n\r\n$5\r\nhello\r\n_\r\n,1.50\r\n#t\r\n", "", 8, 7},
		{"an error", "+OK\r\n", "-ERR no\r\n+OK\r\n", 1, 2},
		{"a list", "$1\r\na\r\n", "*1\r\n+OK\r\n", 1, 1},
		{"a push", "", ">1\r\n+OK\r\n", 0, 0},
		{"a string that has not arrived whole", ":1\r\n", "$5\r\nhello\r", 1, 0},
		{"a null that has not", ":1\r\n", "$-1\r", 1, 0},
		{"a line end alone", ":1\r\n", "\r\n", 1, 0},
		{"a line that ends otherwise", ":1\r\n", "+OK\n:1\r\n", 1, 0},
		{"no length", ":1\r\n", "$x\r\n", 1, 0},
		{"a length below that of null", ":1\r\n", "$-2\r\n", 1, 0},
		{"a length beyond all", ":1\r\n", "$9223372036854775807\r\nab", 1, 0},
		{"a string that is too long", "$10\r\n0123456789\r\n", "$11\r\n0123456789a\r\n", 1, 10},
		{"a status that is too long", "+0123456789\r\n", "+0123456789a\r\n", 1, 10},
		{"nothing", "", "", 0, 0},
	} {
		values, length, size := resp.ShortValues([]byte(c.short+c.rest), 100, 10)
		require.Equal(t, c.values, values, c.name)
		require.Equal(t, len(c.short), length, c.name)
		require.Equal(t, c.size, size, c.name)
	}
	values, length, _ := resp.ShortValues([]byte(strings.Repeat(":1\r\n", 3)), 2, 10)
	require.Equal(t, 2, values, "no more than asked for")
	require.Equal(t, 8, length)
}

// What it takes for a value, HoldValue does too, to the byte.
func FuzzShortValues(f *testing.F) {
	for seed := range values {
		f.Add([]byte(seed + "+OK\r\n"))
	}
	f.Add([]byte("$-1\r\n$3\r\nabc\r\n:1\n"))
	f.Fuzz(func(t *testing.T, wire []byte) {
		const most = 1 << 10
		count, length, size := resp.ShortValues(wire, len(wire), most)
		r := bufio.NewReader(strings.NewReader(string(wire)))
		var held []byte
		var sum int64
		for range count {
			raw, one, err := resp.HoldValue(held, r, resp.Limits{}, most)
			require.NoError(t, err)
			held, sum = raw, sum+one
		}
		require.Equal(t, string(wire[:length]), string(held))
		require.Equal(t, size, sum)
	})
}
