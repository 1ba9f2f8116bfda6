package scenarios

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
	"tollgate/loadgen"
	"tollgate/loadgen/profiles"
	"tollgate/reports"
)

// small is the phase profile cut to 60 jobs in 3 seconds.
func small(t *testing.T) profiles.Profile {
	t.Helper()
	p, err := profiles.Load(DefaultProfile, loadgen.Queues())
	require.NoError(t, err)
	p, err = p.WithJobs(60)
	require.NoError(t, err)
	p, err = p.Over(3 * time.Second)
	require.NoError(t, err)
	return p
}

// dropPooledTimers empties every sync.Pool, which takes two collections: go-redis
// keeps timers in one, and a timer of an earlier bubble must not be used in the
// next one.
func dropPooledTimers() {
	runtime.GC()
	runtime.GC()
}

func verdicts(r reports.Result) map[string]reports.Verdict {
	all := map[string]reports.Verdict{}
	for _, j := range r.Judgements {
		all[j.ID] = j.Verdict
	}
	return all
}

// The whole of both phases on a small load: service, fakes, load and judgement
// over the in-memory network, on the virtual clock.
func TestSuiteRunsBothPhases(t *testing.T) {
	dropPooledTimers()
	synctest.Test(t, func(t *testing.T) {
		network := memnet.New()
		defer network.Close()
		suite, err := NewSuite(Options{
			Profile: small(t), RTT: DefaultRTT, Failures: 0.1, Idle: 10 * time.Second, Network: network,
		})
		require.NoError(t, err)

		phase1, err := suite.Run(t.Context(), "phase1")
		require.NoError(t, err)
		got := verdicts(phase1)
		require.Equal(t, reports.Pass, got["phase1-baseline-connections"], phase1.Judgements)
		require.Equal(t, reports.Pass, got["phase1-connections"], phase1.Judgements)
		require.Equal(t, reports.Pass, got["phase1-connection-errors"], phase1.Judgements)
		require.Equal(t, reports.Pass, got["phase1-job-success"], phase1.Judgements)

		phase2, err := suite.Run(t.Context(), "phase2")
		require.NoError(t, err)
		got = verdicts(phase2)
		for _, id := range []string{
			"phase2-connections", "phase2-connection-errors", "phase2-job-success", "phase2-jobs-unfinished",
			"phase2-queues-completed", "phase2-queues-retried", "phase2-queues-gave-up",
			"phase2-queues-events-completed", "phase2-queues-events-failed", "phase2-queues-events-progress",
		} {
			require.Equal(t, reports.Pass, got[id], "%s: %+v", id, phase2.Judgements)
		}
		require.Equal(t, reports.Fail, got["phase2-jobs-accepted"], "60 jobs are not 1000")
		require.Equal(t, 1, phase2.ExitCode())
		require.Equal(t, phase1.Judgements[0].Measurement.Value, phase2.Judgements[0].Measurement.Value,
			"both scenarios are compared with the same baseline run")
	})
}

func TestSuiteInterrupted(t *testing.T) {
	dropPooledTimers()
	synctest.Test(t, func(t *testing.T) {
		network := memnet.New()
		defer network.Close()
		suite, err := NewSuite(Options{Profile: small(t), RTT: DefaultRTT, Failures: 0.1, Network: network})
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		result, err := suite.Run(ctx, "phase1")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.True(t, result.Partial)
		for id, v := range verdicts(result) {
			require.Equal(t, reports.NoData, v, id)
		}
	})
}

func TestNewSuiteRefusesBadOptions(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]Options{
		"negative round trip":   {Profile: small(t), RTT: -time.Millisecond},
		"failures above 1":      {Profile: small(t), Failures: 1.5},
		"negative idle window":  {Profile: small(t), Idle: -time.Second},
		"failures not a number": {Profile: small(t), Failures: nan()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := NewSuite(opts)
			require.Error(t, err)
		})
	}
}

func nan() float64 {
	zero := 0.0
	return zero / zero
}
