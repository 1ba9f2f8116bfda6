package month

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/ledger"
)

// TestHoursAreSpread: over the whole month, and over the hours of the day.
func TestHoursAreSpread(t *testing.T) {
	for _, n := range []int{1, 2, 7, 12, 24, 48} {
		seen, ofDay, weekdays := map[int]bool{}, map[int]bool{}, map[int]bool{}
		for k := range n {
			h := int(hourOf(k, n, 30).Hours())
			require.True(t, h >= 0 && h < 30*24)
			require.False(t, seen[h], "hour %d twice of %d", h, n)
			seen[h], ofDay[h%24], weekdays[h/24%7] = true, true, true
		}
		require.GreaterOrEqual(t, len(ofDay), min(n, 18), "%d hours", n)
		if n >= 12 {
			require.GreaterOrEqual(t, len(weekdays), 6, "%d hours", n)
		}
	}
}

// TestJobsOfPlainAsynq: a job costs 18, and looks that find nothing are not its.
func TestJobsOfPlainAsynq(t *testing.T) {
	const enqueue, dequeue, complete, forward = "98d28b42650870a743450ffda9791e9e19c6991b", "a8153319360adc71cdc370107f8ab9786f204765",
		"117dca952700588e559c7ace20b925096d587974", "522b1a6ae66fe79ea2f24a9af58798ab71879035"
	s := ledger.Snapshot{
		ByScript: map[string]ledger.Counts{
			enqueue: {Wire: 10, Billed: 40}, dequeue: {Wire: 1000, Billed: 3*990 + 7*10}, complete: {Wire: 10, Billed: 70},
			forward: {Wire: 500, Billed: 1000}, "another": {Wire: 5, Billed: 50},
		},
		ByCommand: map[string]ledger.Counts{"SADD": {Billed: 11}},
	}
	require.EqualValues(t, 10*18+11, jobs(s))
}
