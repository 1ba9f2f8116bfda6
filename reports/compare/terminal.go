package compare

import (
	"fmt"
	"io"
	"strings"

	"tollgate/reports"
)

// colours are those of the verdicts, as the verdicts of criteria have them.
var colours = map[string]reports.Verdict{
	regressionText:  reports.Fail,
	string(Worse):   reports.Fail,
	string(Better):  reports.Pass,
	string(Unknown): reports.NoData,
}

// WriteTerminal writes the comparison for a person at a terminal: what is compared,
// the caveats, a table of the metrics, a paragraph for each that is worse or
// unknown and for each criterion that changed, and what came of it.
func WriteTerminal(w io.Writer, c Comparison, o reports.TerminalOptions) error {
	page := reports.NewTextPage(o)
	page.Paragraph("", "", c.heading())
	page.Paragraph("", "", "before: "+c.Before.text())
	page.Paragraph("", "", "after:  "+c.After.text())
	for _, caveat := range c.Caveats {
		page.Paragraph("CAVEAT", reports.NoData, caveat.String())
	}
	page.Blank()
	if len(c.Metrics) > 0 {
		page.Table(c.table(), colours)
		page.Blank()
	}
	if c.details(page) {
		page.Blank()
	}
	head, colour := c.outcome()
	page.Paragraph(head+":", colour, c.Scenario+": "+c.Summary())
	if err := page.Write(w); err != nil {
		return fmt.Errorf("comparison of %s: %w", c.Scenario, err)
	}
	return nil
}

// details writes the paragraphs below the table and reports whether there was one.
func (c Comparison) details(page *reports.TextPage) bool {
	wrote := false
	for _, m := range c.Metrics {
		if m.Verdict == Worse || m.Verdict == Unknown {
			page.Paragraph(m.verdictText(), colours[string(m.Verdict)], m.sentence())
			wrote = true
		}
	}
	for _, t := range c.Criteria {
		if !t.Changed() {
			continue
		}
		head, colour := "criterion", reports.Skipped
		if t.Regression {
			head, colour = regressionText, reports.Fail
		}
		page.Paragraph(head, colour, t.sentence())
		wrote = true
	}
	return wrote
}

// blocks of a sparkline, from the lowest value to the highest.
const blocks = "▁▂▃▄▅▆▇█"

// maxSpark is how many values a sparkline shows: the latest.
const maxSpark = 24

// sparkline draws the latest values between the least and the greatest of those it
// shows; a run without a figure is a dot. Values that are all the same lie low.
func sparkline(values []*float64) string {
	values = values[max(0, len(values)-maxSpark):]
	var low, high float64
	found := false
	for _, v := range values {
		if v == nil {
			continue
		}
		if !found {
			low, high, found = *v, *v, true
		}
		low, high = min(low, *v), max(high, *v)
	}
	steps := []rune(blocks)
	var b strings.Builder
	for _, v := range values {
		switch {
		case v == nil:
			b.WriteRune('·')
		case high == low:
			b.WriteRune(steps[0])
		default:
			share := (*v/2 - low/2) / (high/2 - low/2) // halves: the difference may not overflow
			b.WriteRune(steps[int(share*float64(len(steps)-1)+0.5)])
		}
	}
	return b.String()
}
