package reports

import (
	"html/template"
	"math"
	"strings"
)

// The room around the area that a chart's values take.
const (
	marginTop  = 14.0
	marginEnd  = 14.0
	marginFoot = 42.0
)

// draw returns the chart as an SVG element; label says in words what it shows.
func (f frame) draw(c Chart, label string) template.HTML {
	if c.Kind == ChartBars {
		return f.drawBars(c, label)
	}
	p := plot{frame: f, series: c.Lines}
	if c.Kind == ChartStacked {
		p.series = stack(c.Lines)
	}
	p.layOut(c)
	p.scales(c)
	if c.Kind == ChartStacked {
		p.areas(c.Lines)
	} else {
		p.curves()
	}
	p.limits(c.Limits)
	return p.svg(f.class, f.width, f.height, label)
}

// plot is a drawing between two axes.
type plot struct {
	canvas
	frame  frame
	series []Line // as they are drawn: stacked ones are added up
	x, y   axis
}

// layOut decides on both axes. Y begins at 0 unless there are values below it.
func (p *plot) layOut(c Chart) {
	xLow, xHigh := math.Inf(1), math.Inf(-1)
	yLow, yHigh := 0.0, math.Inf(-1)
	for _, line := range p.series {
		for _, at := range line.Points {
			xLow, xHigh = min(xLow, at.X), max(xHigh, at.X)
			yLow, yHigh = min(yLow, at.Y), max(yHigh, at.Y)
		}
	}
	for _, l := range c.Limits {
		yLow, yHigh = min(yLow, l.Y), max(yHigh, l.Y)
	}
	if xHigh < xLow {
		xLow, xHigh = 0, 1
	}
	top := marginTop
	if suffix(c.Unit) != "" {
		top += lineHeight // the unit stands above the axis
	}
	p.y = newAxis(yLow, yHigh, p.frame.height-marginFoot, top, p.frame.yTicks, true)
	left := 0.0
	for _, m := range p.y.marks() {
		left = max(left, textWidth(m.text))
	}
	p.x = newAxis(xLow, xHigh, left+12, p.frame.width-marginEnd, p.frame.xTicks, false)
	if c.Kind == chartPercentiles {
		p.x.named = percentileMarks(xHigh)
	}
}

// scales draws the axes, what they are marked with and their names.
func (p *plot) scales(c Chart) {
	if !c.hasData() && len(c.Limits) == 0 {
		p.line("axis", p.x.from, p.y.from, p.x.to, p.y.from)
		p.text("middle", (p.x.from+p.x.to)/2, (p.y.from+p.y.to)/2, "no data")
		return
	}
	for _, m := range p.y.marks() {
		at := p.y.at(m.value)
		p.line("grid", p.x.from, at, p.x.to, at)
		p.text("end", p.x.from-8, at+4, m.text)
	}
	p.scale(p.x, p.y.from, p.frame.width, c.XLabel)
	p.line("axis", p.x.from, p.y.from, p.x.to, p.y.from)
	if unit := strings.TrimSpace(suffix(c.Unit)); unit != "" {
		p.text("unit", 0, 12, unit)
	}
}

// scale marks a horizontal axis at height y, with as many texts as find room within
// width, and writes its name beneath.
func (c *canvas) scale(x axis, y, width float64, name string) {
	free := 0.0
	for _, m := range x.marks() {
		c.line("tick", x.at(m.value), y, x.at(m.value), y+5)
		half := textWidth(m.text) / 2
		middle := min(x.at(m.value), width-half)
		if middle-half < free {
			continue
		}
		c.text("middle", middle, y+19, m.text)
		free = middle + half + glyphSlim
	}
	c.text("middle", (x.from+x.to)/2, y+36, name)
}

// pixels maps points to the drawing, no more of them than can be seen.
func (p *plot) pixels(points []Point) []pixel {
	points = downsample(points, p.frame.points)
	out := make([]pixel, len(points))
	for i, at := range points {
		out[i] = pixel{p.x.at(at.X), p.y.at(at.Y)}
	}
	return out
}
