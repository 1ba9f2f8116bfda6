package reports

import (
	"bytes"
	"fmt"
	"html/template"
	"strconv"
	"strings"
)

// frame is the size of a drawing in its own pixels. A chart is drawn twice, once
// for a page and once for a phone, and the style sheet shows one of them.
type frame struct {
	class          string
	width, height  float64
	xTicks, yTicks int
	points         int  // of a line, at most
	namesAbove     bool // the names of bars stand above them
}

var (
	wideFrame   = frame{class: "wide", width: 920, height: 300, xTicks: 8, yTicks: 5, points: maxPoints}
	narrowFrame = frame{class: "narrow", width: 360, height: 240, xTicks: 4, yTicks: 4, points: maxPoints / 2, namesAbove: true}
)

// seriesStyles is how many lines, areas and parts of bars the style sheet and
// [hatchOf] tell apart, with and without colour: .l0 to .l11. More repeat them.
const seriesStyles = 12

func seriesClass(index int) string { return fmt.Sprintf("l%d", index%seriesStyles) }

// canvas collects the elements of one drawing. All text in it is escaped; classes
// and coordinates are this package's own.
type canvas struct{ strings.Builder }

// svg returns the drawing; label says what it shows to those who do not see it.
func (c *canvas) svg(class string, width, height float64, label string) template.HTML {
	head := fmt.Sprintf(`<svg class="%s" viewBox="0 0 %s %s" role="img" aria-label="%s">`, class, px(width), px(height), escape(label))
	return template.HTML(head + c.String() + `</svg>`) // every text in it went through escape
}

func (c *canvas) line(class string, x1, y1, x2, y2 float64) {
	fmt.Fprintf(c, `<line class="%s" x1="%s" x2="%s" y1="%s" y2="%s"/>`, class, px(x1), px(x2), px(y1), px(y2))
}

func (c *canvas) text(class string, x, y float64, text string) {
	fmt.Fprintf(c, `<text class="%s" x="%s" y="%s">%s</text>`, class, px(x), px(y), escape(text))
}

func (c *canvas) dot(series int, x, y float64) {
	fmt.Fprintf(c, `<circle class="dot %s" cx="%s" cy="%s" r="4"/>`, seriesClass(series), px(x), px(y))
}

func (c *canvas) polyline(series int, points []pixel) {
	c.points("polyline", "line", series, points)
}

func (c *canvas) polygon(series int, points []pixel) {
	c.points("polygon", "area", series, points)
}

func (c *canvas) points(element, class string, series int, points []pixel) {
	text := make([]byte, 0, 12*len(points))
	for i, p := range points {
		if i > 0 {
			text = append(text, ' ')
		}
		text = appendPixel(text, p, ',')
	}
	fmt.Fprintf(c, `<%s class="%s %s" points="%s"/>`, element, class, seriesClass(series), text)
}

// bar draws a part of a bar.
func (c *canvas) bar(series int, x, y, width, height float64) {
	fmt.Fprintf(c, `<rect class="area %s" x="%s" y="%s" width="%s" height="%s"/>`, seriesClass(series), px(x), px(y), px(width), px(height))
	c.hatch(series, rectangle(x, y, width, height))
}

// swatch returns the sample of a series that stands in the legend.
func swatch(series int, kind ChartKind) template.HTML {
	var c canvas
	c.WriteString(`<svg class="swatch" viewBox="0 0 28 14" aria-hidden="true">`)
	if kind == ChartStacked || kind == ChartBars {
		c.bar(series, 0, 0, 28, 14)
	} else {
		c.polyline(series, []pixel{{0, 7}, {28, 7}})
	}
	return template.HTML(c.String() + `</svg>`) // nothing in it but numbers and classes
}

// pixel is a place in a drawing.
type pixel struct{ x, y float64 }

func appendPixel(text []byte, p pixel, comma byte) []byte {
	text = append(appendPx(text, p.x), comma)
	return appendPx(text, p.y)
}

// px prints a coordinate with one decimal at most.
func px(v float64) string { return string(appendPx(nil, v)) }

func appendPx(text []byte, v float64) []byte {
	return bytes.TrimSuffix(strconv.AppendFloat(text, v, 'f', 1, 64), []byte(".0"))
}

func escape(s string) string { return template.HTMLEscapeString(printable(s)) }
