package scenarios

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
	"tollgate/reports"
	"tollgate/system/config"
)

// A stage that can no longer pass is given up after the grace period, not before: one criterion failed, of the others nothing
// is known, and that is no interruption.
func TestSuiteGivesUpAHopelessRun(t *testing.T) {
	inBubble(t, func(t *testing.T, network *memnet.Mem) {
		profile := small(t)
		profile, err := profile.Over(time.Minute)
		require.NoError(t, err)
		suite, err := NewSuite(Options{Profile: profile, RTT: DefaultRTT, Network: network, AbortEarly: true, Grace: 10 * time.Second})
		require.NoError(t, err)
		suite.baseline = &Observation{Stage: config.StageLegacy, Load: billed(10)} // so cheap that no stage can save 30 %

		began := time.Now()
		result, err := suite.Run(t.Context(), "phase1")
		require.NoError(t, err)
		require.Less(t, time.Since(began), 20*time.Second)
		require.GreaterOrEqual(t, time.Since(began), 10*time.Second)
		require.False(t, result.Partial)
		require.Equal(t, 1, result.ExitCode())
		require.Contains(t, result.Notes[0], "given up after 10s: run.commands.reduction can no longer be >= 30 %")
		for _, j := range result.Judgements {
			if j.ID == "phase1-commands" {
				require.Equal(t, reports.Fail, j.Verdict)
				continue
			}
			require.Equal(t, reports.NoData, j.Verdict, j.ID)
			require.Contains(t, j.Reason, "given up after 10s")
		}
	})
}

// A run that passes is never given up, however early one looks.
func TestSuiteGivesNoGoodRunUp(t *testing.T) {
	inBubble(t, func(t *testing.T, network *memnet.Mem) {
		suite, err := NewSuite(Options{Profile: small(t), RTT: DefaultRTT, Network: network, AbortEarly: true, Grace: time.Second})
		require.NoError(t, err)
		suite.baseline = &Observation{Stage: config.StageLegacy, Load: billed(1_000_000)}
		result, err := suite.Run(t.Context(), "phase1")
		require.NoError(t, err)
		require.Equal(t, reports.Pass, verdicts(result)["phase1-job-success"], result.Notes)
	})
}

func TestHopes(t *testing.T) {
	t.Parallel()
	upper := 3.0
	h := hopes{grace: 5 * time.Second, set: reports.Set{Criteria: []reports.Criterion{
		{ID: "peak", Metric: metricStagePeak, Operator: reports.Between, Limit: 1, Upper: &upper, Unit: unitCount},
		{ID: "success", Metric: metricSuccess, Operator: reports.Above, Limit: 95, Unit: unitPercent},
	}}}
	with := func(peak, success float64) figures {
		f := figures{rising: measurements{}, falling: measurements{}}
		f.rising.put(metricStagePeak, unitCount, peak, 1, "")
		f.falling.put(metricSuccess, unitPercent, success, 1, "")
		return f
	}
	require.NoError(t, h.lost(time.Minute, with(0, 100)), "it may still rise")
	require.NoError(t, h.lost(time.Minute, with(3, 95.1)))
	require.NoError(t, h.lost(4*time.Second, with(4, 0)), "in the grace period")
	require.ErrorContains(t, h.lost(5*time.Second, with(4, 100)), "stage.connections.peak can no longer be 1 to 3, it has come to 4")
	require.ErrorContains(t, h.lost(5*time.Second, with(1, 95)), "jobs.success_rate can no longer be > 95 %")
	h.grace = 0
	require.NoError(t, h.lost(time.Hour, with(4, 0)), "only when asked for")
}

func TestGraceIsChecked(t *testing.T) {
	t.Parallel()
	_, err := NewSuite(Options{Profile: small(t), AbortEarly: true})
	require.EqualError(t, err, "grace period 0s is out of range; use 1s to 1h")
}
