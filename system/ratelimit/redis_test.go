package ratelimit

import (
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"tollgate/system/tcpredis"
)

// TestSameAnswersOverRedis repeats the comparison of the limiters, in short, against a real implementation of the commands.
func TestSameAnswersOverRedis(t *testing.T) {
	server := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	t.Cleanup(func() { _ = client.Close() })
	clock := newModel()
	cfg := Config{Store: tcpredis.NewStore(client), Name: "test", Limit: 3, Window: 10 * time.Second, Bucket: 25 * time.Second}
	classic, err := NewClassic(cfg)
	require.NoError(t, err)
	lean, err := NewLean(cfg)
	require.NoError(t, err)
	classic.now, lean.now = clock.now, clock.now
	cfg.Name = "local" // beside lean's keys
	start := func() *Local {
		l, err := NewLocal(cfg)
		require.NoError(t, err)
		l.now = clock.now
		require.NoError(t, l.Restore(t.Context()))
		return l
	}
	local := start()

	denied := 0
	for i := range 200 {
		subject := []string{"a", "ab", "ä \x00"}[i%3]
		if i%10 == 9 {
			require.NoError(t, local.Close(t.Context()))
			local = start()
		}
		want, got := allow(t, classic, subject), allow(t, lean, subject)
		require.Equal(t, want.Allowed, got.Allowed, "check %d", i)
		require.Equal(t, want.Remaining, got.Remaining, "check %d", i)
		require.Equal(t, got, allow(t, local, subject), "check %d", i)
		if !got.Allowed {
			denied++
			require.LessOrEqual(t, got.RetryAfter, want.RetryAfter)
		}
		clock.advance(time.Duration(i%7) * 300 * time.Millisecond)
	}
	require.Greater(t, denied, 20)
	require.NotEmpty(t, server.Keys())
	for _, key := range server.Keys() {
		require.Positive(t, server.TTL(key), key)
	}
}
