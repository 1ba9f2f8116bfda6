package reports

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// ErrInvalid is wrapped by every error about a result that contradicts itself.
var ErrInvalid = errors.New("invalid result")

// Ready returns a copy of r that can be written: version and decision filled in,
// points that are not finite left out, and the whole checked.
func (r Result) Ready() (Result, error) {
	if r.SchemaVersion == 0 {
		r.SchemaVersion = SchemaVersion
	}
	if r.Decision == "" {
		r.Decision = Decide(r.Judgements, r.Partial)
	}
	if r.Judgements == nil {
		r.Judgements = []Judgement{}
	}
	r.Charts = finiteCharts(r.Charts)
	r.Tables = filledTables(r.Tables)
	return r, r.Validate()
}

// Validate returns every contradiction in the result, wrapping [ErrInvalid]: a
// decision its judgements do not bear out, an unknown verdict, a verdict that
// lacks its reason, rows that do not fit their table. It is nil for a sound one.
func (r Result) Validate() error {
	var problems []error
	problem := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("%w: "+format, append([]any{ErrInvalid}, args...)...))
	}
	if r.SchemaVersion < 1 || r.SchemaVersion > SchemaVersion {
		problem("schema_version is %d, not 1 to %d", r.SchemaVersion, SchemaVersion)
	}
	if r.Scenario == "" {
		problem("scenario is empty")
	}
	seen := map[string]bool{}
	for _, j := range r.Judgements {
		if seen[j.ID] {
			problem("criterion %q is judged twice", j.ID)
		}
		seen[j.ID] = true
		if why := j.flaw(); why != "" {
			problem("criterion %q: %s", j.ID, why)
		}
	}
	if want := Decide(r.Judgements, r.Partial); r.Decision != want {
		problem("decision is %q, the judgements say %q", r.Decision, want)
	}
	for _, c := range r.Charts {
		if why := c.flaw(); why != "" {
			problem("chart %q: %s", c.Title, why)
		}
	}
	for _, h := range r.Histograms {
		if why := h.flaw(); why != "" {
			problem("histogram %s of %s: %s", h.Name, h.Series, why)
		}
	}
	if s := r.Segment; s != nil && (s.Index < 1 || s.Index > s.Of) {
		problem("segment %d of %d does not exist", s.Index, s.Of)
	}
	for _, t := range r.Tables {
		for i, row := range t.Rows {
			if len(row) != len(t.Columns) {
				problem("table %q: row %d has %d cells for %d columns", t.Title, i+1, len(row), len(t.Columns))
			}
		}
	}
	return errors.Join(problems...)
}

// flaw returns what is wrong with a chart, or "".
func (c Chart) flaw() string {
	switch c.Kind {
	case "", ChartLines, ChartStacked:
		if len(c.Categories) > 0 {
			return "categories are for bars only"
		}
		if c.Kind == ChartStacked && !sameX(c.Lines) {
			return "the lines of a stack do not have the same x"
		}
		return ""
	case ChartBars:
	default:
		return fmt.Sprintf("unknown kind %q", c.Kind)
	}
	for _, line := range c.Lines {
		for _, p := range line.Points {
			if i := int(p.X); float64(i) != p.X || i < 0 || i >= len(c.Categories) {
				return fmt.Sprintf("line %q has a part at %v of %d categories", line.Name, p.X, len(c.Categories))
			}
		}
	}
	return ""
}

// sameX reports whether all lines have their points at the same X.
func sameX(lines []Line) bool {
	for _, line := range lines {
		if !slices.EqualFunc(line.Points, lines[0].Points, func(a, b Point) bool { return a.X == b.X }) {
			return false
		}
	}
	return true
}

// flaw returns what is wrong with a judgement, or "".
func (j Judgement) flaw() string {
	holds := j.Measurement.absence(j.Criterion) == "" && j.holds(j.Measurement.Value)
	switch {
	case !j.Verdict.Known():
		return fmt.Sprintf("unknown verdict %q", j.Verdict)
	case !j.Measurement.Merge.Known():
		return fmt.Sprintf("unknown way to merge %q", j.Measurement.Merge)
	case !j.Operator.Known():
		return fmt.Sprintf("unknown operator %q", j.Operator)
	case j.Operator == Between && j.Upper == nil:
		return "the operator \"between\" has no upper"
	case j.Verdict != Pass && j.Reason == "":
		return fmt.Sprintf("%s without a reason", j.Verdict)
	case !finite(j.Limit) || !finite(j.Margin) || !finite(j.Measurement.Value) || j.Upper != nil && !finite(*j.Upper):
		return "a number in it is not finite"
	case j.Verdict == Pass && !holds, j.Verdict == Fail && holds:
		return fmt.Sprintf("%s with value %s and limit %s", j.Verdict, j.ValueText(), j.LimitText())
	default:
		return ""
	}
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// finiteCharts copies charts without the points and limits that JSON cannot hold.
func finiteCharts(charts []Chart) []Chart {
	charts = slices.Clone(charts)
	for i := range charts {
		lines := make([]Line, 0, len(charts[i].Lines))
		for _, line := range charts[i].Lines {
			points := make([]Point, 0, len(line.Points))
			for _, p := range line.Points {
				if finite(p.X) && finite(p.Y) {
					points = append(points, p)
				}
			}
			lines = append(lines, Line{Name: line.Name, Points: points})
		}
		charts[i].Lines = lines
		charts[i].Limits = slices.DeleteFunc(slices.Clone(charts[i].Limits), func(l LimitLine) bool { return !finite(l.Y) })
	}
	return charts
}

// filledTables copies tables so that an empty one is written as [], not null.
func filledTables(tables []Table) []Table {
	tables = slices.Clone(tables)
	for i := range tables {
		if tables[i].Columns == nil {
			tables[i].Columns = []Column{}
		}
		if tables[i].Rows == nil {
			tables[i].Rows = [][]string{}
		}
	}
	return tables
}
