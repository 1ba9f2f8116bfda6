package compare

import (
	"io"

	"tollgate/reports"
)

// WriteHistoryHTML writes histories as one self-contained page: for each the trends and the runs as tables, and a chart for each
// trend with figures, over the number of the run, with the limits of the latest run.
func WriteHistoryHTML(w io.Writer, histories []History, unreadable []Unreadable) error {
	p := reports.Page{Eyebrow: "Tollgate history", Title: "How results went over time"}
	for _, h := range histories {
		p.Sections = append(p.Sections, h.section())
	}
	if len(unreadable) > 0 {
		s := reports.Section{Title: "Files that could not be read"}
		for _, u := range unreadable {
			s.Items = append(s.Items, reports.Item{Label: u.Path, Text: u.Why})
		}
		p.Sections = append(p.Sections, s)
	}
	return reports.WritePage(w, p)
}

// section is one history as a part of a page.
func (h History) section() reports.Section {
	s := reports.Section{Title: h.heading(), Text: h.lead(), Tables: []reports.Table{h.trendTable(false), h.runTable()}}
	for _, t := range h.Trends {
		line := reports.Line{Name: t.Metric}
		for i, v := range t.Values {
			if v != nil {
				line.Points = append(line.Points, reports.Point{X: float64(i + 1), Y: *v})
			}
		}
		if len(line.Points) > 0 {
			s.Charts = append(s.Charts, reports.Chart{
				Title: t.text(), Kind: reports.ChartLines, Unit: t.Unit, XLabel: "number of the run",
				Lines: []reports.Line{line}, Limits: t.Limits,
			})
		}
	}
	return s
}
