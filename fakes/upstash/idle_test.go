package upstash_test

import (
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// A connection is closed exactly when it has sent nothing for the timeout.
func TestIdleTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := settings(t)
		cfg.IdleTimeout = time.Minute
		f := start(t, cfg)
		silent, loggedIn, c := dial(t, f), login(t, f), login(t, f)
		for range 10 {
			time.Sleep(45 * time.Second)
			c.want("+PONG", "PING")
		}
		last := time.Now()
		require.EqualValues(t, 1, f.Ledger().Snapshot().Connections.Open)
		silent.ended()
		loggedIn.ended()
		c.ended()
		require.Equal(t, time.Minute, time.Since(last))
		synctest.Wait()
		counts := f.Ledger().Snapshot().Connections
		require.Zero(t, counts.Open)
		require.EqualValues(t, 3, counts.Opened)

		began := time.Now()
		partial := login(t, f)
		time.Sleep(30 * time.Second)
		_, err := io.WriteString(partial.conn, "*1\r\n$4\r\nPI") // half a command keeps it open for as long as a whole one
		require.NoError(t, err)
		partial.ended()
		require.Equal(t, 90*time.Second, time.Since(began))
	})
}

// Who waits for the server is not idle, and becomes so only after the reply.
func TestIdleTimeoutSparesWhoWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := settings(t)
		cfg.IdleTimeout = time.Minute
		f := start(t, cfg)
		blocked, subscribed, monitor, left := login(t, f), login(t, f), login(t, f), login(t, f)
		blocked.send("BLPOP", "queue", "100")
		subscribed.want("*3 | $9 | subscribe | $1 | a | :1", "SUBSCRIBE", "a")
		monitor.want("+OK", "MONITOR")
		left.want("*3 | $10 | psubscribe | $1 | a | :1", "PSUBSCRIBE", "a")
		left.want("*3 | $12 | punsubscribe | $1 | a | :0", "PUNSUBSCRIBE", "a")
		began := time.Now()
		left.ended()
		require.Equal(t, time.Minute, time.Since(began))
		blocked.line("*-1")
		require.Equal(t, 100*time.Second, time.Since(began))
		blocked.ended()
		require.Equal(t, 160*time.Second, time.Since(began), "a minute after its reply")
		time.Sleep(time.Hour)
		require.EqualValues(t, 2, f.Ledger().Snapshot().Connections.Open)
	})
}

// RESET ends what spared a connection.
func TestIdleTimeoutAfterReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := settings(t)
		cfg.IdleTimeout = time.Minute
		f := start(t, cfg)
		subscribed, monitor := login(t, f), login(t, f)
		subscribed.want("*3 | $9 | subscribe | $1 | a | :1", "SUBSCRIBE", "a")
		monitor.want("+OK", "MONITOR")
		monitor.want("+RESET", "RESET")
		subscribed.want("+RESET", "RESET")
		began := time.Now()
		subscribed.ended()
		monitor.ended()
		require.Equal(t, time.Minute, time.Since(began))
	})
}

// TLS connections too, and without waiting for their goodbye.
func TestIdleTimeoutOverTLS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := settings(t)
		cfg.IdleTimeout = time.Minute
		f := start(t, cfg)
		c := client(t, f.secure(f.options()))
		require.NoError(t, c.Ping(t.Context()).Err())
		time.Sleep(59 * time.Second)
		require.EqualValues(t, 1, f.Ledger().Snapshot().Connections.Open)
		time.Sleep(time.Second)
		synctest.Wait()
		require.Zero(t, f.Ledger().Snapshot().Connections.Open)
		_ = c.Close() // it cannot say goodbye
	})
}

func TestIdleConnectionsStayOpenByDefault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t, settings(t))
		c := login(t, f)
		time.Sleep(30 * 24 * time.Hour)
		c.want("+PONG", "PING")
	})
}
