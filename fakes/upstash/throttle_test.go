package upstash

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// Requests that are given up while they wait take no room from others.
func TestThrottleIsNotFilledByThoseWhoGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		throttle := throttle{rate: 10, clock: time.Now}
		require.NoError(t, throttle.await(t.Context(), 10)) // the burst
		for range 20 {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			require.ErrorIs(t, throttle.await(ctx, 5), context.DeadlineExceeded)
			cancel()
		}
		time.Sleep(800 * time.Millisecond)
		began := time.Now() // a second after the burst
		require.NoError(t, throttle.await(t.Context(), 10))
		require.Zero(t, time.Since(began))
		require.NoError(t, throttle.await(t.Context(), 1))
		require.Equal(t, 100*time.Millisecond, time.Since(began))
	})
}
