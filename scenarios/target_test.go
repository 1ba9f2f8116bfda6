package scenarios

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
	"tollgate/loadgen"
	"tollgate/system/config"
	"tollgate/system/queue"
)

// The load reaches the service, and what it does shows in the ledger.
func TestTarget(t *testing.T) {
	inBubble(t, func(t *testing.T, mem *memnet.Mem) {
		w, err := NewWorld(t.Context(), WorldConfig{Stage: config.StageLegacy, Network: mem})
		require.NoError(t, err)
		defer func() { require.NoError(t, w.Close()) }()
		target := NewTarget(w)
		defer target.Close()

		hit, err := target.CacheRead(t.Context(), "k-1")
		require.NoError(t, err)
		require.False(t, hit)
		require.NoError(t, target.CacheWrite(t.Context(), "k-1", []byte(`"value"`)))
		hit, err = target.CacheRead(t.Context(), "k-1")
		require.NoError(t, err)
		require.True(t, hit)
		require.NoError(t, target.CacheDelete(t.Context(), "k-1"))
		hit, err = target.CacheRead(t.Context(), "k-1")
		require.NoError(t, err)
		require.False(t, hit)

		for _, route := range loadgen.Routes() {
			status, err := target.Request(t.Context(), loadgen.Request{
				Method: http.MethodGet, Path: "/v1/users/u-1/" + route, Client: "client-1",
			})
			require.NoError(t, err)
			require.Equal(t, http.StatusOK, status, route)
		}
		require.Positive(t, w.Upstash.Ledger().Snapshot().ByComponent["ratelimit"].Billed, "the requests passed the limiter")

		payload, err := loadgen.Payload(string(queue.AdaptiveSync), "u-1")
		require.NoError(t, err)
		id, err := target.Enqueue(t.Context(), string(queue.AdaptiveSync), payload)
		require.NoError(t, err)
		require.NotEmpty(t, id)
		_, err = target.Enqueue(t.Context(), "no-such-queue", payload)
		require.Error(t, err)
	})
}
