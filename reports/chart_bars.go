package reports

import "strings"

// bar is one category of a bar chart with its parts.
type bar struct {
	name  string
	parts []float64 // by series; nil where there is no data
}

// bars turns the lines of a bar chart into its bars. A bar that has any part has all,
// of 0 where there is no point.
func (c Chart) bars() []bar {
	all := make([]bar, len(c.Categories))
	for i, name := range c.Categories {
		all[i].name = name
	}
	for series, line := range c.Lines {
		for _, p := range line.Points {
			at := &all[int(p.X)]
			if at.parts == nil {
				at.parts = make([]float64, len(c.Lines))
			}
			at.parts[series] += p.Y
		}
	}
	return all
}

func (b bar) total() float64 {
	total := 0.0
	for _, value := range b.parts {
		total += value
	}
	return total
}

// extent returns where the bar begins and ends on its axis: parts below 0 add up to
// the left of it.
func (b bar) extent() (low, high float64) {
	for _, value := range b.parts {
		low, high = low+min(value, 0), high+max(value, 0)
	}
	return low, high
}

// text returns the value of the bar; split names its parts too, where there are
// several, in the order in which they stand: "119 = 115 + 4 + 0".
func (b bar) text(unit string, split bool) string {
	if len(b.parts) == 0 {
		return "no data"
	}
	total := Format(b.total(), unit)
	if !split || len(b.parts) < 2 {
		return total
	}
	var parts []string
	for _, value := range b.parts {
		parts = append(parts, Format(value, ""))
	}
	return total + " = " + strings.Join(parts, " + ")
}

// inWords returns the value and each part by its name: "119 (at once 115, retried 4)".
func (b bar) inWords(c Chart) string {
	var parts []string
	for i, value := range b.parts {
		parts = append(parts, c.Lines[i].Name+" "+Format(value, c.Unit))
	}
	if len(parts) < 2 {
		return b.text(c.Unit, false)
	}
	return b.text(c.Unit, false) + " (" + strings.Join(parts, ", ") + ")"
}
