package memnet_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
)

// networks are what every test of the net.Conn contract runs on.
var networks = map[string]func(t *testing.T) memnet.Network{
	"mem":         func(t *testing.T) memnet.Network { return mem(t) },
	"mem delayed": func(t *testing.T) memnet.Network { return memnet.WithLatency(mem(t), time.Microsecond) },
	"tcp":         func(*testing.T) memnet.Network { return memnet.TCP() },
	"tcp delayed": func(*testing.T) memnet.Network { return memnet.WithLatency(memnet.TCP(), time.Microsecond) },
}

func mem(t *testing.T) *memnet.Mem {
	m := memnet.New()
	t.Cleanup(func() { m.Close() })
	return m
}

// connect gives the two ends of a connection through n.
func connect(t *testing.T, n memnet.Network) (client, server net.Conn) {
	t.Helper()
	l, err := n.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	client, err = n.DialContext(t.Context(), "tcp", l.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { client.Close() })
	server, err = l.Accept()
	require.NoError(t, err)
	t.Cleanup(func() { server.Close() })
	return client, server
}

// each runs a test once per network.
func each(t *testing.T, test func(t *testing.T, client, server net.Conn)) {
	for name, network := range networks {
		t.Run(name, func(t *testing.T) {
			client, server := connect(t, network(t))
			test(t, client, server)
		})
	}
}

func TestConnAddresses(t *testing.T) {
	each(t, func(t *testing.T, client, server net.Conn) {
		require.IsType(t, &net.TCPAddr{}, client.LocalAddr())
		require.Equal(t, client.LocalAddr().String(), server.RemoteAddr().String())
		require.Equal(t, client.RemoteAddr().String(), server.LocalAddr().String())
	})
}

func TestConnCarriesBytesInOrder(t *testing.T) {
	each(t, func(t *testing.T, client, server net.Conn) {
		payload := make([]byte, 3<<20) // many times what a connection buffers
		random := rand.NewChaCha8([32]byte{1})
		_, _ = random.Read(payload)

		var echo sync.WaitGroup
		echo.Go(func() {
			_, _ = io.Copy(server, server)
			server.Close()
		})
		echo.Go(func() { _, _ = client.Write(payload) })

		got := make([]byte, len(payload))
		_, err := io.ReadFull(client, got)
		require.NoError(t, err)
		require.Equal(t, sha256.Sum256(payload), sha256.Sum256(got))
		client.Close()
		echo.Wait()
	})
}

func TestConnCloseLetsThePeerReadWhatWasSent(t *testing.T) {
	each(t, func(t *testing.T, client, server net.Conn) {
		_, err := server.Write([]byte("last words"))
		require.NoError(t, err)
		require.NoError(t, server.Close())

		got, err := io.ReadAll(client)
		require.NoError(t, err)
		require.Equal(t, "last words", string(got))
	})
}

func TestConnOperationsAfterCloseFail(t *testing.T) {
	each(t, func(t *testing.T, client, _ net.Conn) {
		require.NoError(t, client.Close())
		_, err := client.Read(make([]byte, 1))
		require.ErrorIs(t, err, net.ErrClosed)
		_, err = client.Write([]byte("x"))
		require.ErrorIs(t, err, net.ErrClosed)
		require.ErrorIs(t, client.Close(), net.ErrClosed)
	})
}

func TestConnCloseEndsABlockedRead(t *testing.T) {
	each(t, func(t *testing.T, client, _ net.Conn) {
		failed := make(chan error, 1)
		go func() {
			_, err := client.Read(make([]byte, 1))
			failed <- err
		}()
		client.Close()
		require.ErrorIs(t, <-failed, net.ErrClosed)
	})
}

func TestConnCloseEndsABlockedWrite(t *testing.T) {
	each(t, func(t *testing.T, client, _ net.Conn) {
		failed := make(chan error, 1)
		go func() { failed <- writeUntilError(client) }()
		client.Close()
		require.ErrorIs(t, <-failed, net.ErrClosed)
	})
}

