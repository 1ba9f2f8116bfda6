package conformance_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
)

const (
	// unreadMemory is the most that a client may cost that reads nothing: 64 MiB may
	// wait for it, in a buffer that grows by doubling and is copied to grow.
	unreadMemory = 3 * 64 << 20
	// hostileMemory is the most that a client may cost that sends nonsense.
	hostileMemory = 16 << 20
)

// bystander is an honest client on both doors.
type bystander struct {
	conn net.Conn
	rest string
}

func newBystander(t testing.TB, resp, rest string) bystander {
	conn, err := net.Dial("tcp", resp)
	require.NoError(t, err)
	t.Cleanup(func() { conn.Close(); http.DefaultClient.CloseIdleConnections() })
	return bystander{conn, rest}
}

// served checks that it is answered as ever, and says how long the slower answer took.
func (b bystander) served(t testing.TB) time.Duration {
	t.Helper()
	begin := time.Now()
	require.NoError(t, b.conn.SetDeadline(begin.Add(10*time.Second)))
	require.NoError(t, greet(b.conn, 0))
	overTCP := time.Since(begin)
	require.NoError(t, call(http.DefaultClient, b.rest, `["PING"]`, `{"result":"PONG"}`))
	return max(overTCP, time.Since(begin)-overTCP)
}

// A client that asks for much and reads nothing costs a bounded amount of memory
// and holds up nobody. It is made to wait or cut off; when, fakes/upstash tests in
// virtual time.
func TestSlowReadersOnSockets(t *testing.T) {
	if testing.Short() {
		t.Skip("moves some hundred megabytes")
	}
	const size = 1 << 20
	s := server(t)
	other := newBystander(t, s.RESPAddr(), s.RESTURL())
	require.NoError(t, call(http.DefaultClient, s.RESTURL(), `["SET","big","`+strings.Repeat("x", size)+`"]`, `{"result":"OK"}`))
	for name, c := range map[string]struct{ asks, together int }{
		"one by one":  {300, 1},
		"all at once": {1000, 1000},
	} {
		t.Run(name, func(t *testing.T) {
			other.served(t)
			before := memoryInUse()
			lazy, err := net.Dial("tcp", s.RESPAddr())
			require.NoError(t, err)
			defer lazy.Close()
			require.NoError(t, lazy.SetWriteDeadline(time.Now().Add(20*time.Second)))
			var waits []time.Duration
			most := int64(0)
			for asked := 0; err == nil && asked < c.asks; asked += c.together {
				_, err = io.WriteString(lazy, strings.Repeat("GET big\r\n", c.together))
				waits = append(waits, other.served(t))
				if asked%20 == 0 {
					most = max(most, memoryInUse()-before)
				}
			}
			for range 100 {
				waits = append(waits, other.served(t))
			}
			most = max(most, memoryInUse()-before)
			slices.Sort(waits)
			t.Logf("%d answers of 1 MiB asked for and not read; cut off while asking: %v; at most %d MiB in use; others waited %v at the median, %v at most",
				c.asks, err != nil, most>>20, waits[len(waits)/2], waits[len(waits)-1])
			require.LessOrEqual(t, most, int64(unreadMemory))
			require.Less(t, waits[len(waits)/2], time.Second)
			require.Less(t, waits[len(waits)-1], 5*time.Second)

			require.NoError(t, lazy.Close())
			require.Eventually(t, func() bool { return s.Ledger().Snapshot().Connections.Open == 1 }, 10*time.Second, 10*time.Millisecond)
			require.Eventually(t, func() bool { return memoryInUse()-before <= hostileMemory }, 10*time.Second, 10*time.Millisecond, "it is forgotten")
		})
	}
}

