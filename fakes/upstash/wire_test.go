package upstash_test

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/resp"
)

// wire is a client that shows what is on the wire.
type wire struct {
	t    testing.TB
	conn net.Conn
	r    *bufio.Reader
}

func dial(t testing.TB, f fake) *wire {
	t.Helper()
	conn, err := f.network.DialContext(t.Context(), "tcp", f.RESPAddr())
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	return &wire{t: t, conn: conn, r: bufio.NewReader(conn)}
}

func (w *wire) send(words ...string) {
	w.t.Helper()
	var command [][]byte
	for _, word := range words {
		command = append(command, []byte(word))
	}
	_, err := w.conn.Write(resp.AppendCommand(nil, command...))
	require.NoError(w.t, err)
}

// line wants the next lines of the wire, joined by spaces.
func (w *wire) line(want string) {
	w.t.Helper()
	var got []string
	for range strings.Count(want, " | ") + 1 {
		line, err := w.r.ReadString('\n')
		require.NoError(w.t, err)
		got = append(got, strings.TrimSuffix(line, "\r\n"))
	}
	require.Equal(w.t, want, strings.Join(got, " | "))
}

// want sends a command and wants its reply, line by line between " | ".
func (w *wire) want(reply string, words ...string) {
	w.t.Helper()
	w.send(words...)
	w.line(reply)
}

func (w *wire) ended() {
	w.t.Helper()
	_, err := w.r.ReadByte()
	require.ErrorIs(w.t, err, io.EOF)
}
