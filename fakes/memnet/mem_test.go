package memnet_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"tollgate/fakes/memnet"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestMemAddresses(t *testing.T) {
	m := mem(t)
	l, err := m.Listen(t.Context(), "tcp", ":6379")
	require.NoError(t, err)
	require.Equal(t, "127.0.0.1:6379", l.Addr().String())
	for _, address := range []string{"127.0.0.1:6379", "localhost:6379", ":6379", "0.0.0.0:6379"} {
		c, err := m.DialContext(t.Context(), "tcp", address)
		require.NoError(t, err, address)
		require.NoError(t, c.Close())
	}
	for _, address := range []string{"redis.example.com:6379", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:65536", ""} {
		_, err := m.DialContext(t.Context(), "tcp", address)
		require.Error(t, err, address)
		_, err = m.Listen(t.Context(), "tcp", address)
		require.Error(t, err, address)
	}
	_, err = m.DialContext(t.Context(), "udp", "127.0.0.1:6379")
	require.ErrorAs(t, err, new(net.UnknownNetworkError))
}

func TestMemCloseEndsListenersAndConnections(t *testing.T) {
	m := memnet.New()
	client, server := connect(t, m)
	l, err := m.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	waiting, err := m.DialContext(t.Context(), "tcp", l.Addr().String())
	require.NoError(t, err)

	require.NoError(t, m.Close())
	_, err = client.Read(make([]byte, 1))
	require.ErrorIs(t, err, net.ErrClosed)
	_, err = server.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
	_, err = waiting.Read(make([]byte, 1))
	require.Error(t, err)
	_, err = l.Accept()
	require.ErrorIs(t, err, net.ErrClosed)
	_, err = m.DialContext(t.Context(), "tcp", l.Addr().String())
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	_, err = m.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.ErrorIs(t, err, net.ErrClosed)
}

func TestMemDialWaitsWhileTheBacklogIsFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := memnet.New()
		defer m.Close()
		l, err := m.Listen(t.Context(), "tcp", "127.0.0.1:0")
		require.NoError(t, err)
		for {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			_, err = m.DialContext(ctx, "tcp", l.Addr().String())
			cancel()
			if err != nil {
				break
			}
		}
		require.ErrorIs(t, err, context.DeadlineExceeded)

		refused := make(chan error, 1)
		go func() {
			_, err := m.DialContext(t.Context(), "tcp", l.Addr().String())
			refused <- err
		}()
		synctest.Wait()
		require.NoError(t, l.Close())
		require.ErrorIs(t, <-refused, syscall.ECONNREFUSED)
	})
}

func TestMemDeadlinesRunOnTheBubblesClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _ := connect(t, mem(t))
		start := time.Now()
		require.NoError(t, client.SetReadDeadline(start.Add(time.Hour)))
		_, err := client.Read(make([]byte, 1))
		requireTimeout(t, err)
		require.Equal(t, time.Hour, time.Since(start))

		require.NoError(t, client.SetWriteDeadline(time.Now().Add(time.Hour)))
		requireTimeout(t, writeUntilError(client))
		require.Equal(t, 2*time.Hour, time.Since(start))
	})
}

// A moved deadline must not be ended by the timer of the one before it.
func TestMemDeadlineCanBeMovedWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _ := connect(t, mem(t))
		start := time.Now()
		require.NoError(t, client.SetReadDeadline(start.Add(time.Second)))
		go func() {
			time.Sleep(time.Second / 2)
			client.SetReadDeadline(start.Add(time.Minute))
		}()
		_, err := client.Read(make([]byte, 1))
		requireTimeout(t, err)
		require.Equal(t, time.Minute, time.Since(start))
	})
}

func TestPipeBreaksInsteadOfMakingTheServerWait(t *testing.T) {
	client, server := memnet.Pipe(1 << 10)
	defer client.Close()
	_, err := server.Write(make([]byte, 1<<10))
	require.NoError(t, err, "up to the limit")
	_, err = server.Write([]byte("x"))
	require.ErrorIs(t, err, syscall.ENOBUFS)
	got, err := io.ReadAll(client)
	require.NoError(t, err)
	require.Len(t, got, 1<<10)
	_, err = client.Write([]byte("x"))
	require.ErrorIs(t, err, syscall.EPIPE)
}

func BenchmarkMemRoundTrip(b *testing.B) {
	m := memnet.New()
	defer m.Close()
	l, err := m.Listen(b.Context(), "tcp", "127.0.0.1:0")
	require.NoError(b, err)
	client, err := m.DialContext(b.Context(), "tcp", l.Addr().String())
	require.NoError(b, err)
	server, err := l.Accept()
	require.NoError(b, err)
	go func() { _, _ = io.Copy(server, server) }()
	buf := make([]byte, 64)
	for b.Loop() {
		_, _ = client.Write(buf)
		_, _ = io.ReadFull(client, buf)
	}
}

func ExampleNew() {
	network := memnet.New()
	defer network.Close()

	ctx := context.Background()
	listener, _ := network.Listen(ctx, "tcp", "127.0.0.1:8080")
	go func() {
		conn, _ := listener.Accept()
		defer conn.Close()
		fmt.Fprint(conn, "hello")
	}()
	conn, _ := network.DialContext(ctx, "tcp", "127.0.0.1:8080")
	defer conn.Close()
	got, _ := io.ReadAll(conn)
	fmt.Println(string(got))
	// Output: hello
}
