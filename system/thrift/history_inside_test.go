package thrift

import (
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// TestHistoryIsBounded: of each schedule some more than a thousand records are kept, the newest.
func TestHistoryIsBounded(t *testing.T) {
	server := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr(), MaxRetries: -1})
	defer client.Close()
	g := &Governor{redis: client}
	const key = historyPrefix + "a"
	for i := range 2 * historyLength {
		op := operation{kind: recordTick, member: key, at: int64(i), info: string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676))}
		require.NoError(t, g.recordTick(t.Context(), redis.NewCmd(t.Context()), &op))
		kept := client.ZCard(t.Context(), key).Val()
		require.LessOrEqual(t, kept, int64(historyLength+trimEvery))
		require.GreaterOrEqual(t, kept, int64(min(i+1, historyLength-1)))
	}
	require.InDelta(t, 2*historyLength-1, client.ZRangeWithScores(t.Context(), key, -1, -1).Val()[0].Score, 0)
}
