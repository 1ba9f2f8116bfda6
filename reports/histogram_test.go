package reports_test

import (
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/stretchr/testify/require"

	"tollgate/reports"
)

func TestHistogramKeepsEveryValue(t *testing.T) {
	h := hdrhistogram.New(1, 60_000_000, 3)
	for _, v := range []int64{1, 5, 5, 4_321, 59_000_000} {
		require.NoError(t, h.RecordValue(v))
	}
	kept, err := reports.NewHistogram("request", "phase2", "us", h)
	require.NoError(t, err)
	require.EqualValues(t, 5, kept.Count)
	back, err := kept.Decode()
	require.NoError(t, err)
	require.True(t, h.Equals(back))
}

func TestHistogramWithoutValues(t *testing.T) {
	kept, err := reports.NewHistogram("request", "phase2", "us", hdrhistogram.New(1, 1000, 3))
	require.NoError(t, err)
	require.Equal(t, reports.Histogram{Name: "request", Series: "phase2", Unit: "us"}, kept)
	r := sample()
	r.Histograms = []reports.Histogram{kept}
	require.NoError(t, r.Validate())
}

func TestHistogramsThatLie(t *testing.T) {
	for name, tt := range map[string]struct {
		spoil func(*reports.Histogram)
		want  string
	}{
		"another count": {func(h *reports.Histogram) { h.Count++ }, "it holds 1000 values and says 1001"},
		"no histogram":  {func(h *reports.Histogram) { h.HDR = "AAAA" }, "histogram request of legacy"},
		"count of 0":    {func(h *reports.Histogram) { h.Count = 0 }, "it has values and a count of 0"},
	} {
		t.Run(name, func(t *testing.T) {
			r := sample()
			tt.spoil(&r.Histograms[0])
			err := r.Validate()
			require.ErrorIs(t, err, reports.ErrInvalid)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestChartsThatDoNotFit(t *testing.T) {
	for name, tt := range map[string]struct {
		chart reports.Chart
		want  string
	}{
		"unknown kind":       {reports.Chart{Kind: "pie"}, `unknown kind "pie"`},
		"beyond the bars":    {reports.Chart{Kind: reports.ChartBars, Lines: []reports.Line{{Name: "a", Points: []reports.Point{{X: 0}}}}}, "0 categories"},
		"between two bars":   {reports.Chart{Kind: reports.ChartBars, Categories: []string{"a", "b"}, Lines: []reports.Line{{Points: []reports.Point{{X: .5}}}}}, "at 0.5"},
		"a crooked stack":    {reports.Chart{Kind: reports.ChartStacked, Lines: []reports.Line{{Points: []reports.Point{{X: 1}}}, {Points: []reports.Point{{X: 2}}}}}, "do not have the same x"},
		"categories of none": {reports.Chart{Categories: []string{"a"}}, "categories are for bars only"},
	} {
		t.Run(name, func(t *testing.T) {
			r := sample()
			r.Charts = []reports.Chart{tt.chart}
			require.ErrorContains(t, r.Validate(), tt.want)
		})
	}
}
