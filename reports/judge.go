package reports

import (
	"fmt"
	"math"
)

// Verdict is what came of one criterion.
type Verdict string

const (
	// Pass means that the value was there and met the limit.
	Pass Verdict = "PASS"
	// Fail means that the value was there and missed the limit.
	Fail Verdict = "FAIL"
	// NoData means that there was nothing to judge. It fails the run.
	NoData Verdict = "NO DATA"
	// Skipped means left out on purpose, with a reason.
	Skipped Verdict = "SKIPPED"
)

// Known reports whether v is one of the four verdicts.
func (v Verdict) Known() bool { return v == Pass || v == Fail || v == NoData || v == Skipped }

// Judgement is one criterion with its verdict and everything that explains it.
type Judgement struct {
	Criterion
	Verdict     Verdict     `json:"verdict"`
	Measurement Measurement `json:"measurement"`
	// Margin is the share of the limit that is left, negative when the limit was
	// missed: 0.1 is a tenth to spare. It is 0 where the limit is 0 and where
	// there is no value.
	Margin float64 `json:"margin"`
	// Reason says why the verdict is not PASS: what was measured and by how much
	// it missed, why there is no data, or why the criterion was skipped.
	Reason string `json:"reason,omitempty"`
}

// Judge compares measurements with a set of criteria and returns one judgement a
// criterion, in the set's order. Measurements are found by metric name; skipped
// maps a criterion's ID to the reason for leaving it out.
//
// A criterion is NO DATA, never PASS, when its metric is absent, has no samples,
// is NaN or infinite, is in another unit, does not say how it was got, is
// projected without a note, or is skipped without a reason. Judge never fails and
// changes none of its arguments.
func Judge(set Set, measurements map[string]Measurement, skipped map[string]string) []Judgement {
	judgements := make([]Judgement, 0, len(set.Criteria))
	for _, c := range set.Criteria {
		reason, skip := skipped[c.ID]
		m, ok := measurements[c.MeasuredAs()]
		switch {
		case skip && reason != "":
			judgements = append(judgements, Judgement{Criterion: c, Verdict: Skipped, Measurement: empty(c), Reason: reason})
		case skip:
			judgements = append(judgements, noData(c, empty(c), "skipped without a reason"))
		case !ok:
			judgements = append(judgements, noData(c, empty(c), fmt.Sprintf("%s was not measured", c.MeasuredAs())))
		default:
			judgements = append(judgements, judge(c, m))
		}
	}
	return judgements
}

func judge(c Criterion, m Measurement) Judgement {
	if why := m.absence(c); why != "" {
		return noData(c, m, why)
	}
	j := Judgement{Criterion: c, Verdict: Pass, Measurement: m, Margin: c.margin(m.Value)}
	if !c.holds(m.Value) {
		j.Verdict = Fail
		j.Reason = missed(c, m)
	}
	return j
}

func empty(c Criterion) Measurement { return Measurement{Unit: c.Unit} }

// noData keeps what is known of the measurement but not a value that cannot be
// written to JSON.
func noData(c Criterion, m Measurement, why string) Judgement {
	if math.IsNaN(m.Value) || math.IsInf(m.Value, 0) {
		m.Value = 0
	}
	m.Missing = why
	return Judgement{Criterion: c, Verdict: NoData, Measurement: m, Reason: why}
}

// missed says what was measured, what was wanted and by how much it was missed.
func missed(c Criterion, m Measurement) string {
	bound := c.bound(m.Value)
	gap := m.Value - bound
	head := fmt.Sprintf("%s %s, wanted %s", m.How, c.ValueText(m.Value), c.LimitText())
	if gap == 0 {
		return head + ": it is exactly the limit"
	}
	side := "above"
	if gap < 0 {
		side = "below"
	}
	size := Format(math.Abs(gap), c.Unit)
	if c.Unit == "percent" {
		size = Format(math.Abs(gap), "points")
	}
	text := fmt.Sprintf("%s: %s %s %s", head, size, side, exact(bound)+suffix(c.Unit))
	switch share := math.Abs(c.margin(m.Value)); {
	case c.Unit == "percent" || bound == 0:
		return text
	case gap > 0 && bound > 0 && share >= 2:
		return fmt.Sprintf("%s (%s times as much)", text, Format(m.Value/bound, ""))
	default:
		return fmt.Sprintf("%s (%s)", text, Format(shareOf100(share), "percent"))
	}
}

// shareOf100 turns a share into per cent with one decimal, or all of them where
// one would make it 0.
func shareOf100(share float64) float64 {
	if rounded := math.Round(share*1000) / 10; rounded != 0 && finite(rounded) {
		return rounded
	}
	return share * 100
}

// valued reports whether there was a value to judge.
func (j Judgement) valued() bool { return j.Verdict == Pass || j.Verdict == Fail }

// ValueText returns the judged value with its unit, or "none" when there is none.
func (j Judgement) ValueText() string {
	if !j.valued() {
		return "none"
	}
	return j.Criterion.ValueText(j.Measurement.Value)
}

// MarginText returns the margin for people: "+8.3 %", "-20.7 %", or "" where a
// share of the limit says nothing.
func (j Judgement) MarginText() string {
	if !j.valued() || j.Limit == 0 && j.Operator != Between {
		return ""
	}
	if j.Operator == Equal && j.Verdict == Pass {
		return ""
	}
	text := Format(shareOf100(j.Margin), "percent")
	if j.Margin > 0 {
		text = "+" + text
	}
	return text
}

// HowText returns how the value was got, or "" when there is none.
func (j Judgement) HowText() string {
	if !j.valued() {
		return ""
	}
	return string(j.Measurement.How)
}
