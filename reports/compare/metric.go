package compare

import (
	"fmt"
	"math"
	"slices"

	"tollgate/reports"
)

// Verdict is what became of a metric.
type Verdict string

// The verdicts.
const (
	Better Verdict = "better"
	Worse  Verdict = "worse"
	// Same means within noise, or within [Limits].MinEffect where the noise is unknown.
	Same Verdict = "same"
	// Unknown means that there is not enough data to tell.
	Unknown Verdict = "unknown"
)

// Metric is one metric on both sides.
type Metric struct {
	// Name is [reports.Criterion.MeasuredAs], or histogram and quantile: "request.p95".
	Name string `json:"name"`
	Text string `json:"text"`
	Unit string `json:"unit"`
	Goal Goal   `json:"goal"`
	// Before and After are the medians of the repeats; nil where there is no figure.
	Before *Figure `json:"before"`
	After  *Figure `json:"after"`
	// Change is After - Before; ChangePercent is its share of Before, nil from a Before of 0.
	Change        *float64 `json:"change"`
	ChangePercent *float64 `json:"change_percent"`
	// Interval is where the change lies with 95 % confidence, nil where that is unknown.
	Interval *Interval `json:"interval"`
	Basis    Basis     `json:"basis,omitempty"`
	Verdict  Verdict   `json:"verdict"`
	// Reason says why the verdict is unknown, or what it rests on where the noise is unknown.
	Reason string `json:"reason,omitempty"`
	// Limit is what a change for the worse must exceed to be a regression, in per cent.
	Limit      float64 `json:"limit_percent"`
	Regression bool    `json:"regression"`
}

// Figure is the median of one side's repeats.
type Figure struct {
	Value float64 `json:"value"`
	// Runs is how many repeats have the figure, Samples how many observations they rest on.
	Runs    int         `json:"runs"`
	Samples int64       `json:"samples"`
	How     reports.How `json:"how"`
}

// judged compares the metrics of the criteria.
func judged(before, after []reports.Result, limits Limits) []Metric {
	all := []Metric{}
	seen := map[string]bool{}
	for _, results := range [][]reports.Result{after, before} {
		for _, r := range results {
			for _, j := range r.Judgements {
				name := j.MeasuredAs()
				if seen[name] {
					continue
				}
				seen[name] = true
				// The results that named it first say which way is worse: the later ones where they can.
				g := goalOf(criteriaOf(results, name))
				m := Metric{Name: name, Text: j.Text, Unit: j.Unit, Goal: g.kind, Limit: limits.regression(name)}
				m.compare(figures(before, name), figures(after, name), g, limits)
				all = append(all, m)
			}
		}
	}
	return all
}

// criteriaOf returns the criteria of a metric in the last result that has any.
func criteriaOf(results []reports.Result, name string) []reports.Criterion {
	var found []reports.Criterion
	for _, r := range slices.Backward(results) {
		for _, j := range r.Judgements {
			if j.MeasuredAs() == name {
				found = append(found, j.Criterion)
			}
		}
		if len(found) > 0 {
			break
		}
	}
	return found
}

// figures returns a metric's measurement of each result that had one to judge.
func figures(results []reports.Result, name string) []reports.Measurement {
	var all []reports.Measurement
	for _, r := range results {
		i := slices.IndexFunc(r.Judgements, func(j reports.Judgement) bool {
			return j.MeasuredAs() == name && (j.Verdict == reports.Pass || j.Verdict == reports.Fail)
		})
		if i >= 0 {
			all = append(all, r.Judgements[i].Measurement)
		}
	}
	return all
}

// compare fills in the metric from the figures of both sides.
func (m *Metric) compare(before, after []reports.Measurement, g goal, limits Limits) {
	m.Before, m.After = figure(before), figure(after)
	if !m.pair() {
		return
	}
	all := slices.Concat(before, after)
	if i := slices.IndexFunc(all, func(x reports.Measurement) bool { return x.Unit != all[0].Unit || x.How != all[0].How }); i >= 0 {
		m.unknown(fmt.Sprintf("figures of two kinds: %s in %q and %s in %q", all[0].How, all[0].Unit, all[i].How, all[i].Unit))
		return
	}
	m.Interval, m.Basis = noise(before, after)
	m.judge(g, limits)
}

// pair fills in the change, or says why there is none.
func (m *Metric) pair() bool {
	switch {
	case m.Before == nil && m.After == nil:
		m.unknown("no figure on either side")
	case m.Before == nil:
		m.unknown("no figure before")
	case m.After == nil:
		m.unknown("no figure after")
	default:
		change := tidy(m.After.Value - m.Before.Value)
		m.Change = &change
		if percent := tidy(100 * change / math.Abs(m.Before.Value)); m.Before.Value != 0 && !math.IsInf(percent, 0) {
			m.ChangePercent = &percent
		}
		return true
	}
	return false
}

func (m *Metric) unknown(why string) { m.Verdict, m.Reason = Unknown, why }

// judge draws the verdict from change and interval.
func (m *Metric) judge(g goal, limits Limits) {
	m.Verdict = Same
	var changed bool
	switch m.Basis {
	case BasisTooFew:
		m.unknown(m.runs() + ": a " + kind(m.Unit) + " varies from run to run, and by how much only repeats tell")
		return
	case BasisNone:
		m.Reason = m.runs() + ": noise unknown"
		changed = m.exceeds(limits.MinEffect)
	case BasisQuantiles:
		m.Reason = m.runs() + ": noise between runs unknown"
		changed = m.Interval.agrees(*m.Change) && m.exceeds(limits.MinEffect)
	default:
		changed = m.Interval.agrees(*m.Change)
	}
	if !changed {
		return
	}
	switch before, after := g.badness(m.Before.Value), g.badness(m.After.Value); {
	case after > before:
		m.Verdict = Worse
		m.Regression = m.exceeds(m.Limit)
	case after < before:
		m.Verdict = Better
	}
}

// exceeds reports whether the change is larger than percent of the value before.
func (m *Metric) exceeds(percent float64) bool {
	return math.Abs(*m.Change) > math.Abs(m.Before.Value)*percent/100
}

// runs says how many runs there are: "one run each", "1 and 3 simulations".
func (m *Metric) runs() string {
	noun := "run"
	if m.After.How == reports.Simulated {
		noun = "simulation"
	}
	if m.Before.Runs == 1 && m.After.Runs == 1 {
		return "one " + noun + " each"
	}
	return fmt.Sprintf("%d and %d %ss", m.Before.Runs, m.After.Runs, noun)
}

func kind(unit string) string {
	switch unit {
	case "ns", "us", "ms", "s":
		return "time"
	case "ratio":
		return "ratio"
	default:
		return "figure in " + unit
	}
}

func figure(all []reports.Measurement) *Figure {
	if len(all) == 0 {
		return nil
	}
	f := Figure{Value: median(values(all)), Runs: len(all), How: all[0].How}
	for _, m := range all {
		f.Samples += m.Samples
	}
	return &f
}
