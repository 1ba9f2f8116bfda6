package faults_test

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
)

const ms = time.Millisecond

func TestLatencyIsExact(t *testing.T) {
	for spec, want := range map[string]time.Duration{
		"latency,delay=200ms":                 200 * ms,
		"latency,delay=200ms,direction=up":    200 * ms,
		"latency,delay=200ms,direction=both":  400 * ms,
		"latency,delay=1ms,transport=tcp":     ms,
		"latency,delay=200ms,door=resp":       200 * ms,
		"latency,delay=200ms,door=tls":        0,
		"latency,delay=200ms,transport=rest":  0,
		"latency,delay=200ms,probability=0":   0,
		"latency,delay=200ms,probability=1":   200 * ms,
		"latency,delay=200ms,component=cache": 0, // nobody has said whose the connection is
	} {
		t.Run(spec, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, mem(t), 1)
				before := b.dial(t)
				require.Zero(t, ask(t, before, "hello"))
				name := b.add(t, spec)
				require.Equal(t, want, ask(t, b.dial(t), "a new connection"))
				require.Equal(t, want, ask(t, before, "one that was open"))
				require.Equal(t, want, ask(t, before, "again"))
				report, err := b.Remove(name)
				require.NoError(t, err)
				require.Equal(t, map[bool]int64{true: 2, false: 0}[want > 0], report.Fired)
				require.Zero(t, ask(t, before, "as before"))
			})
		})
	}
}

// Faults that come and go while a connection is silent leave nothing behind, and
// the next one acts on the very next byte.
func TestLatencyAfterOthers(t *testing.T) {
	for _, direction := range []string{"up", "down", "both"} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, mem(t), 1)
			conn := b.dial(t)
			ask(t, conn, "hello")
			synctest.Wait()
			for range 3 {
				b.add(t, "half-open")
				b.add(t, "latency,delay=1s,direction="+direction)
				b.Clear()
			}
			b.add(t, "latency,delay=200ms,direction="+direction)
			want := map[string]time.Duration{"up": 200 * ms, "down": 200 * ms, "both": 400 * ms}[direction]
			require.Equal(t, want, ask(t, conn, "hello"), direction)
			b.Clear()
			require.Zero(t, ask(t, conn, "hello"))
		})
	}
}

// Bytes that are under way together take the delay once.
func TestLatencyIsNoBandwidth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, mem(t), 1)
		b.add(t, "latency,delay=100ms")
		conn, sent := b.dial(t), time.Now()
		for range 50 {
			_, err := io.WriteString(conn, "x")
			require.NoError(t, err)
			time.Sleep(ms)
		}
		expect(t, conn, strings.Repeat("x", 50))
		require.Equal(t, 149*ms, time.Since(sent))
	})
}

func TestJitterIsSeededAndBounded(t *testing.T) {
	measure := func(seed uint64) (took []time.Duration) {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t, mem(t), seed)
			b.add(t, "latency,name=slow,delay=200ms,jitter=50ms")
			for range 3 {
				conn := b.dial(t)
				for range 20 {
					took = append(took, ask(t, conn, "hello"))
				}
			}
		})
		return took
	}
	first := measure(1)
	require.Equal(t, first, measure(1))
	require.NotEqual(t, first, measure(2))
	least, most := first[0], first[0]
	for _, d := range first {
		least, most = min(least, d), max(most, d)
	}
	require.GreaterOrEqual(t, least, 150*ms)
	require.LessOrEqual(t, most, 250*ms)
	require.Greater(t, most-least, 50*ms)
}

func TestBandwidth(t *testing.T) {
	for _, direction := range []string{"down", "up"} {
		t.Run(direction, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, mem(t), 1)
				conn := b.dial(t)
				b.add(t, "bandwidth,rate=10000,direction="+direction)
				require.Equal(t, 3*time.Second, ask(t, conn, strings.Repeat("x", 30_000)))
				require.Equal(t, 100*time.Microsecond, ask(t, conn, "x"))
				b.Clear()
				b.add(t, "bandwidth,rate=3,direction="+direction)
				require.InDelta(t, 2*time.Second, ask(t, conn, "hello!"), 10)
			})
		})
	}
}

func TestHalfOpen(t *testing.T) {
	for name, network := range networks(t) {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, network(t), 1)
			open := b.dial(t)
			ask(t, open, "before")
			b.add(t, "half-open,name=stuck")
			fresh := b.dial(t)
			for _, conn := range []net.Conn{open, fresh} {
				_, err := io.WriteString(conn, "hello")
				require.NoError(t, err)
				require.NoError(t, conn.SetReadDeadline(time.Now().Add(50*ms)))
				_, err = conn.Read(make([]byte, 1))
				require.ErrorIs(t, err, os.ErrDeadlineExceeded)
				require.NoError(t, conn.SetReadDeadline(time.Time{}))
			}
			report, err := b.Remove("stuck")
			require.NoError(t, err)
			require.Equal(t, int64(2), report.Fired)
			for _, conn := range []net.Conn{open, fresh} {
				expect(t, conn, "hello") // nothing is lost
				ask(t, conn, "and it goes on")
			}
		})
	}
}

