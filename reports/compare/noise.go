package compare

import (
	"math"
	"slices"
	"strconv"

	"tollgate/reports"
)

// MinRepeats is how many repeats a side must have for its noise to be estimated from them.
const MinRepeats = 3

// Basis says what the noise of a metric was estimated from; the package comment explains each.
type Basis string

// The bases.
const (
	BasisRepeats   Basis = "repeats"
	BasisSamples   Basis = "samples"
	BasisQuantiles Basis = "quantiles"
	BasisNone      Basis = "noise unknown"
	BasisTooFew    Basis = "too few"
)

// Interval is where the difference lies with 95 % confidence, in the metric's unit.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// agrees reports whether the interval leaves out 0 on the side of change.
func (i Interval) agrees(change float64) bool {
	return i.Low > 0 && change > 0 || i.High < 0 && change < 0
}

func interval(low, high float64) *Interval { return &Interval{Low: tidy(low), High: tidy(high)} }

// tidy rounds to ten significant digits, more than any figure has: what lies beyond
// them is the error of floating point, which differs between machines.
func tidy(v float64) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'e', 9, 64), 64)
	if err != nil { // beyond the largest number
		return v
	}
	return rounded
}

// estimate is a figure with its own interval.
type estimate struct{ value, low, high float64 }

// difference combines the intervals of two independent estimates into that of
// after - before.
func difference(before, after estimate) *Interval {
	d := after.value - before.value
	return interval(
		d-math.Hypot(after.value-after.low, before.high-before.value),
		d+math.Hypot(after.high-after.value, before.value-before.low),
	)
}

// noise returns the interval of the difference between two sides' figures, nil
// where there is none, and what it rests on.
func noise(before, after []reports.Measurement) (*Interval, Basis) {
	if b, a := values(before), values(after); enough(b, a) {
		return welch(b, a), BasisRepeats
	}
	if x, ok := share(before); ok {
		if y, ok := share(after); ok {
			i := difference(x, y)
			return interval(100*i.Low, 100*i.High), BasisSamples
		}
	}
	if unit := after[0].Unit; unit == "count" || unit == "percent" {
		return nil, BasisNone
	}
	return nil, BasisTooFew
}

func enough(before, after []float64) bool {
	return len(before) >= MinRepeats && len(after) >= MinRepeats
}

// share pools the repeats of a share of samples. It is not ok for a figure that is
// none, such as the saving against another stage.
func share(figures []reports.Measurement) (estimate, bool) {
	var successes, n float64
	for _, m := range figures {
		k := m.Value / 100 * float64(m.Samples)
		whole := math.Round(k)
		off := math.Abs(k - whole)
		switch {
		case m.Unit != "percent" || m.How == reports.Projected || m.Merge != "" && m.Merge != reports.MergeMean:
			return estimate{}, false
		case whole < 0 || whole > float64(m.Samples) || off > 1e-9*float64(m.Samples):
			return estimate{}, false
		}
		successes += whole
		n += float64(m.Samples)
	}
	return wilson(successes, n), true
}

// welch returns Welch's interval of the difference of means. Repeats that do not
// differ at all on either side have no noise to speak of: both ends are the difference.
func welch(before, after []float64) *Interval {
	meanB, varB := moments(before)
	meanA, varA := moments(after)
	d := meanA - meanB
	if varA+varB == 0 {
		return interval(d, d)
	}
	df := (varA + varB) * (varA + varB) /
		(varA*varA/float64(len(after)-1) + varB*varB/float64(len(before)-1))
	reach := studentQuantile(df) * math.Sqrt(varA+varB)
	return interval(d-reach, d+reach)
}

// moments returns the mean and the variance of the mean.
func moments(values []float64) (mean, variance float64) {
	n := float64(len(values))
	for _, v := range values {
		mean += v / n
	}
	if slices.Min(values) == slices.Max(values) {
		return values[0], 0
	}
	for _, v := range values {
		variance += (v - mean) * (v - mean) / (n - 1) / n
	}
	return mean, variance
}

func values(figures []reports.Measurement) []float64 {
	out := make([]float64, len(figures))
	for i, m := range figures {
		out[i] = m.Value
	}
	return out
}

// median returns the middle value, the mean of the two middle ones of an even number.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return sorted[n/2-1] + (sorted[n/2]-sorted[n/2-1])/2
}
