package reports

import (
	"fmt"
	"html/template"
	"strings"
)

// legendEntry is one line of a chart's legend.
type legendEntry struct {
	Swatch template.HTML
	Name   string
	// Text says in words what the series shows: "highest 45, last 33".
	Text string
}

// legend says what each series shows, in the order in which they are drawn.
func (c Chart) legend() []legendEntry {
	entries := make([]legendEntry, 0, len(c.Lines))
	for i, line := range c.Lines {
		entries = append(entries, legendEntry{Swatch: swatch(i, c.Kind), Name: line.Name, Text: c.inWords(line)})
	}
	return entries
}

// order says how the entries of the legend stand in the drawing, or "".
func (c Chart) order() string {
	switch {
	case len(c.Lines) < 2:
		return ""
	case c.Kind == ChartStacked:
		return "From the bottom up"
	case c.Kind == ChartBars:
		return "From left to right"
	default:
		return ""
	}
}

func (c Chart) inWords(l Line) string {
	if len(l.Points) == 0 {
		return "no data"
	}
	_, high := extremes(l.Points)
	highest := "highest " + Format(l.Points[high].Y, c.Unit)
	if c.Kind == ChartBars {
		if l.Points[high].Y == 0 {
			return highest
		}
		return fmt.Sprintf("%s (%s)", highest, c.Categories[int(l.Points[high].X)])
	}
	last := l.Points[len(l.Points)-1]
	return fmt.Sprintf("%s, last %s", highest, Format(last.Y, c.Unit))
}

// describe says in one sentence what the chart shows, for those who do not see it.
func (c Chart) describe(legend []legendEntry) string {
	var parts []string
	if c.Kind == ChartBars {
		for _, b := range c.bars() {
			parts = append(parts, b.name+": "+b.inWords(c))
		}
	} else {
		for _, e := range legend {
			parts = append(parts, e.Name+": "+e.Text)
		}
	}
	for _, l := range c.Limits {
		parts = append(parts, l.Name+" at "+Format(l.Y, c.Unit))
	}
	return fmt.Sprintf("%s, %s by %s. %s.", c.kindInWords(), c.Title, c.XLabel, strings.Join(parts, "; "))
}

func (c Chart) kindInWords() string {
	switch c.Kind {
	case ChartStacked:
		return "Stacked areas"
	case ChartBars:
		return "Bar chart"
	case chartPercentiles:
		return "Percentiles"
	default:
		return "Line chart"
	}
}

// hasData reports whether there is anything to draw.
func (c Chart) hasData() bool {
	for _, line := range c.Lines {
		if len(line.Points) > 0 {
			return true
		}
	}
	return false
}
