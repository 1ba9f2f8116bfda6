package conformance

import (
	"bufio"
	"bytes"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/resp"
)

// replyTimeout bounds the wait for one reply. In a bubble it is virtual.
const replyTimeout = 10 * time.Second

// wire is a connection that keeps the bytes of what it reads.
type wire struct {
	t    testing.TB
	conn net.Conn
	r    *bufio.Reader
}

func dial(t testing.TB, doors Doors, door string) *wire {
	t.Helper()
	conn, err := doors.RESP(t.Context())
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close() })
	w := &wire{t: t, conn: conn, r: bufio.NewReader(conn)}
	if door == doorRESP3 {
		w.send([][]byte{[]byte("HELLO"), []byte("3")})
		_, v := w.receive()
		require.Equal(t, resp.Map, v.Kind, "HELLO 3 answers %v", v)
	}
	return w
}

func (w *wire) send(command [][]byte) {
	w.t.Helper()
	require.NoError(w.t, w.conn.SetWriteDeadline(time.Now().Add(replyTimeout)))
	_, err := w.conn.Write(resp.AppendCommand(nil, command...))
	require.NoError(w.t, err)
}

// receive reads one value: its bytes, and what they mean.
func (w *wire) receive() (raw []byte, v resp.Value) {
	w.t.Helper()
	require.NoError(w.t, w.conn.SetReadDeadline(time.Now().Add(replyTimeout)))
	raw, _, err := resp.HoldValue(nil, w.r, resp.Limits{}, resp.DefaultMaxBytes)
	require.NoError(w.t, err, "no reply")
	v, err = resp.ReadValue(bufio.NewReader(bytes.NewReader(raw)), resp.Limits{})
	require.NoError(w.t, err)
	return raw, v
}
