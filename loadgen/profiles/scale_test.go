package profiles_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/loadgen/profiles"
)

func TestTimesScalesEveryCount(t *testing.T) {
	phase := load(t, "phase")
	twice, err := phase.Times(2)
	require.NoError(t, err)
	require.Equal(t, 2000, twice.JobCount())
	require.Equal(t, 400, twice.Jobs["notification-reminder"])
	require.Equal(t, 8000, twice.APIRequests)
	require.Equal(t, 500, twice.SMSChecks)
	require.Equal(t, profiles.Ops{Reads: 20000, Writes: 6666, Deletes: 1334}, twice.Cache.Ops)
	require.Equal(t, "reference-month", twice.Scale.Of)
	require.InDelta(t, 3, twice.Scale.Divisor, 0)
	require.Equal(t, load(t, "reference-month"), *twice.Whole())
	require.Equal(t, phase.Duration, twice.Duration)
	require.Equal(t, 1000, phase.JobCount(), "the original stays as it was")
	require.InDelta(t, 6, phase.Scale.Divisor, 0)
}

func TestWithJobsKeepsEveryQueue(t *testing.T) {
	few, err := load(t, "phase").WithJobs(20)
	require.NoError(t, err)
	require.Equal(t, 20, few.JobCount())
	for queue, jobs := range few.Jobs {
		require.Positive(t, jobs, queue)
	}
}

func TestOverStretchesTheTimes(t *testing.T) {
	phase := load(t, "phase")
	p, err := phase.Over(2 * phase.Duration)
	require.NoError(t, err)
	require.Equal(t, 2*phase.Duration, p.Duration)
	require.Equal(t, 2*phase.Pacing.JobsWithin, p.Pacing.JobsWithin)
	require.Equal(t, 1000, p.JobCount())
}

func TestOverStretchesBursts(t *testing.T) {
	p := profiles.Profile{
		Duration: 10 * time.Second,
		Pacing:   profiles.Pacing{JobsWithin: 4 * time.Second, Arrivals: profiles.Burst, BurstEvery: 2 * time.Second},
	}
	p, err := p.Over(5 * time.Second)
	require.NoError(t, err)
	require.Equal(t, profiles.Pacing{JobsWithin: 2 * time.Second, Arrivals: profiles.Burst, BurstEvery: time.Second}, p.Pacing)
}

func TestBadScalesAreNamed(t *testing.T) {
	phase := load(t, "phase")
	for _, factor := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		_, err := phase.Times(factor)
		require.ErrorContains(t, err, "is not a positive number")
	}
	_, err := phase.Times(1e6)
	require.ErrorContains(t, err, "profile phase: scale 1e+06 makes")
	_, err = phase.WithJobs(0)
	require.ErrorContains(t, err, "cannot scale its 1000 jobs to 0")
	_, err = profiles.Profile{Name: "idle", APIRequests: 1}.WithJobs(5)
	require.ErrorContains(t, err, "cannot scale its 0 jobs to 5")
	for _, d := range []time.Duration{0, -time.Second, profiles.MaxDuration + 1} {
		_, err = phase.Over(d)
		require.ErrorContains(t, err, "is out of range")
	}
}

func TestWithJobsIsExactAndFair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := profiles.Profile{Jobs: map[string]int{}}
		for i, n := range rapid.SliceOfN(rapid.IntRange(0, 3000), 1, 11).Draw(t, "counts") {
			p.Jobs[fmt.Sprintf("q%02d", i)] = n
		}
		if p.JobCount() == 0 {
			return
		}
		want := rapid.IntRange(1, 10_000).Draw(t, "jobs")
		got, err := p.WithJobs(want)
		require.NoError(t, err)
		require.Equal(t, want, got.JobCount())
		factor := float64(want) / float64(p.JobCount())
		raised := 0 // queues that got the one job that they would not have had
		for q, n := range p.Jobs {
			exact := factor * float64(n)
			if got.Jobs[q] == 1 && exact < 1 {
				raised++
			}
			require.GreaterOrEqual(t, got.Jobs[q], 0)
			if n == 0 {
				require.Zero(t, got.Jobs[q])
			}
			if want >= len(p.Jobs) && n > 0 {
				require.Positive(t, got.Jobs[q])
			}
		}
		for q, n := range p.Jobs {
			require.InDelta(t, factor*float64(n), float64(got.Jobs[q]), 1+float64(raised))
		}
	})
}