// The server does not notice that the client of a half-open connection has left,
// until the network works again.
func TestHalfOpenHidesTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := mem(t)
		l, server := accepting(t, network)
		l.add(t, "half-open,name=stuck")
		client := l.dial(t)
		conn := <-server
		require.NoError(t, client.Close())
		require.NoError(t, conn.SetReadDeadline(time.Now().Add(time.Hour)))
		_, err := conn.Read(make([]byte, 1))
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.NoError(t, conn.SetReadDeadline(time.Time{}))
		_, err = l.Remove("stuck")
		require.NoError(t, err)
		_, err = conn.Read(make([]byte, 1))
		require.ErrorIs(t, err, io.EOF)
	})
}

func TestReset(t *testing.T) {
	for name, network := range networks(t) {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, network(t), 1)
			open := b.dial(t)
			ask(t, open, "before")
			b.add(t, "reset,name=cut")
			_, err := open.Read(make([]byte, 1))
			require.Error(t, err)
			if name == "tcp" {
				require.ErrorIs(t, err, syscall.ECONNRESET)
			}
			fresh, err := b.network.DialContext(t.Context(), "tcp", b.addr)
			if err == nil { // over TCP the reset may come first
				_, err = fresh.Read(make([]byte, 1))
				fresh.Close()
			}
			require.Error(t, err)
			require.Equal(t, int64(2), b.report(t, "cut").Fired)
			b.Clear()
			ask(t, b.dial(t), "as before")
		})
	}
}

func TestResetInTheMiddle(t *testing.T) {
	for name, network := range networks(t) {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, network(t), 1)
			conn := b.dial(t)
			b.add(t, "reset,bytes=4,transport=tcp")
			_, err := io.WriteString(conn, "hello, world")
			require.NoError(t, err)
			got, err := io.ReadAll(conn)
			require.Equal(t, "hell", string(got))
			if name == "tcp" {
				require.ErrorIs(t, err, syscall.ECONNRESET)
			}
		})
	}
}

func TestFaultsAddUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, mem(t), 1)
		conn := b.dial(t)
		b.add(t, "latency,name=a,delay=100ms")
		b.add(t, "latency,name=b,delay=50ms,jitter=0s")
		b.add(t, "bandwidth,name=c,rate=1000")
		require.Equal(t, 650*ms, ask(t, conn, strings.Repeat("x", 500)))
		_, err := b.Remove("a")
		require.NoError(t, err)
		require.Equal(t, 550*ms, ask(t, conn, strings.Repeat("x", 500)))
		b.Clear()
		require.Zero(t, ask(t, conn, strings.Repeat("x", 500)))
	})
}

// What a fault holds back arrives at once when it is removed, in order, before
// what comes later.
func TestRemovalFlushes(t *testing.T) {
	for _, spec := range []string{
		"latency,delay=1h", "latency,delay=1h,direction=up", "latency,delay=2h,jitter=1h,direction=both",
		"bandwidth,rate=1000", "bandwidth,rate=1000,direction=both", "half-open",
	} {
		t.Run(spec, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, mem(t), 1)
				conn := b.dial(t)
				name := b.add(t, spec)
				began := time.Now()
				text := strings.Repeat("0123456789", 20_000)
				for part := range strings.SplitSeq(text, "9") {
					_, err := io.WriteString(conn, part)
					require.NoError(t, err)
				}
				time.Sleep(time.Second)
				_, err := b.Remove(name)
				require.NoError(t, err)
				_, err = io.WriteString(conn, "the end")
				require.NoError(t, err)
				expect(t, conn, strings.ReplaceAll(text, "9", "")+"the end")
				require.Equal(t, time.Second, time.Since(began))
			})
		})
	}
}

// What was written before Close still arrives; what is stuck does not hold the
// connection for ever.
func TestCloseLingers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, server := accepting(t, mem(t))
		b.add(t, "latency,delay=2s,name=slow")
		client, began := b.dial(t), time.Now()
		conn := <-server
		_, err := io.WriteString(conn, "goodbye")
		require.NoError(t, err)
		require.NoError(t, conn.Close())
		require.ErrorIs(t, conn.Close(), net.ErrClosed)
		_, err = conn.Read(make([]byte, 1))
		require.ErrorIs(t, err, net.ErrClosed)
		_, err = conn.Write([]byte("x"))
		require.ErrorIs(t, err, net.ErrClosed)
		got, err := io.ReadAll(client)
		require.NoError(t, err)
		require.Equal(t, "goodbye", string(got))
		require.Equal(t, 2*time.Second, time.Since(began))

		b.Clear()
		b.add(t, "half-open")
		client, began = b.dial(t), time.Now()
		conn = <-server
		_, err = io.WriteString(conn, "nobody hears it")
		require.NoError(t, err)
		require.NoError(t, conn.Close())
		got, _ = io.ReadAll(client)
		require.Empty(t, got)
		require.Equal(t, 30*time.Second, time.Since(began))
	})
}

func TestDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, server := accepting(t, mem(t))
		client := b.dial(t)
		conn := <-server
		readIn := func(d time.Duration) {
			t.Helper()
			began := time.Now()
			require.NoError(t, conn.SetDeadline(began.Add(d)))
			_, err := conn.Read(make([]byte, 1))
			require.ErrorIs(t, err, os.ErrDeadlineExceeded)
			var timeout net.Error
			require.True(t, errors.As(err, &timeout) && timeout.Timeout())
			require.Equal(t, max(d, 0), time.Since(began))
		}
		readIn(time.Second)
		b.add(t, "latency,name=slow,delay=10s,direction=both")
		readIn(time.Second)
		readIn(-time.Second)

		// A deadline moves a read under way, and the fault's end keeps it.
		require.NoError(t, conn.SetReadDeadline(time.Now().Add(time.Hour)))
		go func() {
			time.Sleep(time.Second)
			b.Clear()
			time.Sleep(time.Second)
			_ = conn.SetReadDeadline(time.Now().Add(time.Second))
		}()
		began := time.Now()
		_, err := conn.Read(make([]byte, 1))
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.Equal(t, 3*time.Second, time.Since(began))

		// A full way down keeps the write deadline too.
		b.add(t, "half-open,name=stuck")
		began = time.Now()
		require.NoError(t, conn.SetWriteDeadline(began.Add(time.Minute)))
		_, err = conn.Write(make([]byte, 64<<20))
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.Equal(t, time.Minute, time.Since(began))
		require.NoError(t, client.Close())
	})
}

// A write to a client that is gone fails, if later than without a fault.
func TestWriteToNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, server := accepting(t, mem(t))
		b.add(t, "latency,delay=1s")
		client := b.dial(t)
		conn := <-server
		require.NoError(t, client.Close())
		_, err := conn.Write([]byte("x"))
		require.NoError(t, err)
		time.Sleep(2 * time.Second)
		_, err = conn.Write([]byte("x"))
		require.ErrorIs(t, err, syscall.EPIPE)
		require.NoError(t, conn.Close())
	})
}

// Without a matching fault, a connection has no goroutine of its own.
func TestNoFaultNoGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, server := accepting(t, mem(t))
		client := b.dial(t)
		conn := <-server
		name := b.add(t, "latency,delay=1s,direction=both")
		_, err := conn.Write([]byte("x"))
		require.NoError(t, err)
		expect(t, client, "x")
		_, err = b.Remove(name)
		require.NoError(t, err)
		synctest.Wait()
		require.NoError(t, goroutinesOf("faults"))
		b.add(t, "latency,delay=1s,direction=both,probability=0")
		b.add(t, "loading")
		synctest.Wait()
		require.NoError(t, goroutinesOf("faults"))
		b.add(t, "half-open")
		synctest.Wait()
		require.Error(t, goroutinesOf("faults"), "the check can fail")
	})
}

// networks are both, each to be made within its test.
func networks(t *testing.T) map[string]func(testing.TB) memnet.Network {
	t.Helper()
	return map[string]func(testing.TB) memnet.Network{
		"mem": mem,
		"tcp": func(testing.TB) memnet.Network { return memnet.TCP() },
	}
}

// Close of the registry waits for nobody: neither for what lingers, nor for what is
// stuck in a write.
func TestRegistryCloseCutsEverything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, server := accepting(t, mem(t))
		b.add(t, "half-open")
		lingering, stuck := b.dial(t), b.dial(t)
		first, second := <-server, <-server
		_, err := io.WriteString(first, "goodbye")
		require.NoError(t, err)
		require.NoError(t, first.Close())
		failed := make(chan error)
		go func() {
			_, err := second.Write(make([]byte, 64<<20))
			failed <- err
		}()
		synctest.Wait()
		began := time.Now()
		b.Close()
		require.ErrorIs(t, <-failed, net.ErrClosed)
		for _, conn := range []net.Conn{lingering, stuck} {
			_, err := io.ReadAll(conn)
			require.NoError(t, err)
		}
		require.Zero(t, time.Since(began))
		require.Len(t, b.List(), 1, "what it did can still be read")
		require.Equal(t, int64(2), b.List()[0].Fired)

		late := b.dial(t)
		conn := <-server
		_, err = conn.Read(make([]byte, 1))
		require.ErrorIs(t, err, net.ErrClosed)
		_, err = io.ReadAll(late)
		require.NoError(t, err)
	})
}
