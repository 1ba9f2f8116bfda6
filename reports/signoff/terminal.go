package signoff

import (
	"io"

	"tollgate/reports"
)

// WriteTerminal writes the report for a person at a terminal or a reader of a CI log: the decision, the key figures, and what
// to look at.
func WriteTerminal(w io.Writer, r Report, o reports.TerminalOptions) error {
	p := reports.NewTextPage(o)
	p.Paragraph("", "", "Sign-off: "+lead(r))
	p.Blank()
	p.Table(keyTable(r), map[string]reports.Verdict{
		string(reports.Pass): reports.Pass, string(reports.Fail): reports.Fail, string(reports.NoData): reports.NoData,
	})
	p.Blank()
	for _, point := range r.Points {
		text := point.Text
		if point.Scenario != "" {
			text = point.Scenario + ": " + text
		}
		p.Paragraph("LOOK AT", reports.NoData, text)
	}
	if len(r.Points) > 0 {
		p.Blank()
	}
	p.Paragraph(string(r.Decision)+":", r.verdict(), r.Reason+".")
	return p.Write(w)
}

// keyTable is what decides, with its limits.
func keyTable(r Report) reports.Table {
	right := reports.AlignRight
	t := reports.Table{Columns: []reports.Column{
		{Name: "What"}, {Name: "Value", Align: right}, {Name: "Limit"}, {Name: "Margin", Align: right}, {Name: "Verdict"},
	}}
	for _, j := range key(r) {
		t.Rows = append(t.Rows, []string{j.Text, j.ValueText(), j.LimitText(), j.MarginText(), string(j.Verdict)})
	}
	for _, name := range r.Missing {
		t.Rows = append(t.Rows, []string{name, "not run", "", "", string(reports.NoData)})
	}
	return t
}
