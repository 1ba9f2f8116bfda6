package reports

import (
	"cmp"
	"html/template"
	"slices"
)

const (
	barHeight = 16.0
	barGap    = 12.0 // between one category and the next
	// nameIndent is where the name above a bar begins, clear of the axis.
	nameIndent = 6.0
	// nameShare is the part of a wide drawing that the names of the categories get at
	// most, textShare the part of any that the values get.
	nameShare, textShare = 0.4, 0.35
)

// barPlot is a drawing of horizontal bars, one below the other.
type barPlot struct {
	canvas
	frame frame
	bars  []bar
	names [][]string // of each bar, by line
	texts []string   // the value of each bar
	tops  []float64  // where the room of each begins
	top   float64    // where that of the first begins
	foot  float64    // where that of the last ends
	x     axis
}

// drawBars draws a bar for each category, its parts from left to right and its value
// at the end. Names stand beside the bars, or above them on a narrow drawing, on as
// many lines as they need; the drawing grows with them.
func (f frame) drawBars(c Chart, label string) template.HTML {
	p := barPlot{frame: f, bars: c.bars()}
	p.layOut(c)
	for _, m := range p.x.marks() {
		p.line("grid", p.x.at(m.value), p.top, p.x.at(m.value), p.foot)
	}
	p.scale(p.x, p.foot, p.frame.width, c.XLabel)
	if len(p.bars) == 0 {
		p.text("middle", (p.x.from+p.x.to)/2, p.foot-8, "no data")
	}
	for i := range p.bars {
		p.row(i)
	}
	p.line("axis", p.x.at(0), p.top, p.x.at(0), p.foot)
	p.limits(c.Limits)
	return p.svg(f.class, f.width, p.foot+marginFoot, label)
}

// layOut decides how much room names, bars and values get.
func (p *barPlot) layOut(c Chart) {
	low, high := 0.0, 0.0
	for _, b := range p.bars {
		barLow, barHigh := b.extent()
		low, high = min(low, barLow), max(high, barHigh)
	}
	for _, l := range c.Limits {
		low, high = min(low, l.Y), max(high, l.Y)
	}
	p.write(c.Unit)
	from := 0.0
	if !p.frame.namesAbove {
		for _, name := range p.names {
			from = max(from, widest(name)+8)
		}
	}
	p.x = newAxis(low, high, from+1, p.frame.width-widest(p.texts)-8, p.frame.xTicks, false)
	p.top = lineHeight * float64(len(c.Limits))
	at := p.top + barGap/2
	for i := range p.bars {
		p.tops = append(p.tops, at)
		at += p.height(i) + barGap
	}
	p.foot = max(at-barGap/2, p.top+2*lineHeight)
}

// write breaks the names into lines and decides whether the values name their parts.
func (p *barPlot) write(unit string) {
	room := p.frame.width - nameIndent
	if !p.frame.namesAbove {
		room = p.frame.width * nameShare
	}
	for _, b := range p.bars {
		p.names = append(p.names, wrapPixels(b.name, room))
		p.texts = append(p.texts, b.text(unit, true))
	}
	if widest(p.texts) > p.frame.width*textShare {
		for i, b := range p.bars {
			p.texts[i] = b.text(unit, false)
		}
	}
}

// height is the room that a bar takes with its name.
func (p *barPlot) height(i int) float64 {
	name := lineHeight * float64(len(p.names[i]))
	if p.frame.namesAbove {
		return name + barHeight
	}
	return max(name, barHeight)
}

// row draws a bar with its name and its value.
func (p *barPlot) row(i int) {
	top := p.tops[i]
	middle := top + p.height(i)/2
	if p.frame.namesAbove {
		middle = top + p.height(i) - barHeight/2
		for n, line := range p.names[i] {
			p.text("name", nameIndent, top+lineHeight*float64(n)+11, line)
		}
	} else {
		first := middle - lineHeight*float64(len(p.names[i])-1)/2 + 4
		for n, line := range p.names[i] {
			p.text("name end", p.x.from-8, first+lineHeight*float64(n), line)
		}
	}
	left, right := 0.0, 0.0
	for series, value := range p.bars[i].parts {
		from := &right
		if value < 0 {
			from = &left
		}
		to := *from + value
		start, end := p.x.at(min(*from, to)), p.x.at(max(*from, to))
		*from = to
		if end-start > 0 {
			p.bar(series, start, middle-barHeight/2, end-start, barHeight)
		}
	}
	p.text("value", p.x.at(right)+6, middle+4, p.texts[i])
}

// limits draws limits as upright lines with their names above, the highest on top.
func (p *barPlot) limits(lines []LimitLine) {
	sorted := slices.SortedStableFunc(slices.Values(lines), func(a, b LimitLine) int { return cmp.Compare(b.Y, a.Y) })
	for i, l := range sorted {
		at, above := p.x.at(l.Y), lineHeight*float64(i)
		p.line("limit", at, above+lineHeight, at, p.foot)
		width := textWidth(l.Name)
		p.text("limit-name", max(width, min(at+width/2, p.frame.width)), above+12, l.Name)
	}
}