func TestConnWriteToAPeerThatLeftFails(t *testing.T) {
	each(t, func(t *testing.T, client, server net.Conn) {
		require.NoError(t, server.Close())
		err := writeUntilError(client)
		require.True(t, errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET), "%v", err)
	})
}

func TestConnDeadlinesInThePast(t *testing.T) {
	each(t, func(t *testing.T, client, server net.Conn) {
		require.NoError(t, client.SetDeadline(time.Unix(1, 0)))
		_, err := client.Read(make([]byte, 1))
		requireTimeout(t, err)
		requireTimeout(t, writeUntilError(client))

		require.NoError(t, client.SetDeadline(time.Time{}))
		_, err = server.Write([]byte("x"))
		require.NoError(t, err)
		_, err = io.ReadFull(client, make([]byte, 1))
		require.NoError(t, err, "a deadline that was taken away no longer holds")
	})
}

func TestConnReadDeadlineDoesNotLoseBytes(t *testing.T) {
	each(t, func(t *testing.T, client, server net.Conn) {
		require.NoError(t, client.SetReadDeadline(time.Now().Add(time.Millisecond)))
		_, err := client.Read(make([]byte, 1))
		requireTimeout(t, err)

		_, err = server.Write([]byte("late"))
		require.NoError(t, err)
		require.NoError(t, client.SetReadDeadline(time.Time{}))
		got := make([]byte, 4)
		_, err = io.ReadFull(client, got)
		require.NoError(t, err)
		require.Equal(t, "late", string(got))
	})
}

func TestConnDeadlineEndsABlockedWrite(t *testing.T) {
	each(t, func(t *testing.T, client, _ net.Conn) {
		require.NoError(t, client.SetWriteDeadline(time.Now().Add(time.Millisecond)))
		requireTimeout(t, writeUntilError(client))
	})
}

func TestConnWritesAreNotMixed(t *testing.T) {
	each(t, func(t *testing.T, client, server net.Conn) {
		const writers, size = 4, 1 << 20
		var group sync.WaitGroup
		for i := range writers {
			group.Go(func() { _, _ = client.Write(bytes.Repeat([]byte{byte('a' + i)}, size)) })
		}
		for range writers {
			block := make([]byte, size)
			_, err := io.ReadFull(server, block)
			require.NoError(t, err)
			require.Equal(t, size, bytes.Count(block, block[:1]), "one write's bytes come together")
		}
		group.Wait()
	})
}

func TestDialAndListenErrors(t *testing.T) {
	for name, network := range networks {
		t.Run(name, func(t *testing.T) {
			n := network(t)
			l, err := n.Listen(t.Context(), "tcp", "127.0.0.1:0")
			require.NoError(t, err)
			address := l.Addr().String()

			_, err = n.Listen(t.Context(), "tcp", address)
			require.ErrorIs(t, err, syscall.EADDRINUSE)

			require.NoError(t, l.Close())
			require.ErrorIs(t, l.Close(), net.ErrClosed)
			_, err = l.Accept()
			require.ErrorIs(t, err, net.ErrClosed)
			_, err = n.DialContext(t.Context(), "tcp", address)
			require.ErrorIs(t, err, syscall.ECONNREFUSED)
			var failed *net.OpError
			require.ErrorAs(t, err, &failed)

			done, cancel := context.WithCancel(t.Context())
			cancel()
			_, err = n.DialContext(done, "tcp", address)
			require.Error(t, err)
		})
	}
}

func requireTimeout(t *testing.T, err error) {
	t.Helper()
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	var failed net.Error
	require.ErrorAs(t, err, &failed)
	require.True(t, failed.Timeout())
}

func writeUntilError(c net.Conn) error {
	for {
		if _, err := c.Write(make([]byte, 64<<10)); err != nil {
			return err
		}
	}
}
