package reports_test

import (
	"fmt"
	"io"
	"math"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/reports"
)

// minutesOfAMonth is how many points a line of a month has.
const minutesOfAMonth = 30 * 24 * 60

// monthBound is how long the page of a month may take.
var monthBound = time.Second

// month is a run of 30 days: six charts of six lines with a point a minute, one of
// them stacked, and three histograms.
func month() reports.Result {
	r := passing()
	r.Charts = nil
	for n := range 6 {
		c := reports.Chart{Title: fmt.Sprintf("Chart %d", n), Unit: "count", XLabel: "minutes"}
		if n == 5 {
			c.Kind = reports.ChartStacked
		}
		for line := range 6 {
			c.Lines = append(c.Lines, reports.Line{Name: fmt.Sprintf("line %d", line), Points: points(minutesOfAMonth, func(x float64) float64 {
				return 100*float64(line+1) + 40*math.Sin(x*float64(7+n)) + 10*math.Sin(x*1e5)
			})})
		}
		r.Charts = append(r.Charts, c)
	}
	r.Histograms = []reports.Histogram{tail("request", "legacy", 1_200_000), tail("request", "phase2", 400_000), tail("job", "phase2", 90_000)}
	return r
}

// TestHTMLOfAMonth: the page of a month is made in less than a second and 200 MB, and
// stays small. The quickest of five counts, for the machine may have other work.
func TestHTMLOfAMonth(t *testing.T) {
	r := month()
	quickest := time.Hour
	var allocated uint64
	for range 5 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		started := time.Now()
		require.NoError(t, reports.WriteHTML(io.Discard, r))
		quickest = min(quickest, time.Since(started))
		runtime.ReadMemStats(&after)
		allocated = after.TotalAlloc - before.TotalAlloc
	}
	t.Logf("a month of minutes: %v, %.1f MB allocated, %d bytes", quickest, float64(allocated)/1e6, len(html(t, r)))
	require.Less(t, quickest, monthBound)
	require.Less(t, allocated, uint64(200e6))
	require.Less(t, len(html(t, r)), 1_500_000)
}

func BenchmarkWriteHTMLOfAMonth(b *testing.B) {
	r := month()
	b.ReportAllocs()
	for b.Loop() {
		require.NoError(b, reports.WriteHTML(io.Discard, r))
	}
}
