package resp_test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/fakes/upstash/resp"
)

// A Buffer gives back what was written, as a bytes.Buffer does.
func TestBufferIsAQueue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b resp.Buffer
		var want bytes.Buffer
		t.Repeat(map[string]func(*rapid.T){
			"write": func(t *rapid.T) {
				p := bytes.Repeat([]byte{rapid.Byte().Draw(t, "byte")}, rapid.IntRange(0, 100_000).Draw(t, "size"))
				want.Write(p)
				n, err := b.Write(p)
				require.NoError(t, err)
				require.Equal(t, len(p), n)
			},
			"read": func(t *rapid.T) {
				p := make([]byte, rapid.IntRange(1, 200_000).Draw(t, "size"))
				n, err := b.Read(p)
				require.Equal(t, want.Len() == 0, errors.Is(err, io.EOF))
				require.Equal(t, string(want.Next(n)), string(p[:n]))
			},
			"reset": func(*rapid.T) { want.Reset(); b.Reset() },
			"":      func(t *rapid.T) { require.EqualValues(t, want.Len(), b.Len()) },
		})
	})
}

func TestBufferHoldsWhatIsNotTooLarge(t *testing.T) {
	var b resp.Buffer
	_, _ = b.WriteString("+before\r\n")
	large := strings.Repeat("x", 300_000)
	list := "*2\r\n$300000\r\n" + large + "\r\n:1\r\n"
	in := bufio.NewReader(strings.NewReader(list + list + "$5\r\nsm"))

	size, err := b.Hold(in, resp.Limits{}, 299_999)
	require.NoError(t, err)
	require.EqualValues(t, 300_000, size)
	require.EqualValues(t, len("+before\r\n"), b.Len(), "nothing of it is kept")

	size, err = b.Hold(in, resp.Limits{}, 300_000)
	require.NoError(t, err)
	require.EqualValues(t, 300_000, size)

	_, err = b.Hold(in, resp.Limits{}, 300_000)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	all, err := io.ReadAll(&b)
	require.NoError(t, err)
	require.Equal(t, "+before\r\n"+list, string(all), "nor of one that breaks off")
}
