package memnet_test

import (
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
)

const rtt = 20 * time.Millisecond

// delayedEcho is a connection with latency to a server that answers each byte.
func delayedEcho(t *testing.T) net.Conn {
	client, server := connect(t, memnet.WithLatency(mem(t), rtt))
	go func() {
		_, _ = io.Copy(server, server)
		server.Close()
	}()
	return client
}

func TestLatencyIsExactlyOneRoundTrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := delayedEcho(t)
		for range 10 {
			start := time.Now()
			_, err := client.Write([]byte("x"))
			require.NoError(t, err)
			_, err = io.ReadFull(client, make([]byte, 1))
			require.NoError(t, err)
			require.Equal(t, rtt, time.Since(start))
		}
		client.Close()
	})
}

func TestLatencyKeepsThroughputOfAPipeline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := delayedEcho(t)
		start := time.Now()
		const requests = 1000
		go func() {
			for range requests {
				_, _ = client.Write(make([]byte, 100))
			}
		}()
		_, err := io.ReadFull(client, make([]byte, requests*100))
		require.NoError(t, err)
		require.Equal(t, rtt, time.Since(start), "all of it takes one round trip")
		client.Close()
	})
}

func TestLatencyDelaysTheEndToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := connect(t, memnet.WithLatency(mem(t), rtt))
		start := time.Now()
		_, err := server.Write([]byte("bye"))
		require.NoError(t, err)
		require.NoError(t, server.Close())
		got, err := io.ReadAll(client)
		require.NoError(t, err)
		require.Equal(t, "bye", string(got))
		require.Equal(t, rtt, time.Since(start))
		_, err = client.Read(make([]byte, 1))
		require.ErrorIs(t, err, io.EOF, "the end stays")
	})
}

func TestLatencyHonoursDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := delayedEcho(t)
		start := time.Now()
		_, err := client.Write([]byte("x"))
		require.NoError(t, err)
		require.NoError(t, client.SetReadDeadline(start.Add(rtt/2)))
		_, err = client.Read(make([]byte, 1))
		requireTimeout(t, err)
		require.Equal(t, rtt/2, time.Since(start), "although the byte is on its way")

		require.NoError(t, client.SetReadDeadline(time.Time{}))
		_, err = client.Read(make([]byte, 1))
		require.NoError(t, err)
		require.Equal(t, rtt, time.Since(start))
		client.Close()
	})
}

// What is under way is bounded: a peer that is not read must at last wait.
func TestLatencyBoundsWhatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, server := connect(t, memnet.WithLatency(mem(t), rtt))
		require.NoError(t, server.SetWriteDeadline(time.Now().Add(time.Hour)))
		sent := 0
		for {
			n, err := server.Write(make([]byte, 64<<10))
			if sent += n; err != nil {
				requireTimeout(t, err)
				break
			}
		}
		require.Less(t, sent, 8<<20)
	})
}

func TestWithLatencyOfNothingIsTheNetworkItself(t *testing.T) {
	m := mem(t)
	require.Same(t, m, memnet.WithLatency(m, 0))
}
