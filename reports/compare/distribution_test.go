package compare

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/reports"
)

// TestStudentQuantile compares with the printed tables of the t distribution.
func TestStudentQuantile(t *testing.T) {
	for df, want := range map[float64]float64{1: 12.7062, 2: 4.30265, 3: 3.18245, 4: 2.77645, 10: 2.22814, 30: 2.04227, 1e6: 1.95997} {
		require.InDelta(t, want, studentQuantile(df), 1e-4, "df %v", df)
	}
}

// TestBinomialCDF compares with the sum of the probabilities.
func TestBinomialCDF(t *testing.T) {
	for _, n := range []int64{1, 7, 50, 400} {
		for _, p := range []float64{0.01, 0.5, 0.95, 0.99} {
			sum := 0.0
			for k := range n {
				a, _ := math.Lgamma(float64(n + 1))
				b, _ := math.Lgamma(float64(k + 1))
				c, _ := math.Lgamma(float64(n - k + 1))
				sum += math.Exp(a - b - c + float64(k)*math.Log(p) + float64(n-k)*math.Log1p(-p))
				require.InDelta(t, sum, binomialCDF(k, n, p), 1e-10, "P(X <= %d) of %d, %v", k, n, p)
			}
		}
	}
	require.Zero(t, binomialCDF(-1, 5, 0.5))
	require.InDelta(t, 1, binomialCDF(5, 5, 0.5), 0)
	require.InDelta(t, 0.5, binomialCDF(5_000_000, 10_000_000, 0.5), 1e-3, "large n converges")
}

func TestQuantileRanks(t *testing.T) {
	tests := map[string]struct {
		n         int64
		q         float64
		low, high int64
		ok        bool
	}{
		"median of 10":   {10, 0.5, 2, 9, true}, // the textbook's interval, of 97.9 %
		"median of 5":    {5, 0.5, 0, 6, false},
		"median of 6":    {6, 0.5, 1, 6, true},
		"median of 1000": {1000, 0.5, 469, 532, true},
		"p99 of 100":     {100, 0.99, 97, 101, false},
		"p99 of 1000":    {1000, 0.99, 983, 997, true},
		"of nothing":     {0, 0.5, 0, 1, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			low, high, ok := quantileRanks(tt.n, tt.q)
			require.Equal(t, tt.ok, ok)
			require.Equal(t, [2]int64{tt.low, tt.high}, [2]int64{low, high})
		})
	}
}

// TestNewcombe compares with an example of Newcombe's paper: 56/70 against 48/80, method 10.
func TestNewcombe(t *testing.T) {
	i := difference(wilson(48, 80), wilson(56, 70))
	require.InDelta(t, 0.0524, i.Low, 5e-5)
	require.InDelta(t, 0.3339, i.High, 5e-5)
	none := wilson(0, 10)
	require.Zero(t, none.low)
	require.InDelta(t, 0.2775, none.high, 5e-5)
}

// TestWelch compares with a result worked by hand: means 2 and 5, variances 1 and 4 of three values each.
func TestWelch(t *testing.T) {
	i := welch([]float64{1, 2, 3}, []float64{3, 5, 7})
	df := 25.0 / 9 / (1.0/9/2 + 16.0/9/2)
	require.InDelta(t, 2.941, df, 1e-3)
	reach := studentQuantile(df) * math.Sqrt(5.0/3)
	require.InDelta(t, 3-reach, i.Low, 1e-9)
	require.InDelta(t, 3+reach, i.High, 1e-9)
	require.Equal(t, &Interval{Low: 1, High: 1}, welch([]float64{0.1, 0.1, 0.1}, []float64{1.1, 1.1, 1.1}), "no spread")
}

func TestMedian(t *testing.T) {
	require.InDelta(t, 2, median([]float64{3, 1, 2}), 0)
	require.InDelta(t, 2.5, median([]float64{4, 1, 3, 2}), 0)
	require.InDelta(t, math.MaxFloat64, median([]float64{math.MaxFloat64, math.MaxFloat64}), 0)
}

func TestShare(t *testing.T) {
	m := func(value float64, samples int64) reports.Measurement {
		return reports.Measurement{Value: value, Unit: "percent", Samples: samples, How: reports.Measured}
	}
	with := func(m reports.Measurement, change func(*reports.Measurement)) reports.Measurement {
		change(&m)
		return m
	}
	tests := map[string]struct {
		figure reports.Measurement
		want   bool
	}{
		"a success rate":           {m(100*float64(997)/1000, 1000), true},
		"of an odd number":         {m(100*float64(61)/67, 67), true},
		"of millions":              {m(100*float64(12_345_677)/98_765_431, 98_765_431), true},
		"a saving":                 {m(100*(1-float64(28_728)/35_792), 64_520), false},
		"below 0":                  {m(-50, 100), false},
		"above 100":                {m(150, 100), false},
		"in another unit":          {with(m(50, 100), func(m *reports.Measurement) { m.Unit = "count" }), false},
		"projected":                {with(m(50, 100), func(m *reports.Measurement) { m.How = reports.Projected }), false},
		"merged as shares are":     {with(m(50, 100), func(m *reports.Measurement) { m.Merge = reports.MergeMean }), true},
		"merged as shares are not": {with(m(50, 100), func(m *reports.Measurement) { m.Merge = reports.MergeMax }), false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, ok := share([]reports.Measurement{tt.figure})
			require.Equal(t, tt.want, ok)
		})
	}
}
