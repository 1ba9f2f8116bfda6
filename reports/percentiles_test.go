package reports

import (
	"math"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/stretchr/testify/require"
)

// recorded is a histogram of 1, 2, ... n times step.
func recorded(t *testing.T, name, series, unit string, n, step int64) Histogram {
	t.Helper()
	h := hdrhistogram.New(1, 60_000_000, 5)
	for i := range n {
		require.NoError(t, h.RecordValue((i+1)*step))
	}
	out, err := NewHistogram(name, series, unit, h)
	require.NoError(t, err)
	return out
}

func TestDistributions(t *testing.T) {
	all, err := distributions([]Histogram{
		recorded(t, "request", "legacy", "us", 1000, 1000),
		recorded(t, "job", "phase2", "ms", 10, 1),
		recorded(t, "request", "phase2", "us", 100, 500),
		{Name: "request", Series: "phase3", Unit: "us"},
	})
	require.NoError(t, err)
	require.Len(t, all, 2)

	request := all[0]
	require.Equal(t, "request", request.Drawing.Title)
	require.Equal(t, "ms", request.Drawing.Unit)
	require.Len(t, request.Drawing.Lines, 3)
	require.Equal(t, [][]string{
		{"legacy", "1,000", "500 ms", "900 ms", "950 ms", "990 ms", "999 ms", "1,000 ms"},
		{"phase2", "100", "25 ms", "45 ms", "47.5 ms", "49.5 ms", "–", "50 ms"},
		{"phase3", "0", "–", "–", "–", "–", "–", "–"},
	}, request.Table.Rows)
	require.Equal(t, "half within 500 ms, highest 1,000 ms of 1,000", request.Drawing.Legend[0].Text)
	require.Equal(t, "no data", request.Drawing.Legend[2].Text)
	require.Contains(t, string(request.Drawing.Wide), `aria-label="Percentiles, request by percentile. legacy: half within 500 ms`)
	require.Equal(t, "job", all[1].Drawing.Title)

	_, err = distributions([]Histogram{{Name: "a", Count: 1, HDR: "no base64"}})
	require.ErrorIs(t, err, ErrInvalid)
}

func TestPercentilePoints(t *testing.T) {
	decoded, err := recorded(t, "request", "legacy", "us", 1000, 1000).Decode()
	require.NoError(t, err)
	points := percentilePoints(decoded, 1e-3)
	require.Equal(t, Point{X: 0, Y: 1}, points[0], "0 % is the lowest value")
	for i, p := range points {
		if i > 0 {
			require.GreaterOrEqual(t, p.X, points[i-1].X)
			require.GreaterOrEqual(t, p.Y, points[i-1].Y)
		}
		share := 1 - math.Pow(10, -p.X)
		require.InDelta(t, 1000*share, p.Y, 1.01, "the value at %v", p.X)
	}
	require.InDelta(t, 900, points[percentileSteps].Y, 0.01)
	require.InDelta(t, 990, points[2*percentileSteps].Y, 0.01)
	last := points[len(points)-1]
	require.InDelta(t, 3, last.X, 1e-9)
	require.InDelta(t, 1000, last.Y, 0.01, "the highest value ends the line")

	one, err := recorded(t, "request", "legacy", "us", 1, 7000).Decode()
	require.NoError(t, err)
	require.Equal(t, []Point{{X: 0, Y: 7}}, percentilePoints(one, 1e-3))
}

// TestPercentileMarks: an axis ends with the last percentile that its values support.
func TestPercentileMarks(t *testing.T) {
	for count, want := range map[float64][]mark{
		1:      {{0, "0 %"}},
		99:     {{0, "0 %"}, {1, "90 %"}},
		1000:   {{0, "0 %"}, {1, "90 %"}, {2, "99 %"}, {3, "99.9 %"}},
		12_000: {{0, "0 %"}, {1, "90 %"}, {2, "99 %"}, {3, "99.9 %"}, {4, "99.99 %"}},
	} {
		require.Equal(t, want, percentileMarks(math.Log10(count)), "%v values", count)
	}
}
