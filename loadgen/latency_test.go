package loadgen_test

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/loadgen"
)

func TestLatencyDecodesToTheSameFigures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := requests(100, 0)
		for i := range s.Arrivals {
			s.Arrivals[i].At = -time.Duration(i) * 10 * time.Millisecond // overdue by 0, 10, ... 990 ms
		}
		summary, err := run(t.Context(), t, loadgen.Config{Schedule: s, Target: &fakeTarget{}})
		require.NoError(t, err)
		l := summary.StartLag
		require.Equal(t, int64(100), l.Count)
		for _, tc := range []struct {
			want, got time.Duration
			percent   float64
		}{{490, l.P50, 50}, {890, l.P90, 90}, {940, l.P95, 95}, {980, l.P99, 99}, {990, l.P999, 99.9}} {
			require.InEpsilon(t, tc.want*time.Millisecond, tc.got, 0.002, "p%v", tc.percent)
		}
		require.InEpsilon(t, 495*time.Millisecond, l.Mean, 0.002)
		require.InEpsilon(t, 990*time.Millisecond, l.Max, 0.002)
		require.Zero(t, l.Min)

		h, err := l.Decode()
		require.NoError(t, err)
		require.Equal(t, int64(100), h.TotalCount())
		require.Equal(t, l.P95.Microseconds(), h.ValueAtPercentile(95))
	})
}

func TestNothingMeasuredIsNotZeroLatency(t *testing.T) {
	h, err := loadgen.Latency{}.Decode()
	require.NoError(t, err)
	require.Zero(t, h.TotalCount())
}

func TestDecodeRefusesGarbage(t *testing.T) {
	_, err := loadgen.Latency{Count: 1, Histogram: "garbage"}.Decode()
	require.ErrorContains(t, err, "decode latency histogram")
}

func TestLatencyAboveAMinuteCountsAsAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		summary, err := run(t.Context(), t, loadgen.Config{
			Schedule: requests(1, 0), Target: &fakeTarget{delay: 2 * time.Minute}, Timeout: 3 * time.Minute,
		})
		require.NoError(t, err)
		g, _ := summary.Kind(loadgen.KindRequest)
		require.InEpsilon(t, time.Minute, g.FromStart.Max, 0.002)
	})
}

func TestSummaryJSONIsSnakeCaseAndComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		summary, err := run(t.Context(), t, loadgen.Config{
			Schedule: requests(3, time.Millisecond), Target: &fakeTarget{delay: time.Millisecond}, Tracker: loadgen.NewTracker(),
		})
		require.NoError(t, err)
		data, err := json.Marshal(summary)
		require.NoError(t, err)
		for _, field := range []string{`"started_at"`, `"elapsed_ns"`, `"start_lag"`, `"from_intended"`, `"p95_ns"`, `"duplicate_ids"`, `"planned":3`} {
			require.Contains(t, string(data), field)
		}
		require.NotRegexp(t, `"[a-z0-9_]*[A-Z][A-Za-z0-9_]*":`, string(data))
		var back loadgen.Summary
		require.NoError(t, json.Unmarshal(data, &back))
		back.StartedAt = summary.StartedAt // loses its monotonic part
		summary.ErrorCounts, summary.Kinds[0].ErrorCounts, summary.Labels[0].ErrorCounts = nil, nil, nil
		require.Equal(t, summary, back)
	})
}
