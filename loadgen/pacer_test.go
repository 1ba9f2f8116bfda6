package loadgen_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/loadgen"
	"tollgate/loadgen/profiles"
)

func TestPace(t *testing.T) {
	constant := loadgen.Constant{Hits: 4, Within: time.Second}
	bursts := loadgen.Bursts{Hits: 5, Within: 2500 * time.Millisecond, Every: time.Second} // groups at 0, 1 s, 2 s
	for _, tc := range []struct {
		name    string
		pacer   loadgen.Pacer
		elapsed time.Duration
		hits    int
		wait    time.Duration
		stop    bool
	}{
		{"constant first", constant, 0, 0, 0, false},
		{"constant second", constant, 0, 1, 250 * time.Millisecond, false},
		{"constant part of the wait is over", constant, 100 * time.Millisecond, 1, 150 * time.Millisecond, false},
		{"constant due", constant, 250 * time.Millisecond, 1, 0, false},
		{"constant overdue", constant, 9 * time.Second, 1, 0, false},
		{"constant last", constant, 0, 3, 750 * time.Millisecond, false},
		{"constant beyond", constant, 0, 4, 0, true},
		{"constant below", constant, 0, -1, 0, true},
		{"constant month without overflow", loadgen.Constant{Hits: 1_000_000, Within: 720 * time.Hour}, 0, 999_999, 720*time.Hour - 2592*time.Millisecond, false},
		{"bursts first group", bursts, 0, 1, 0, false},
		{"bursts second group", bursts, 0, 2, time.Second, false},
		{"bursts second group, later", bursts, 400 * time.Millisecond, 3, 600 * time.Millisecond, false},
		{"bursts third group", bursts, 0, 4, 2 * time.Second, false},
		{"bursts beyond", bursts, 0, 5, 0, true},
		{"bursts longer than the time", loadgen.Bursts{Hits: 3, Within: time.Second, Every: time.Minute}, 0, 2, 0, false},
		{"poisson without hits", loadgen.NewPoisson(0, time.Second, 1), 0, 0, 0, true},
		{"poisson beyond", loadgen.NewPoisson(2, time.Second, 1), 0, 2, 0, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			wait, stop := tc.pacer.Pace(tc.elapsed, tc.hits)
			require.Equal(t, tc.wait, wait)
			require.Equal(t, tc.stop, stop)
		})
	}
}

func TestNewPacerRefusesNonsense(t *testing.T) {
	for _, tc := range []struct {
		how           profiles.Arrivals
		hits          int
		within, every time.Duration
		want          string
	}{
		{"metronome", 1, 1, 1, `unknown arrivals "metronome"`},
		{profiles.Constant, -1, 1, 0, "-1 hits within 1ns"},
		{profiles.Poisson, 1, 0, 0, "1 hits within 0s"},
		{profiles.Burst, 1, 1, 0, "bursts every 0s"},
	} {
		_, err := loadgen.NewPacer(tc.how, tc.hits, tc.within, tc.every, 1)
		require.ErrorContains(t, err, tc.want)
	}
}

// Every pacer gives exactly its number of hits, in order, within its time, and
// waiting as it says leads to the same moments as asking in advance.
func TestPacersKeepTheirWord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		how := rapid.SampledFrom([]profiles.Arrivals{profiles.Poisson, profiles.Constant, profiles.Burst}).Draw(t, "how")
		hits := rapid.IntRange(0, 300).Draw(t, "hits")
		within := time.Duration(rapid.Int64Range(1, int64(profiles.MaxDuration)).Draw(t, "within"))
		every := time.Duration(rapid.Int64Range(1, int64(within)).Draw(t, "every"))
		pacer, err := loadgen.NewPacer(how, hits, within, every, rapid.Uint64().Draw(t, "seed"))
		require.NoError(t, err)
		elapsed := time.Duration(0)
		for n := range hits {
			planned, stop := pacer.Pace(0, n)
			require.False(t, stop)
			wait, stop := pacer.Pace(elapsed, n)
			require.False(t, stop)
			require.GreaterOrEqual(t, wait, time.Duration(0))
			elapsed += wait
			require.Equal(t, planned, elapsed)
			require.Less(t, elapsed, within)
		}
		_, stop := pacer.Pace(elapsed, hits)
		require.True(t, stop)
	})
}

func TestPoissonIsSeeded(t *testing.T) {
	a, b, c := loadgen.NewPoisson(50, time.Minute, 1), loadgen.NewPoisson(50, time.Minute, 1), loadgen.NewPoisson(50, time.Minute, 2)
	require.Equal(t, a, b)
	require.NotEqual(t, a, c)
}

// The gaps of a Poisson process vary as much as they are long on average, and
// its hits come evenly over the time.
func TestPoissonLooksLikePoisson(t *testing.T) {
	const hits, within = 20_000, time.Hour
	pacer := loadgen.NewPoisson(hits, within, 42)
	mean := within.Seconds() / hits
	var squares, sum float64
	last := time.Duration(0)
	for n := range hits {
		at, _ := pacer.Pace(0, n)
		gap := (at - last).Seconds()
		squares += (gap - mean) * (gap - mean)
		sum += at.Seconds()
		last = at
	}
	deviation := math.Sqrt(squares / hits)
	require.InDelta(t, 1, deviation/mean, 0.03)
	require.InDelta(t, 0.5, sum/hits/within.Seconds(), 0.01)
}
