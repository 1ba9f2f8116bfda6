package loadgen_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/loadgen"
)

// at returns progress as a function of the time since now.
func at(counts loadgen.Counts) func() loadgen.Progress {
	start := time.Now()
	return func() loadgen.Progress {
		return loadgen.Progress{Elapsed: time.Since(start), Counts: counts, JobsPlanned: 10, JobsOK: 7, JobsEnded: -1, P95: 12300 * time.Microsecond}
	}
}

func report(t *testing.T, cfg loadgen.ReporterConfig, d time.Duration) {
	t.Helper()
	r, err := loadgen.StartReporter(cfg)
	require.NoError(t, err)
	time.Sleep(d)
	r.Stop()
	r.Stop()
}

func TestReporterWritesALineEveryFewSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		report(t, loadgen.ReporterConfig{
			Out: &out, Progress: at(loadgen.Counts{Planned: 90, Sent: 40, OK: 38, Limited: 1, Errors: 1}),
			Extra: func() string { return "connections 3, billed 512" },
		}, 11*time.Second)
		rest := "s  sent 40/90  jobs accepted 7/10  ok 38  limited 1  errors 1  dropped 0  p95 12.3ms  connections 3, billed 512\n"
		require.Equal(t, "   5.0"+rest+"  10.0"+rest+"  11.0"+rest, out.String())
	})
}

func TestReporterUpdatesOneLineOnATerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		report(t, loadgen.ReporterConfig{
			Out: &out, Progress: at(loadgen.Counts{Sent: 1, Errors: 1}), Style: loadgen.Style{Terminal: true, Colour: true},
		}, time.Second+time.Millisecond)
		require.Equal(t, 5, strings.Count(out.String(), "\r"))
		require.Equal(t, 1, strings.Count(out.String(), "\n"))
		require.True(t, strings.HasSuffix(out.String(), "\x1b[K\n"))
		require.Contains(t, out.String(), "\x1b[31m  errors 1  dropped 0\x1b[0m")
	})
}

func TestReporterWithoutColour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		report(t, loadgen.ReporterConfig{
			Out: &out, Progress: at(loadgen.Counts{Errors: 1}), Style: loadgen.Style{Terminal: true},
		}, 0)
		require.NotContains(t, out.String(), "\x1b[31m")
	})
}

func TestReporterShowsTheRunner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tracker := loadgen.NewTracker()
		s := requests(2, time.Second)
		s.Arrivals = append(s.Arrivals, loadgen.Arrival{At: 2 * time.Second, Kind: loadgen.KindJob, Queue: "token-refresh", User: "u-1"})
		runner, err := loadgen.NewRunner(loadgen.Config{
			Schedule: s, Target: &fakeTarget{delay: 500 * time.Millisecond}, Tracker: tracker,
		})
		require.NoError(t, err)
		require.Equal(t, loadgen.Progress{
			Counts: loadgen.Counts{Planned: 3}, JobsPlanned: 1, Queues: []loadgen.QueueProgress{{Queue: "token-refresh", Planned: 1}},
		}, runner.Progress(), "before the start")
		time.AfterFunc(1200*time.Millisecond, func() {
			p := runner.Progress()
			require.Equal(t, loadgen.Counts{Planned: 3, Sent: 2, OK: 1}, p.Counts)
			require.Equal(t, int64(1), p.InFlight)
			require.Equal(t, 1200*time.Millisecond, p.Elapsed)
			require.InEpsilon(t, 500*time.Millisecond, p.P95, 0.002)
		})
		_, err = runner.Run(t.Context())
		require.NoError(t, err)
		require.Equal(t, int64(1), runner.Progress().JobsOK)
		require.Zero(t, runner.Progress().JobsEnded)
		tracker.Succeeded("job-2")
		require.Equal(t, int64(1), runner.Progress().JobsEnded)
		require.Equal(t, []loadgen.QueueProgress{{Queue: "token-refresh", Planned: 1, Accepted: 1, Ended: 1}}, runner.Progress().Queues)
	})
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("closed") }

func TestReporterSurvivesABrokenOutput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		report(t, loadgen.ReporterConfig{Out: brokenWriter{}, Progress: at(loadgen.Counts{})}, time.Minute)
	})
}

func TestReporterConfigProblems(t *testing.T) {
	_, err := loadgen.StartReporter(loadgen.ReporterConfig{Progress: at(loadgen.Counts{})})
	require.ErrorContains(t, err, "needs Out and Progress")
	_, err = loadgen.StartReporter(loadgen.ReporterConfig{Out: brokenWriter{}})
	require.ErrorContains(t, err, "needs Out and Progress")
	_, err = loadgen.StartReporter(loadgen.ReporterConfig{Out: brokenWriter{}, Progress: at(loadgen.Counts{}), Every: -time.Second})
	require.ErrorContains(t, err, "Every -1s is negative")
}

func TestDetectStyle(t *testing.T) {
	env := func(pairs ...string) func(string) string {
		return func(name string) string {
			for i := 0; i < len(pairs); i += 2 {
				if pairs[i] == name {
					return pairs[i+1]
				}
			}
			return ""
		}
	}
	require.Equal(t, loadgen.Style{}, loadgen.DetectStyle(&bytes.Buffer{}, env()))

	file, err := os.Create(filepath.Join(t.TempDir(), "log"))
	require.NoError(t, err)
	require.Equal(t, loadgen.Style{}, loadgen.DetectStyle(file, env()))
	require.NoError(t, file.Close())
	require.Equal(t, loadgen.Style{}, loadgen.DetectStyle(file, env()), "closed")

	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	require.NoError(t, err)
	defer null.Close()
	require.Equal(t, loadgen.Style{}, loadgen.DetectStyle(null, env()))

	// A character device that is no null device stands for a terminal.
	device, err := os.Open("/dev/zero")
	require.NoError(t, err)
	defer device.Close()
	require.Equal(t, loadgen.Style{Terminal: true, Colour: true}, loadgen.DetectStyle(device, env("TERM", "xterm")))
	require.Equal(t, loadgen.Style{Terminal: true}, loadgen.DetectStyle(device, env("NO_COLOR", "1")))
	require.Equal(t, loadgen.Style{}, loadgen.DetectStyle(device, env("TERM", "dumb")))
}
