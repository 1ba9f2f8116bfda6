package reports

import (
	"cmp"
	"slices"
)

// curves draws each line, or a dot where it has a single point.
func (p *plot) curves() {
	for i, line := range p.series {
		switch points := p.pixels(line.Points); len(points) {
		case 0:
		case 1:
			p.dot(i, points[0].x, points[0].y)
		default:
			p.polyline(i, points)
		}
	}
}

// limits draws the limit lines with their names: above the highest, below the
// lowest of several. A name that would write over the one above it joins that one.
func (p *plot) limits(lines []LimitLine) {
	type label struct {
		at   float64
		text string
	}
	var labels []label
	sorted := slices.Clone(lines)
	slices.SortStableFunc(sorted, func(a, b LimitLine) int { return cmp.Compare(b.Y, a.Y) })
	for i, l := range sorted {
		at := p.y.at(l.Y)
		p.line("limit", p.x.from, at, p.x.to, at)
		next := label{at - 6, l.Name}
		lowest := i > 0 && i == len(sorted)-1 && at+lineHeight < p.y.from
		if lowest || next.at < lineHeight { // below its line, where there is room
			next.at = at + lineHeight
		}
		if n := len(labels); n > 0 && next.at-labels[n-1].at < lineHeight {
			labels[n-1].text += ", " + l.Name
			continue
		}
		labels = append(labels, next)
	}
	for _, l := range labels {
		p.text("limit-name", p.x.to, l.at, l.text)
	}
}
