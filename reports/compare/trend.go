package compare

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"tollgate/reports"
)

// Trend is one metric over the runs of a history.
type Trend struct {
	Metric string `json:"metric"` // as [Metric].Name
	Text   string `json:"text"`
	Unit   string `json:"unit"`
	Goal   Goal   `json:"goal"`
	// Values has the figure of each run, nil where it has none in this unit.
	Values []*float64 `json:"values"`
	// LimitText and Limits are what the latest run with criteria for it asked for.
	LimitText string              `json:"limit_text,omitempty"`
	Limits    []reports.LimitLine `json:"limits,omitempty"`
	// Verdict is that of the latest run: the first that is not PASS where it has several criteria.
	Verdict reports.Verdict `json:"verdict,omitempty"`
}

// trends returns the trends of runs, in order of time.
func trends(runs []Run) []Trend {
	results := Loaded{Runs: runs}.Results()
	all := []Trend{}
	seen := map[string]bool{}
	for _, r := range slices.Backward(results) {
		for _, j := range r.Judgements {
			if name := j.MeasuredAs(); !seen[name] {
				seen[name] = true
				all = append(all, judgedTrend(results, j))
			}
		}
	}
	return append(all, latencyTrends(results)...)
}

func judgedTrend(results []reports.Result, j reports.Judgement) Trend {
	name := j.MeasuredAs()
	criteria := criteriaOf(results, name)
	t := Trend{Metric: name, Text: j.Text, Unit: j.Unit, Goal: goalOf(criteria).kind}
	var texts []string
	for _, c := range criteria {
		texts = append(texts, c.LimitText())
		t.Limits = append(t.Limits, reports.LimitLine{Name: "limit " + c.LimitText(), Y: c.Limit})
		if c.Upper != nil {
			t.Limits = append(t.Limits, reports.LimitLine{Name: "limit " + c.LimitText(), Y: *c.Upper})
		}
	}
	t.LimitText = strings.Join(texts, ", ")
	for i := range results {
		var value *float64
		if found := figures(results[i:i+1], name); len(found) > 0 && found[0].Unit == t.Unit {
			value = &found[0].Value
		}
		t.Values = append(t.Values, value)
	}
	for _, last := range results[len(results)-1].Judgements {
		if last.MeasuredAs() == name && (t.Verdict == "" || t.Verdict == reports.Pass) {
			t.Verdict = last.Verdict
		}
	}
	return t
}

// latencyTrends returns the quantiles of every histogram of the stage under test.
func latencyTrends(results []reports.Result) []Trend {
	var all []Trend
	seen := map[string]bool{}
	for _, r := range slices.Backward(results) {
		for _, h := range r.Histograms {
			if h.Series != r.Stage || seen[h.Name] {
				continue
			}
			seen[h.Name] = true
			_, shown := display(h.Unit)
			for _, q := range quantiles {
				t := Trend{
					Metric: h.Name + "." + q.name, Text: latencyText(h.Name, q.name), Unit: shown, Goal: GoalLower,
					Values: make([]*float64, len(results)),
				}
				for i := range results {
					if found, units := distributions(results[i:i+1], h.Name); len(found) > 0 && units[0] == h.Unit {
						value := found[0].quantile(q.q)
						t.Values[i] = &value
					}
				}
				all = append(all, t)
			}
		}
	}
	return all
}

func (t Trend) text() string { return describe(t.Text, t.Metric) }

// ends returns the first and the last value there is, nil of none.
func (t Trend) ends() (first, last *float64) {
	for _, v := range t.Values {
		if v == nil {
			continue
		}
		if first == nil {
			first = v
		}
		last = v
	}
	return first, last
}

// row is the trend as a row of the table.
func (t Trend) row(spark bool) []string {
	row := []string{t.text()}
	if spark {
		row = append(row, sparkline(t.Values))
	}
	first, last := t.ends()
	if first == nil {
		return append(row, "none", "none", "", t.LimitText, string(t.Verdict))
	}
	change := "0"
	switch {
	case *last == *first:
	case *first == 0:
		change = signed(*last, t.Unit)
	default:
		change = percentText(100 * (*last - *first) / math.Abs(*first))
	}
	return append(row, reports.Format(*first, t.Unit), reports.Format(*last, t.Unit), change, t.LimitText, string(t.Verdict))
}

// trendTable is the trends as a table, with sparklines for the terminal.
func (h History) trendTable(spark bool) reports.Table {
	right := func(name string) reports.Column { return reports.Column{Name: name, Align: reports.AlignRight} }
	t := reports.Table{Title: "Metrics over the runs", Columns: []reports.Column{{Name: "Metric"}}}
	if spark {
		t.Columns = append(t.Columns, reports.Column{Name: "Trend"})
	}
	t.Columns = append(t.Columns, right("First"), right("Last"), right("Change"), reports.Column{Name: "Limit"}, reports.Column{Name: "Verdict"})
	for _, trend := range h.Trends {
		t.Rows = append(t.Rows, trend.row(spark))
	}
	return t
}

// WriteHistoryTerminal writes histories for a person at a terminal: of each the
// runs, and a table with a sparkline of the latest 24 figures of every metric; then
// the files that could not be read.
func WriteHistoryTerminal(w io.Writer, histories []History, unreadable []Unreadable, o reports.TerminalOptions) error {
	page := reports.NewTextPage(o)
	verdicts := map[string]reports.Verdict{}
	for _, v := range []reports.Verdict{reports.Pass, reports.Fail, reports.NoData, reports.Skipped} {
		verdicts[string(v)] = v
	}
	for i, h := range histories {
		if i > 0 {
			page.Blank()
		}
		page.Paragraph("", "", h.heading())
		page.Paragraph("", "", h.lead())
		page.Blank()
		page.Table(h.trendTable(true), verdicts)
	}
	for i, u := range unreadable {
		if i == 0 && len(histories) > 0 {
			page.Blank()
		}
		page.Paragraph("unreadable", reports.NoData, fmt.Sprintf("%s: %s", u.Path, u.Why))
	}
	if err := page.Write(w); err != nil {
		return fmt.Errorf("history: %w", err)
	}
	return nil
}
