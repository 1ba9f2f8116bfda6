package result_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/loadgen"
	"tollgate/loadgen/profiles"
	"tollgate/loadgen/result"
	"tollgate/reports"
)

// steady answers each arrival after a time that its key or user decides, so that a split run sees the same latencies.
type steady struct{ fail bool }

func (s steady) wait(ctx context.Context, key string) error {
	d := time.Duration(len(key)*37+int(key[len(key)-1])) * time.Millisecond
	select {
	case <-time.After(d):
	case <-ctx.Done():
		return ctx.Err()
	}
	if s.fail {
		return errors.New("broken")
	}
	return nil
}

func (s steady) Enqueue(ctx context.Context, _ string, payload []byte) (string, error) {
	return "id", s.wait(ctx, string(payload))
}

func (s steady) Request(ctx context.Context, r loadgen.Request) (int, error) {
	return 200, s.wait(ctx, r.Path)
}

func (s steady) CacheRead(ctx context.Context, key string) (bool, error) {
	return true, s.wait(ctx, key)
}

func (s steady) CacheWrite(ctx context.Context, key string, _ []byte) error { return s.wait(ctx, key) }

func (s steady) CacheDelete(ctx context.Context, key string) error { return s.wait(ctx, key) }

func phase(t *testing.T) profiles.Profile {
	t.Helper()
	p, err := profiles.Load("phase", loadgen.Queues())
	require.NoError(t, err)
	p, err = p.WithJobs(200)
	require.NoError(t, err)
	return p
}

// send runs a segment, or the whole, in a bubble.
func send(t *testing.T, p profiles.Profile, segment loadgen.Segment, target loadgen.Target, limit time.Duration) loadgen.Summary {
	t.Helper()
	schedule, err := loadgen.NewSchedule(p)
	require.NoError(t, err)
	if segment.Of > 0 {
		schedule, err = schedule.Segment(segment)
		require.NoError(t, err)
	}
	runner, err := loadgen.NewRunner(loadgen.Config{Schedule: schedule, Target: target, MaxInFlight: 10_000})
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	summary, err := runner.Run(ctx)
	require.Equal(t, err != nil, summary.Partial)
	return summary
}

// A run split over three machines, each of which makes its own schedule, becomes the result of the unsplit one.
func TestThreeSegmentsAreTheWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := phase(t)
		whole := result.Of(result.Run{Summary: send(t, p, loadgen.Segment{}, steady{}, time.Hour), Profile: p, Target: "a service"})
		var segments []reports.Result
		for _, text := range []string{"2/3", "3/3", "1/3"} {
			segment, err := loadgen.ParseSegment(text)
			require.NoError(t, err)
			one := result.Of(result.Run{Summary: send(t, p, segment, steady{}, time.Hour), Profile: p, Target: "a service", Segment: segment})
			require.Equal(t, reports.DecisionPass, one.Decision, one.Summary())
			var file bytes.Buffer
			require.NoError(t, reports.WriteJSON(&file, one))
			read, err := reports.ReadJSON(&file)
			require.NoError(t, err)
			segments = append(segments, read)
		}
		merged, err := reports.MergeSegments(segments)
		require.NoError(t, err)
		require.Equal(t, whole.Histograms, merged.Histograms)
		require.Equal(t, whole.Judgements, merged.Judgements)
		require.Equal(t, whole.Inputs, merged.Inputs)
		require.Equal(t, reports.DecisionPass, merged.Decision)
		require.Positive(t, whole.Histograms[0].Count)
	})
}

func verdicts(r reports.Result) map[string]reports.Verdict {
	all := map[string]reports.Verdict{}
	for _, j := range r.Judgements {
		all[j.ID] = j.Verdict
	}
	return all
}

func TestVerdicts(t *testing.T) {
	good := loadgen.Summary{
		Counts: loadgen.Counts{Planned: 10, Sent: 10, OK: 10}, StartLag: loadgen.Latency{Count: 10, P99: 100 * time.Millisecond},
	}
	for name, tc := range map[string]struct {
		spoil func(*loadgen.Summary)
		id    string
		want  reports.Verdict
	}{
		"good":        {func(*loadgen.Summary) {}, "load-start-lag", reports.Pass},
		"failed":      {func(s *loadgen.Summary) { s.Errors = 1 }, "load-failed", reports.Fail},
		"dropped":     {func(s *loadgen.Summary) { s.Dropped = 1 }, "load-dropped", reports.Fail},
		"abandoned":   {func(s *loadgen.Summary) { s.Abandoned = 1 }, "load-unended", reports.Fail},
		"interrupted": {func(s *loadgen.Summary) { s.Interrupted = 1 }, "load-unended", reports.Fail},
		"late":        {func(s *loadgen.Summary) { s.StartLag.P99 += time.Microsecond }, "load-start-lag", reports.Fail},
		"never sent":  {func(s *loadgen.Summary) { s.Sent, s.StartLag.Count = 0, 0 }, "load-failed", reports.NoData},
	} {
		t.Run(name, func(t *testing.T) {
			s := good
			tc.spoil(&s)
			r := result.Of(result.Run{Summary: s})
			require.Equal(t, tc.want, verdicts(r)[tc.id])
			require.Equal(t, name == "good", r.Decision == reports.DecisionPass)
		})
	}
	r := result.Of(result.Run{Summary: good, MaxStartLag: time.Millisecond})
	require.Equal(t, reports.Fail, verdicts(r)["load-start-lag"])
	require.NotEqual(t, result.Of(result.Run{Summary: good}).Inputs, r.Inputs, "other criteria have another digest")
}

// A run that was stopped is a partial result that can be written.
func TestAPartialRunIsAResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := phase(t)
		account := result.Account{Billed: 1234, Wire: 1300, Connections: 3, PeakConnections: 4}
		r := result.Of(result.Run{Summary: send(t, p, loadgen.Segment{}, steady{fail: true}, 2*time.Second), Profile: p, Target: "x", Account: &account})
		require.Equal(t, reports.DecisionInterrupted, r.Decision)
		require.True(t, r.Partial)
		require.NoError(t, r.Validate())
		text, err := json.Marshal(r.Tables)
		require.NoError(t, err)
		for _, want := range []string{`"broken"`, `"1,234"`, `"calendar-sync"`} {
			require.Contains(t, string(text), want)
		}
		require.NoError(t, reports.WriteFiles(t.TempDir(), r))
	})
}
