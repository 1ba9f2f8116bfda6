package resp_test

import (
	"bufio"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/resp"
)

func TestHoldValue(t *testing.T) {
	for wire, size := range map[string]int64{
		"+OK\r\n": 2, "-ERR no\r\n": 6, ":12\r\n": 0, "$-1\r\n": 0, "*-1\r\n": 0, "$0\r\n\r\n": 0,
		"$5\r\nhello\r\n": 5,
		"*3\r\n$2\r\nab\r\n*2\r\n$3\r\ncde\r\n:1\r\n+OK\r\n": 7,
		"%1\r\n$1\r\nk\r\n,1.50\r\n":                         1,
	} {
		for _, most := range []int64{size, size - 1} {
			r := bufio.NewReaderSize(strings.NewReader(wire+"+next\r\n"), 16)
			if most == size { // both with and without all of it in the buffer
				_, _ = r.Peek(1)
			}
			raw, got, err := resp.HoldValue([]byte("before "), r, resp.Limits{}, most)
			require.NoError(t, err, wire)
			require.Equal(t, size, got, wire)
			want := "before "
			if most >= size {
				want += wire
			}
			require.Equal(t, want, string(raw))
			rest, err := io.ReadAll(r)
			require.NoError(t, err)
			require.Equal(t, "+next\r\n", string(rest))
		}
	}
}
