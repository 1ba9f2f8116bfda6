package scenarios

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/ledger"
)

func billed(n int64) ledger.Snapshot { return ledger.Snapshot{Total: ledger.Counts{Billed: n}} }

func TestProject(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name             string
		load, idle       int64
		loadFor, idleFor time.Duration
		scale            float64
		wantIdle         float64
		wantWork         float64
	}{
		{
			name: "idle rate for the whole month, load beyond it times the scale",
			load: 1200, loadFor: 20 * time.Second, idle: 10, idleFor: time.Second, scale: 6,
			wantIdle: 10 * 30 * 24 * 3600, wantWork: 6000,
		},
		{
			name: "a stage that is silent without load costs its load only",
			load: 300, loadFor: time.Second, idle: 0, idleFor: 10 * time.Second, scale: 6,
			wantIdle: 0, wantWork: 1800,
		},
		{
			name: "a load below the idle rate is no negative cost",
			load: 5, loadFor: 10 * time.Second, idle: 100, idleFor: 10 * time.Second, scale: 6,
			wantIdle: 10 * 30 * 24 * 3600, wantWork: 0,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p, err := project(Observation{
				Load: billed(tt.load), LoadFor: tt.loadFor, Idle: billed(tt.idle), IdleFor: tt.idleFor,
			}, tt.scale)
			require.NoError(t, err)
			require.InDelta(t, tt.wantIdle, p.idle, 1e-6)
			require.InDelta(t, tt.wantWork, p.work, 1e-6)
			require.InDelta(t, tt.wantIdle+tt.wantWork, p.total(), 1e-6)
			require.NotEmpty(t, p.note)
		})
	}
}

func TestProjectNeedsBothWindows(t *testing.T) {
	t.Parallel()
	_, err := project(Observation{Stage: "phase2", Load: billed(5), LoadFor: time.Second}, 6)
	require.ErrorContains(t, err, "phase2")
	_, err = project(Observation{Stage: "phase2", Idle: billed(5), IdleFor: time.Second}, 6)
	require.ErrorContains(t, err, "phase2")
	_, err = project(Observation{LoadFor: time.Second, IdleFor: time.Second}, 0)
	require.ErrorIs(t, err, errNoPart)
}
