package reports

import (
	"fmt"
	"strings"
)

// legendEntry is one line of a chart's legend.
type legendEntry struct {
	Class string
	Name  string
	// Text says in words what the line shows: "highest 45, last 33".
	Text string
}

func (c Chart) legend() []legendEntry {
	entries := make([]legendEntry, 0, len(c.Lines))
	for i, line := range c.Lines {
		entries = append(entries, legendEntry{
			Class: fmt.Sprintf("l%d", i%lineColours),
			Name:  line.Name,
			Text:  line.inWords(c.Unit),
		})
	}
	return entries
}

func (l Line) inWords(unit string) string {
	if len(l.Points) == 0 {
		return "no data"
	}
	_, high := extremes(l.Points)
	last := l.Points[len(l.Points)-1]
	return fmt.Sprintf("highest %s, last %s", Format(l.Points[high].Y, unit), Format(last.Y, unit))
}

// describe says in one sentence what the chart shows, for those who do not see it.
func (c Chart) describe() string {
	var parts []string
	for _, e := range c.legend() {
		parts = append(parts, e.Name+": "+e.Text)
	}
	for _, l := range c.Limits {
		parts = append(parts, l.Name+" at "+Format(l.Y, c.Unit))
	}
	return fmt.Sprintf("Line chart, %s by %s. %s.", c.Title, c.XLabel, strings.Join(parts, "; "))
}