// What a client sends that is no RESP or no HTTP harms that client alone.
func TestMalformedClientsHurtOnlyThemselves(t *testing.T) {
	s := server(t)
	other := newBystander(t, s.RESPAddr(), s.RESTURL())
	other.served(t)
	garbage := make([]byte, 64<<10)
	_, _ = rand.Read(garbage)
	web := strings.TrimPrefix(s.RESTURL(), "http://")
	auth := "Host: x\r\nAuthorization: Bearer " + fullToken + "\r\n"
	for name, c := range map[string]struct {
		addr, text string
		ends       bool // the fake hangs up, rather than wait for more
	}{
		"garbage":                     {s.RESPAddr(), "\x00" + string(garbage) + "\r\n", false},
		"words beyond counting":       {s.RESPAddr(), "*1000000000\r\n", true},
		"many words announced":        {s.RESPAddr(), "*1000000\r\n$1\r\na\r\n", false},
		"a word beyond measure":       {s.RESPAddr(), "*2\r\n$3\r\nGET\r\n$99999999999\r\n", true},
		"a large word announced":      {s.RESPAddr(), "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$500000000\r\nxyz", false},
		"a negative length":           {s.RESPAddr(), "*1\r\n$-5\r\n", true},
		"no length":                   {s.RESPAddr(), "*1\r\n$\r\n", true},
		"a word longer than said":     {s.RESPAddr(), "*1\r\n$4\r\nPINGPONG\r\n", true},
		"a reply":                     {s.RESPAddr(), "+OK\r\n:1\r\n$-1\r\n", false},
		"half a command":              {s.RESPAddr(), "*2\r\n$3\r\nGE", false},
		"an endless line":             {s.RESPAddr(), strings.Repeat("x", 1<<20), true},
		"an endless number":           {s.RESPAddr(), "*" + strings.Repeat("1", 1<<20), true},
		"HTTP at the door of RESP":    {s.RESPAddr(), "POST / HTTP/1.1\r\nHost: x\r\n\r\n", false},
		"TLS at the door of RESP":     {s.RESPAddr(), "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + string(garbage[:500]), false},
		"RESP at the door of REST":    {web, "*1\r\n$4\r\nPING\r\n", true},
		"garbage at the door of REST": {web, string(garbage) + "\r\n\r\n", true},
		"an endless head":             {web, "GET / HTTP/1.1\r\nX: " + strings.Repeat("x", 2<<20), true},
		"half a head":                 {web, "GET / HT", false},
		"a large body announced":      {web, "POST / HTTP/1.1\r\n" + auth + "Content-Length: 9000000\r\n\r\n[", false},
		"a body beyond measure":       {web, "POST / HTTP/1.1\r\n" + auth + "Content-Length: 99999999999999999999\r\n\r\n[", true},
		"a broken chunk":              {web, "POST / HTTP/1.1\r\n" + auth + "Transfer-Encoding: chunked\r\n\r\nzz\r\n", true},
		"arrays within arrays":        {web, "POST / HTTP/1.1\r\n" + auth + "Connection: close\r\nContent-Length: 1000000\r\n\r\n" + strings.Repeat("[", 1_000_000), true},
	} {
		t.Run(name, func(t *testing.T) {
			before := memoryInUse()
			conn, err := net.Dial("tcp", c.addr)
			require.NoError(t, err)
			defer conn.Close()
			require.NoError(t, conn.SetDeadline(time.Now().Add(5*time.Second)))
			_, _ = io.WriteString(conn, c.text) // it may be cut off in the middle
			if c.ends {
				_, err := io.Copy(io.Discard, conn)
				var failed net.Error
				if errors.As(err, &failed) {
					require.False(t, failed.Timeout(), "the fake still listens")
				}
			}
			require.Less(t, other.served(t), 5*time.Second)
			require.LessOrEqual(t, memoryInUse()-before, int64(hostileMemory))
		})
	}
	require.NoError(t, other.conn.Close())
	require.Eventually(t, func() bool { return s.Ledger().Snapshot().Connections.Open == 0 }, 10*time.Second, 10*time.Millisecond)
}

// Many of them at once do not, either.
func TestManyMalformedClientsAtOnce(t *testing.T) {
	s := server(t)
	other := newBystander(t, s.RESPAddr(), s.RESTURL())
	var group errgroup.Group
	group.SetLimit(50)
	for i := range 500 {
		group.Go(func() error {
			conn, err := net.Dial("tcp", s.RESPAddr())
			if err != nil {
				return err
			}
			defer conn.Close()
			text := []string{"*1000000\r\n$1\r\na\r\n", "*1\r\n$400000000\r\n", "\x00\xff\r\n", "*2\r\n$3\r\nGET\r\n"}[i%4]
			_, err = fmt.Fprint(conn, text)
			return err
		})
	}
	for range 20 {
		require.Less(t, other.served(t), 5*time.Second)
	}
	require.NoError(t, group.Wait())
	require.NoError(t, other.conn.Close())
	require.Eventually(t, func() bool { return s.Ledger().Snapshot().Connections.Open == 0 }, 10*time.Second, 10*time.Millisecond)
}
