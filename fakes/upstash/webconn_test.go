package upstash

import (
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestLazyDeadlinesAreDeadlines compares a webConn with the connection that is in it: whatever deadlines are set, and
// moved while something waits for them, reads and writes end in the same way and at the same time.
func TestLazyDeadlinesAreDeadlines(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		steps := rapid.SliceOfN(rapid.Custom(drawDeadlineStep), 1, 15).Draw(rt, "steps")
		for i := range steps {
			steps[i].during += 256 << i // so that no two things are due at one moment, when either may come first
		}
		outcomes := func(wrap func(net.Conn) net.Conn) (all []deadlineOutcome) {
			synctest.Test(t, func(t *testing.T) {
				inner, peer := net.Pipe()
				defer peer.Close()
				conn := wrap(inner)
				defer conn.Close()
				for _, step := range steps {
					all = append(all, step.take(conn)...)
				}
			})
			return all
		}
		plain := outcomes(func(c net.Conn) net.Conn { return c })
		lazy := outcomes(func(c net.Conn) net.Conn { return newWebConn(c) })
		require.Equal(rt, plain, lazy)
	})
}

// deadlineStep sets a deadline and then waits: by a read or a write, which others set deadlines for meanwhile, or asleep.
type deadlineStep struct {
	set    string        // which of the deadlines
	due    time.Duration // from now; 0 means never
	then   string        // read, write or sleep
	during time.Duration // after which a deadline is set anew, while the read or write waits
	again  time.Duration // that one, as due
}

func drawDeadlineStep(rt *rapid.T) deadlineStep {
	due := rapid.SampledFrom([]time.Duration{-time.Hour, -1, 0, 1, time.Second, 3 * time.Second, 10 * time.Second, time.Minute})
	return deadlineStep{
		set:    rapid.SampledFrom([]string{"read", "write", "both"}).Draw(rt, "set"),
		due:    due.Draw(rt, "due"),
		then:   rapid.SampledFrom([]string{"read", "write", "sleep"}).Draw(rt, "then"),
		during: rapid.SampledFrom([]time.Duration{time.Millisecond, time.Second / 2, 2 * time.Second}).Draw(rt, "during"),
		again:  due.Draw(rt, "again"),
	}
}

// deadlineOutcome is how a read or write ended, and after how long.
type deadlineOutcome struct {
	expired bool
	took    time.Duration
}

func (s deadlineStep) take(conn net.Conn) []deadlineOutcome {
	s.setTo(conn, s.due)
	if s.then == "sleep" {
		time.Sleep(s.during)
		return nil
	}
	wait := conn.Read
	if s.then == "write" {
		wait = conn.Write
	}
	began := time.Now()
	again := time.AfterFunc(s.during, func() { s.setTo(conn, s.again) })
	last := time.AfterFunc(time.Hour, func() { _ = conn.SetDeadline(time.Unix(1, 0)) }) // or it waits for ever
	_, err := wait(make([]byte, 1))
	took := time.Since(began)
	again.Stop()
	last.Stop()
	return []deadlineOutcome{{expired: errors.Is(err, os.ErrDeadlineExceeded), took: took}}
}

func (s deadlineStep) setTo(conn net.Conn, due time.Duration) {
	var at time.Time
	if due != 0 {
		at = time.Now().Add(due)
	}
	switch s.set {
	case "read":
		_ = conn.SetReadDeadline(at)
	case "write":
		_ = conn.SetWriteDeadline(at)
	default:
		_ = conn.SetDeadline(at)
	}
}

// TestLazyDeadlineMovedWithEachRequest: of a thousand deadlines in a row the connection itself hears nothing, and of
// the one that passes it does.
func TestLazyDeadlineMovedWithEachRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		counted := &deadlineCounter{}
		conn := newWebConn(counted)
		for range 1000 {
			require.NoError(t, conn.SetReadDeadline(time.Now().Add(5*time.Minute)))
			require.NoError(t, conn.SetReadDeadline(time.Time{}))
			require.NoError(t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
			require.NoError(t, conn.SetReadDeadline(time.Now().Add(time.Minute)))
			time.Sleep(time.Second)
		}
		require.Zero(t, counted.reads.Load())
		last := time.Now()
		time.Sleep(time.Hour)
		synctest.Wait()
		require.EqualValues(t, 1, counted.reads.Load())
		require.Equal(t, last.Add(59*time.Second).UnixNano(), counted.last.Load())
		require.NoError(t, conn.Close())
		require.ErrorIs(t, conn.SetReadDeadline(time.Now().Add(time.Second)), net.ErrClosed)
	})
}

// deadlineCounter counts the deadlines for reads that are set.
type deadlineCounter struct {
	net.Conn
	reads atomic.Int64
	last  atomic.Int64 // in Unix nanoseconds
}

func (c *deadlineCounter) SetReadDeadline(t time.Time) error {
	c.reads.Add(1)
	c.last.Store(t.UnixNano())
	return nil
}

func (c *deadlineCounter) Close() error { return nil }

// webPair is a connection over TCP, and the client's end of it.
func webPair(t *testing.T) (conn *webConn, client net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	client, err = net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { client.Close() })
	require.NoError(t, client.SetDeadline(time.Now().Add(time.Minute)))
	accepted, err := webListener{listener}.Accept()
	require.NoError(t, err)
	t.Cleanup(func() { accepted.Close() })
	return accepted.(*webConn), client
}

// TestWebConnHangsUpInHalves, as net/http asks it to.
func TestWebConnHangsUpInHalves(t *testing.T) {
	conn, client := webPair(t)
	require.NoError(t, conn.CloseWrite())
	_, err := client.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
	_, err = client.Write([]byte("x"))
	require.NoError(t, err)
	_, err = conn.Read(make([]byte, 1))
	require.NoError(t, err, "the client's direction is still open")
}

// TestWebConnIsReset, as faults ask it to be.
func TestWebConnIsReset(t *testing.T) {
	conn, client := webPair(t)
	require.NoError(t, conn.SetLinger(0))
	require.NoError(t, conn.Close())
	_, err := client.Read(make([]byte, 1))
	require.ErrorIs(t, err, syscall.ECONNRESET)
}
