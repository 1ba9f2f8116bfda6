package reports

import (
	"cmp"
	"fmt"
	"html/template"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// lineColours is how many colours the style sheet has for lines: .l0 to .l5.
const lineColours = 6

// frame is the size of a drawing in its own pixels. A chart is drawn twice, once
// for a page and once for a phone, and the style sheet shows one of them.
type frame struct {
	class          string
	width, height  float64
	xTicks, yTicks int
	points         int
}

var (
	wideFrame   = frame{class: "wide", width: 920, height: 300, xTicks: 8, yTicks: 5, points: maxPoints}
	narrowFrame = frame{class: "narrow", width: 360, height: 240, xTicks: 4, yTicks: 4, points: maxPoints / 2}
)

const (
	glyph      = 7.0 // width of a digit at the chart's font size
	marginTop  = 14.0
	marginEnd  = 14.0
	marginFoot = 42.0
	lineHeight = 15.0
)

// draw returns the chart as an SVG element. All text in it is escaped.
func (f frame) draw(c Chart) template.HTML {
	x, y := f.axes(c)
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="%s" viewBox="0 0 %s %s" role="img" aria-label="%s">`,
		f.class, px(f.width), px(f.height), escape(c.describe()))
	for _, tick := range y.ticks() {
		fmt.Fprintf(&b, `<line class="grid" x1="%s" x2="%s" y1="%s" y2="%[3]s"/>`, px(x.from), px(x.to), px(y.at(tick)))
		fmt.Fprintf(&b, `<text class="end" x="%s" y="%s">%s</text>`, px(x.from-8), px(y.at(tick)+4), escape(tickText(tick, y.step)))
	}
	for _, tick := range x.ticks() {
		fmt.Fprintf(&b, `<line class="tick" x1="%s" x2="%[1]s" y1="%s" y2="%s"/>`, px(x.at(tick)), px(y.from), px(y.from+5))
		fmt.Fprintf(&b, `<text class="middle" x="%s" y="%s">%s</text>`, px(x.at(tick)), px(y.from+19), escape(tickText(tick, x.step)))
	}
	fmt.Fprintf(&b, `<line class="axis" x1="%s" x2="%s" y1="%s" y2="%[3]s"/>`, px(x.from), px(x.to), px(y.from))
	fmt.Fprintf(&b, `<text class="middle" x="%s" y="%s">%s</text>`, px((x.from+x.to)/2), px(f.height-6), escape(c.XLabel))
	if unit := strings.TrimSpace(suffix(c.Unit)); unit != "" {
		fmt.Fprintf(&b, `<text x="0" y="12">%s</text>`, escape(unit))
	}
	for i, line := range c.Lines {
		f.line(&b, i, line, x, y)
	}
	limits(&b, c.Limits, x, y)
	b.WriteString(`</svg>`)
	return template.HTML(b.String()) // every text in it went through escape
}

// axes lays out both axes. Y begins at 0 unless there are values below it.
func (f frame) axes(c Chart) (x, y axis) {
	xLow, xHigh := math.Inf(1), math.Inf(-1)
	yLow, yHigh := 0.0, math.Inf(-1)
	for _, line := range c.Lines {
		for _, p := range line.Points {
			xLow, xHigh = min(xLow, p.X), max(xHigh, p.X)
			yLow, yHigh = min(yLow, p.Y), max(yHigh, p.Y)
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
	y = newAxis(yLow, yHigh, f.height-marginFoot, top, f.yTicks, true)
	left := 0
	for _, tick := range y.ticks() {
		left = max(left, utf8.RuneCountInString(tickText(tick, y.step)))
	}
	x = newAxis(xLow, xHigh, float64(left)*glyph+12, f.width-marginEnd, f.xTicks, false)
	return x, y
}

// line draws one line, or a dot where it has a single point.
func (f frame) line(b *strings.Builder, index int, line Line, x, y axis) {
	points := downsample(line.Points, f.points)
	class := fmt.Sprintf("l%d", index%lineColours)
	switch len(points) {
	case 0:
		return
	case 1:
		fmt.Fprintf(b, `<circle class="dot %s" cx="%s" cy="%s" r="4"/>`, class, px(x.at(points[0].X)), px(y.at(points[0].Y)))
		return
	}
	fmt.Fprintf(b, `<polyline class="line %s" points="`, class)
	for i, p := range points {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(px(x.at(p.X)) + "," + px(y.at(p.Y)))
	}
	b.WriteString(`"/>`)
}

// limits draws the limit lines with their names: above the highest, below the
// lowest of several. A name that would write over the one above it joins that one.
func limits(b *strings.Builder, lines []LimitLine, x, y axis) {
	type label struct {
		at   float64
		text string
	}
	var labels []label
	sorted := slices.Clone(lines)
	slices.SortStableFunc(sorted, func(a, c LimitLine) int { return cmp.Compare(c.Y, a.Y) })
	for i, l := range sorted {
		at := y.at(l.Y)
		fmt.Fprintf(b, `<line class="limit" x1="%s" x2="%s" y1="%s" y2="%[3]s"/>`, px(x.from), px(x.to), px(at))
		next := label{at - 6, l.Name}
		lowest := i > 0 && i == len(sorted)-1 && at+lineHeight < y.from
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
		fmt.Fprintf(b, `<text class="limit-name" x="%s" y="%s">%s</text>`, px(x.to), px(l.at), escape(l.text))
	}
}

// px prints a coordinate with one decimal at most.
func px(v float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
}

// tickText prints a tick with the decimals that its step needs.
func tickText(value, step float64) string {
	places := max(0, -int(math.Floor(math.Log10(step)+1e-9)))
	if places > 9 || math.Abs(value) >= largestPlain {
		return strconv.FormatFloat(value, 'g', significant, 64)
	}
	return group(strconv.FormatFloat(value+0, 'f', places, 64))
}

func escape(s string) string { return template.HTMLEscapeString(printable(s)) }
