package compare

import (
	"fmt"
	"math"
	"strings"
	"time"

	"tollgate/reports"
)

// regressionText stands in place of [Worse] where it is a regression.
const regressionText = "REGRESSION"

// verdictText is the verdict as tables show it.
func (m Metric) verdictText() string {
	if m.Regression {
		return regressionText
	}
	return string(m.Verdict)
}

// text names the metric as tables show it.
func (m Metric) text() string { return describe(m.Text, m.Name) }

// describe adds the part that a metric is about to its text, which does not say it.
func describe(text, name string) string {
	if i := strings.Index(name, "{"); i >= 0 && !strings.Contains(text, strings.Trim(name[i:], "{}")) {
		return text + " " + name[i:]
	}
	return text
}

func (f *Figure) text(unit string) string {
	if f == nil {
		return "none"
	}
	return reports.Format(f.Value, unit)
}

// signed prints a difference with its sign; of per cents it is in points.
func signed(value float64, unit string) string {
	if unit == "percent" {
		unit = "points"
	}
	text := reports.Format(value, unit)
	if value > 0 {
		text = "+" + text
	}
	return text
}

// percentText prints a change in per cent, to a tenth where that is not 0.
func percentText(percent float64) string {
	if rounded := math.Round(percent*10) / 10; rounded != 0 {
		percent = rounded
	}
	return signedPercent(percent)
}

func signedPercent(percent float64) string {
	text := reports.Format(percent, "percent")
	if percent > 0 {
		text = "+" + text
	}
	return text
}

// changeText is the change: "+23,800 (+20 %)".
func (m Metric) changeText() string {
	switch {
	case m.Change == nil:
		return ""
	case *m.Change == 0:
		return "0"
	case m.ChangePercent == nil:
		return signed(*m.Change, m.Unit)
	default:
		return fmt.Sprintf("%s (%s)", signed(*m.Change, m.Unit), percentText(*m.ChangePercent))
	}
}

// intervalText is the interval of the change, or what stands in its place.
func (m Metric) intervalText() string {
	switch {
	case m.Basis == BasisNone:
		return "noise unknown"
	case m.Interval == nil:
		return ""
	}
	low, high := signed(m.Interval.Low, ""), signed(m.Interval.High, m.Unit)
	return low + " to " + high
}

// sentence tells of a metric that is worse or unknown.
func (m Metric) sentence() string {
	if m.Verdict == Unknown {
		return fmt.Sprintf("%s: %s [%s]", m.text(), m.Reason, m.Name)
	}
	text := fmt.Sprintf("%s: %s before, %s after, a change of %s", m.text(), m.Before.text(m.Unit), m.After.text(m.Unit), m.changeText())
	if m.Interval != nil {
		text += fmt.Sprintf(", 95 %% interval %s", m.intervalText())
	}
	if m.Reason != "" {
		text += "; " + m.Reason
	}
	return fmt.Sprintf("%s; up to %s is allowed [%s]", text, reports.Format(m.Limit, "percent"), m.Name)
}

// sentence tells of a criterion that changed.
func (t Transition) sentence() string {
	var text string
	switch {
	case t.Before == "":
		text = fmt.Sprintf("added, %s, %s", t.LimitAfter, t.After)
	case t.After == "":
		text = fmt.Sprintf("removed, was %s, %s", t.LimitBefore, t.Before)
	case t.Before != t.After:
		text = fmt.Sprintf("%s before, %s after", t.Before, t.After)
	default:
		text = string(t.After) + " as before"
	}
	if t.Before != "" && t.After != "" && t.LimitBefore != t.LimitAfter {
		text += fmt.Sprintf(", limit %s before, %s after", t.LimitBefore, t.LimitAfter)
	}
	if t.Note != "" {
		text += " (" + t.Note + ")"
	}
	return fmt.Sprintf("%s: %s [%s]", t.Text, text, t.ID)
}

// text says which runs a side is: "3 runs of 7d3f0c1e9ab2, the last ended 2026-11-23 20:50 UTC".
func (s Side) text() string {
	runs := "1 run"
	if s.Runs != 1 {
		runs = fmt.Sprintf("%d runs", s.Runs)
	}
	text := runs + " of " + strings.Join(s.Commits, ", ")
	switch {
	case s.Last.IsZero():
		return text
	case s.Runs == 1:
		return text + ", ended " + minute(s.Last)
	default:
		return text + ", the last ended " + minute(s.Last)
	}
}

func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// heading names what is compared.
func (c Comparison) heading() string {
	return fmt.Sprintf("%s: stage %s, after against before", c.Scenario, c.Stage)
}

// Summary returns what came of the comparison: "1 metric and 1 criterion regressed; ...".
func (c Comparison) Summary() string {
	n := map[Verdict]int{}
	metrics, criteria := 0, 0
	for _, m := range c.Metrics {
		n[m.Verdict]++
		if m.Regression {
			metrics++
		}
	}
	for _, t := range c.Criteria {
		if t.Regression {
			criteria++
		}
	}
	head := "nothing regressed"
	if metrics+criteria > 0 {
		head = fmt.Sprintf("%s worse beyond noise and limit, %s no longer hold",
			counted(metrics, "metric", "metrics"), counted(criteria, "criterion", "criteria"))
		if criteria == 1 {
			head += "s"
		}
	}
	return fmt.Sprintf("%s; of %s %d better, %d worse, %d the same, %d unknown",
		head, counted(len(c.Metrics), "metric", "metrics"), n[Better], n[Worse], n[Same], n[Unknown])
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// outcome is the head of the last line.
func (c Comparison) outcome() (text string, colour reports.Verdict) {
	if c.Regressed() {
		return regressionText, reports.Fail
	}
	return "OK", reports.Pass
}

// table is the metrics as a table.
func (c Comparison) table() reports.Table {
	right := func(name string) reports.Column { return reports.Column{Name: name, Align: reports.AlignRight} }
	t := reports.Table{Columns: []reports.Column{
		{Name: "Metric"}, right("Before"), right("After"), right("Change"), right("95 % interval"), {Name: "Verdict"},
	}}
	for _, m := range c.Metrics {
		t.Rows = append(t.Rows, []string{
			m.text(), m.Before.text(m.Unit), m.After.text(m.Unit), m.changeText(), m.intervalText(), m.verdictText(),
		})
	}
	return t
}
