package scenarios

import (
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
	"tollgate/system/config"
)

// failing is a network whose n-th listener cannot be opened, or which nobody can dial.
type failing struct {
	memnet.Network
	listens, failAt int
	undialable      bool
}

func (f *failing) Listen(ctx context.Context, network, address string) (net.Listener, error) {
	f.listens++
	if f.listens == f.failAt {
		return nil, &net.OpError{Op: "listen", Net: network, Err: syscall.EADDRINUSE}
	}
	return f.Network.Listen(ctx, network, address)
}

func (f *failing) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if f.undialable {
		return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
	}
	return f.Network.DialContext(ctx, network, address)
}

// A world that fails to start half-way says why and leaves nothing behind: the
// bubble would not end while a goroutine of it runs.
func TestWorldThatDoesNotStart(t *testing.T) {
	for failAt := 1; ; failAt++ { // the doors of the fakes and then the API of the service, until all open
		started := false
		inBubble(t, func(t *testing.T, mem *memnet.Mem) {
			network := &failing{Network: mem, failAt: failAt}
			w, err := NewWorld(t.Context(), WorldConfig{Stage: config.StagePhase1, Network: network})
			if err == nil {
				started = true
				require.NoError(t, w.Close())
				return
			}
			require.ErrorIs(t, err, ErrNotStarted, failAt)
			require.ErrorIs(t, err, syscall.EADDRINUSE, failAt)
			require.ErrorContains(t, err, "stage phase1", failAt)
		})
		if started {
			require.Equal(t, 5, failAt, "listeners of a world: TLS, REST, providers, API")
			return
		}
	}
}

func TestWorldWithoutRedis(t *testing.T) {
	for _, stage := range []config.Stage{config.StageLegacy, config.StagePhase1, config.StagePhase2} {
		t.Run(string(stage), func(t *testing.T) {
			inBubble(t, func(t *testing.T, mem *memnet.Mem) {
				_, err := NewWorld(t.Context(), WorldConfig{Stage: stage, Network: &failing{Network: mem, undialable: true}})
				require.ErrorIs(t, err, ErrNotStarted)
				require.ErrorContains(t, err, "credential check")
			})
		})
	}
}

func TestWorldOfACancelledContext(t *testing.T) {
	inBubble(t, func(t *testing.T, mem *memnet.Mem) {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(errors.New("stopped by the user"))
		_, err := NewWorld(ctx, WorldConfig{Stage: config.StageLegacy, Network: mem})
		require.ErrorIs(t, err, ErrNotStarted)
	})
}

func TestWorldOfAnUnknownStage(t *testing.T) {
	t.Parallel()
	_, err := NewWorld(t.Context(), WorldConfig{Stage: "phase9", Network: memnet.New()})
	require.ErrorIs(t, err, ErrNotStarted)
	require.ErrorContains(t, err, "phase9")
	require.NotContains(t, fmt.Sprint(err), redisPassword)
}
