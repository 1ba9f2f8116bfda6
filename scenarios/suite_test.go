package scenarios

import (
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
	"tollgate/loadgen"
	"tollgate/loadgen/profiles"
	"tollgate/reports"
	"tollgate/reports/exitcode"
	"tollgate/system/config"
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

// settleTime is longer than a dial of go-redis may take: it dials in the
// background and does not wait for that when it is closed.
const settleTime = 10 * time.Second

// inBubble runs f on the virtual clock with a network in memory. It fails when f
// leaves a goroutine running for longer than settleTime.
func inBubble(t *testing.T, f func(t *testing.T, network *memnet.Mem)) {
	t.Helper()
	dropPooledTimers()
	synctest.Test(t, func(t *testing.T) {
		network := memnet.New()
		defer network.Close()
		f(t, network)
		time.Sleep(settleTime) // here: the clock of a bubble stands still once its function has returned
	})
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
	inBubble(t, func(t *testing.T, network *memnet.Mem) {
		suite, err := NewSuite(Options{
			Profile: small(t), RTT: DefaultRTT, Failures: 0.1, Network: network,
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
		require.Equal(t, phase1.Judgements[0].Measurement, phase2.Judgements[0].Measurement,
			"both scenarios are compared with the same baseline run")
	})
}

// stopAt cancels a run when the progress says that it has come to a step.
type stopAt struct {
	step    string
	cancel  context.CancelCauseFunc
	stopped time.Time
}

func (s *stopAt) Write(p []byte) (int, error) {
	if s.stopped.IsZero() && strings.Contains(string(p), s.step) {
		s.stopped = time.Now()
		s.cancel(errStopped)
	}
	return len(p), nil
}

var errStopped = errors.New("stopped by the user")

// Stopped at any step, a run ends soon, leaves nothing running, and its result is
// marked partial and passes nothing.
func TestSuiteInterrupted(t *testing.T) {
	for _, step := range []string{
		"legacy: starting", "legacy: 4", "phase2: starting", "phase2: 3", "phase2: probing",
	} {
		t.Run(step, func(t *testing.T) {
			inBubble(t, func(t *testing.T, network *memnet.Mem) {
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				stop := &stopAt{step: step, cancel: cancel}
				suite, err := NewSuite(Options{
					Profile: small(t), RTT: DefaultRTT, Failures: 0.1, Network: network,
					Progress: NewProgress(stop, loadgen.Style{}),
				})
				require.NoError(t, err)

				result, err := suite.Run(ctx, "phase2")
				require.ErrorIs(t, err, errStopped)
				require.False(t, stop.stopped.IsZero(), "the run never came to this step")
				require.LessOrEqual(t, time.Since(stop.stopped), stopTimeout)
				require.True(t, result.Partial)
				require.Equal(t, exitcode.Interrupted, result.ExitCode())
				for id, v := range verdicts(result) {
					require.Equal(t, reports.NoData, v, id)
				}
				require.NoError(t, reports.WriteJSON(io.Discard, result))
				require.NoError(t, reports.WriteHTML(io.Discard, result))
			})
		})
	}
}

// Where every provider call fails no job succeeds, and the run still comes to its
// end and says so.
func TestSuiteOnJobsThatNeverSucceed(t *testing.T) {
	inBubble(t, func(t *testing.T, network *memnet.Mem) {
		suite, err := NewSuite(Options{Profile: small(t), RTT: DefaultRTT, Failures: 1, Network: network})
		require.NoError(t, err)
		result, err := suite.Run(t.Context(), "phase2")
		require.NoError(t, err)
		got := verdicts(result)
		for _, id := range []string{"phase2-job-success", "phase2-queues-completed"} {
			require.Equal(t, reports.Fail, got[id], id)
		}
		for _, id := range []string{"phase2-commands", "phase2-api-p95", "phase2-commands-month"} {
			require.Equal(t, reports.NoData, got[id], id)
		}
		// Whether the last retries, which chance spaces out, come within the 45 s is open; that it is said is not.
		said := strings.Contains(strings.Join(result.Notes, "\n"), "Stage phase2 did not end its jobs within 45s")
		require.Equal(t, got["phase2-jobs-unfinished"] == reports.Fail, said)
	})
}

func TestNewSuiteRefusesBadOptions(t *testing.T) {
	t.Parallel()
	for name, opts := range map[string]Options{
		"negative round trip":   {Profile: small(t), RTT: -time.Millisecond},
		"failures above 1":      {Profile: small(t), Failures: 1.5},
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

// TestSuiteHasTheMonthCounted: of the whole that the profile is a part of, and only where a phase is judged by it.
func TestSuiteHasTheMonthCounted(t *testing.T) {
	inBubble(t, func(t *testing.T, network *memnet.Mem) {
		var asked []config.Stage
		count := func(_ context.Context, stage config.Stage, whole profiles.Profile) (reports.Measurement, error) {
			asked = append(asked, stage)
			require.Equal(t, "reference-month", whole.Name)
			return reports.Measurement{Value: 190_000, Unit: unitCount, Samples: 1, How: reports.Simulated}, nil
		}
		suite, err := NewSuite(Options{Profile: small(t), Network: network, Month: count})
		require.NoError(t, err)
		for _, phase := range []string{"phase1", "phase2"} {
			result, err := suite.Run(t.Context(), phase)
			require.NoError(t, err)
			if phase == "phase2" {
				require.Equal(t, reports.Pass, verdicts(result)["phase2-commands-month"])
			}
		}
		require.Equal(t, []config.Stage{config.StagePhase2}, asked)
	})
}
