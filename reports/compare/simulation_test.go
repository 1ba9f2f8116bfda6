package compare

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/stretchr/testify/require"

	"tollgate/reports"
)

// alarms runs a comparison of two draws many times and returns the share of runs
// whose verdict was not Same. Draw returns one repeat; the factor is the real change.
func alarms(t *testing.T, trials, repeats int, factor float64, draw func(*rand.Rand) reports.Measurement, basis Basis) (better, worse float64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	for range trials {
		var before, after []reports.Measurement
		for range repeats {
			before = append(before, draw(rng))
			m := draw(rng)
			m.Value *= factor
			after = append(after, m)
		}
		m := Metric{Unit: before[0].Unit, Limit: DefaultRegression}
		m.compare(before, after, goal{kind: GoalLower}, DefaultLimits())
		require.Equal(t, basis, m.Basis)
		switch m.Verdict {
		case Better:
			better += 1 / float64(trials)
		case Worse:
			worse += 1 / float64(trials)
		}
	}
	return better, worse
}

func draws(unit string, value func(*rand.Rand) float64) func(*rand.Rand) reports.Measurement {
	return func(r *rand.Rand) reports.Measurement {
		return reports.Measurement{Value: value(r), Unit: unit, Samples: 1000, How: reports.Measured}
	}
}

// TestRepeatsRaiseNoFalseAlarms draws both sides from the same distribution.
func TestRepeatsRaiseNoFalseAlarms(t *testing.T) {
	tests := map[string]func(*rand.Rand) float64{
		"normal":    func(r *rand.Rand) float64 { return 100 + 5*r.NormFloat64() },
		"lognormal": func(r *rand.Rand) float64 { return math.Exp(4 + 0.5*r.NormFloat64()) },
		"exponential": func(r *rand.Rand) float64 {
			return 10 + r.ExpFloat64()
		},
		"few values": func(r *rand.Rand) float64 { return float64(10 + r.IntN(3)) },
		"outliers": func(r *rand.Rand) float64 {
			if r.IntN(10) == 0 {
				return 300
			}
			return 100 + r.NormFloat64()
		},
	}
	for name, value := range tests {
		for _, repeats := range []int{3, 5, 10} {
			t.Run(name, func(t *testing.T) {
				better, worse := alarms(t, 2000, repeats, 1, draws("ms", value), BasisRepeats)
				t.Logf("%d repeats: %.2f %% better, %.2f %% worse", repeats, 100*better, 100*worse)
				require.LessOrEqual(t, better+worse, 0.06, "5 % and what 2,000 trials may be off by")
			})
		}
	}
}

// TestRepeatsFindAShift draws the later side 20 % higher, with a coefficient of variation of 5 %.
func TestRepeatsFindAShift(t *testing.T) {
	for repeats, want := range map[int]float64{3: 0.8, 5: 0.99, 10: 0.999} {
		better, worse := alarms(t, 1000, repeats, 1.2, draws("ms", func(r *rand.Rand) float64 { return 100 + 5*r.NormFloat64() }), BasisRepeats)
		t.Logf("%d repeats: %.1f %% found", repeats, 100*worse)
		require.GreaterOrEqual(t, worse, want, "%d repeats", repeats)
		require.LessOrEqual(t, better, 0.001)
	}
}

// jobs draws the success rate of n jobs.
func jobs(n int, p float64) func(*rand.Rand) reports.Measurement {
	return func(r *rand.Rand) reports.Measurement {
		k := 0
		for range n {
			if r.Float64() < p {
				k++
			}
		}
		return reports.Measurement{Value: 100 * float64(k) / float64(n), Unit: "percent", Samples: int64(n), How: reports.Measured}
	}
}

func TestSharesRaiseNoFalseAlarms(t *testing.T) {
	for _, p := range []float64{0.5, 0.9, 0.97, 0.995} {
		better, worse := alarms(t, 5000, 1, 1, jobs(1000, p), BasisSamples)
		t.Logf("share %v: %.2f %% better, %.2f %% worse", p, 100*better, 100*worse)
		require.LessOrEqual(t, better+worse, 0.06, "share %v", p)
	}
}

func TestSharesFindAShift(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	found := 0
	const trials = 1000
	for range trials {
		m := Metric{Unit: "percent"}
		m.compare([]reports.Measurement{jobs(1000, 0.95)(rng)}, []reports.Measurement{jobs(1000, 0.76)(rng)}, goal{kind: GoalHigher}, DefaultLimits())
		if m.Verdict == Worse {
			found++
		}
	}
	require.Equal(t, trials, found, "20 % fewer successes of 1,000 jobs are always seen")
}

// requests draws n lognormal latencies of 5 ms in the median, times factor.
func requests(t *testing.T, r *rand.Rand, n int, factor float64) []distribution {
	t.Helper()
	h := hdrhistogram.New(1, 1_000_000, 3)
	for range n {
		require.NoError(t, h.RecordValue(1+int64(factor*5000*math.Exp(0.6*r.NormFloat64()))))
	}
	return []distribution{distributionOf(h, 1)}
}

// TestQuantilesByOrderStatistics checks the interval of one run each alone: MinEffect is 0.
func TestQuantilesByOrderStatistics(t *testing.T) {
	const trials = 250
	tests := map[string]struct {
		factor       float64
		least, worst [3]float64 // of p50, p95, p99
	}{
		"equal":     {1, [3]float64{}, [3]float64{0.08, 0.08, 0.08}},
		"20 % more": {1.2, [3]float64{0.999, 0.95, 0.5}, [3]float64{1, 1, 1}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(5, 6))
			var alarmed [3]float64
			for range trials {
				before, after := requests(t, rng, 2000, 1), requests(t, rng, 2000, tt.factor)
				for i, q := range quantiles {
					m := Metric{Before: quantileFigure(before, q.q), After: quantileFigure(after, q.q)}
					require.True(t, m.pair())
					m.compareQuantile(before, after, q.q, Limits{})
					require.Equal(t, BasisQuantiles, m.Basis)
					if m.Verdict != Same {
						alarmed[i]++
					}
				}
			}
			for i := range alarmed {
				alarmed[i] /= trials
				t.Logf("%s: %.1f %% alarmed", quantiles[i].name, 100*alarmed[i])
				require.GreaterOrEqual(t, alarmed[i], tt.least[i], quantiles[i].name)
				require.LessOrEqual(t, alarmed[i], tt.worst[i], quantiles[i].name)
			}
		})
	}
}

func seeded() *rand.Rand { return rand.New(rand.NewPCG(7, 8)) }
