package compare

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/HdrHistogram/hdrhistogram-go"

	"tollgate/reports"
)

// quantiles are those of the latencies that are compared.
var quantiles = []struct {
	name string
	q    float64
}{{"p50", 0.50}, {"p95", 0.95}, {"p99", 0.99}}

// distribution is one histogram: its occupied buckets by value.
type distribution struct {
	bars  []hdrhistogram.Bar
	count int64
	scale float64 // what a recorded value is multiplied by
	how   reports.How
}

// latencies compares the quantiles of every histogram of the stage under test.
func latencies(before, after []reports.Result, limits Limits) []Metric {
	var all []Metric
	seen := map[string]bool{}
	for _, r := range slices.Concat(after, before) {
		for _, h := range r.Histograms {
			if h.Series != r.Stage || seen[h.Name] {
				continue
			}
			seen[h.Name] = true
			b, bUnits := distributions(before, h.Name)
			a, aUnits := distributions(after, h.Name)
			_, shown := display(h.Unit)
			for _, q := range quantiles {
				name := h.Name + "." + q.name
				m := Metric{
					Name: name, Text: latencyText(h.Name, q.name), Unit: shown,
					Goal: GoalLower, Limit: limits.regression(name), Before: quantileFigure(b, q.q), After: quantileFigure(a, q.q),
				}
				switch {
				case !m.pair():
				case len(bUnits) > 1 || !slices.Equal(bUnits, aUnits) || b[0].how != a[0].how:
					m.unknown(fmt.Sprintf("figures of several kinds: %s in %q before, %s in %q after", b[0].how, bUnits, a[0].how, aUnits))
				default:
					m.compareQuantile(b, a, q.q, limits)
				}
				all = append(all, m)
			}
		}
	}
	return all
}

func (m *Metric) compareQuantile(before, after []distribution, q float64, limits Limits) {
	if b, a := each(before, q), each(after, q); enough(b, a) {
		m.Interval, m.Basis = welch(b, a), BasisRepeats
	} else {
		x, y := pool(before), pool(after)
		b, bOK := x.estimate(q, m.Before.Value)
		a, aOK := y.estimate(q, m.After.Value)
		if !bOK || !aOK {
			m.unknown(fmt.Sprintf("too few values for this quantile: %d before, %d after", x.count, y.count))
			return
		}
		m.Interval, m.Basis = difference(b, a), BasisQuantiles
	}
	m.judge(goal{kind: GoalLower}, limits)
}

// distributions returns the histograms of one name of the stage under test that
// hold values, and the different units they are recorded in.
func distributions(results []reports.Result, name string) (all []distribution, units []string) {
	for _, r := range results {
		for _, h := range r.Histograms {
			if h.Name != name || h.Series != r.Stage || h.Count == 0 {
				continue
			}
			decoded, err := h.Decode()
			if err != nil { // Validate refuses such a result; one that was never validated has no data here
				continue
			}
			scale, _ := display(h.Unit)
			d := distributionOf(decoded, scale)
			if r.Clock == "virtual" {
				d.how = reports.Simulated
			}
			all = append(all, d)
			units = append(units, h.Unit)
		}
	}
	slices.Sort(units)
	return all, slices.Compact(units)
}

func latencyText(name, quantile string) string { return "Latency of " + name + ", " + quantile }

func distributionOf(h *hdrhistogram.Histogram, scale float64) distribution {
	bars := slices.DeleteFunc(h.Distribution(), func(b hdrhistogram.Bar) bool { return b.Count == 0 })
	return distribution{bars: bars, count: h.TotalCount(), scale: scale, how: reports.Measured}
}

// display returns the unit in which values are shown, times in milliseconds, and the factor to it.
func display(unit string) (scale float64, shown string) {
	switch unit {
	case "us":
		return 1e-3, "ms"
	case "ns":
		return 1e-6, "ms"
	default:
		return 1, unit
	}
}

// pool puts the values of all repeats, which have one unit, together.
func pool(all []distribution) distribution {
	p := distribution{scale: all[0].scale}
	for _, d := range all {
		p.bars = append(p.bars, d.bars...)
		p.count += d.count
	}
	slices.SortStableFunc(p.bars, func(a, b hdrhistogram.Bar) int { return cmp.Compare(a.To, b.To) })
	return p
}

// at returns the bucket of the value with a rank from 1 to count.
func (d distribution) at(rank int64) hdrhistogram.Bar {
	for _, bar := range d.bars {
		if rank -= bar.Count; rank <= 0 {
			return bar
		}
	}
	return d.bars[len(d.bars)-1]
}

// quantile returns the upper end of the quantile's bucket, as percentiles of HDR histograms are given.
func (d distribution) quantile(q float64) float64 {
	return d.scale * float64(d.at(max(1, int64(math.Ceil(q*float64(d.count))))).To)
}

// estimate returns a quantile with its interval; it is not ok where there are too few values.
func (d distribution) estimate(q, value float64) (estimate, bool) {
	low, high, ok := quantileRanks(d.count, q)
	if !ok {
		return estimate{}, false
	}
	return estimate{value: value, low: min(value, d.scale*float64(d.at(low).From)), high: max(value, d.scale*float64(d.at(high).To))}, true
}

func each(all []distribution, q float64) []float64 {
	out := make([]float64, len(all))
	for i, d := range all {
		out[i] = d.quantile(q)
	}
	return out
}

// quantileFigure returns the median of the repeats' quantiles, nil without any values.
func quantileFigure(all []distribution, q float64) *Figure {
	if len(all) == 0 {
		return nil
	}
	return &Figure{Value: median(each(all, q)), Runs: len(all), Samples: pool(all).count, How: all[0].how}
}
