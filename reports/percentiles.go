package reports

import (
	"fmt"
	"math"
	"strings"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// chartPercentiles draws lines over an axis of percentiles: X is the logarithm of
// 1/(1-p) to the base of 10, which puts 0, 90, 99 and 99.9 % at equal distances. It
// is drawn from [Result.Histograms] and is no kind that a result may hold.
const chartPercentiles ChartKind = "percentiles"

// percentileSteps is how many points of a line there are between 90 and 99 %, and
// between any other two marks.
const percentileSteps = 50

// tabled are the percentiles that stand in figures beneath a chart. One that fewer
// values than it takes to have one above it would support is left out.
var tabled = []float64{50, 90, 95, 99, 99.9}

// distribution is one chart of percentiles with the table beneath it.
type distribution struct {
	Drawing drawing
	Table   Table
}

// distributions makes one chart for each name of histograms that stands in one unit,
// with all their series, in order of appearance. Microseconds become milliseconds.
func distributions(histograms []Histogram) ([]distribution, error) {
	type key struct{ name, unit string }
	var order []key
	groups := map[key][]Histogram{}
	for _, h := range histograms {
		k := key{h.Name, h.Unit}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], h)
	}
	var all []distribution
	for _, k := range order {
		d, err := newDistribution(k.name, k.unit, groups[k])
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	return all, nil
}

func newDistribution(name, unit string, histograms []Histogram) (distribution, error) {
	scale := 1.0
	if unit == "us" {
		scale, unit = 1e-3, "ms"
	}
	c := Chart{Title: name, Kind: chartPercentiles, Unit: unit, XLabel: "percentile"}
	table := percentileTable(name)
	var legend []legendEntry
	for i, h := range histograms {
		entry := legendEntry{Swatch: swatch(i, c.Kind), Name: h.Series, Text: "no data"}
		line := Line{Name: h.Series}
		row := []string{h.Series, "0", none, none, none, none, none, none}
		if h.Count > 0 {
			decoded, err := h.Decode()
			if err != nil {
				return distribution{}, err
			}
			line.Points = percentilePoints(decoded, scale)
			row = percentileRow(h.Series, unit, decoded, scale)
			entry.Text = fmt.Sprintf("highest %s of %s", row[len(row)-1], row[1])
			if row[2] != none {
				entry.Text = fmt.Sprintf("half within %s, %s", row[2], entry.Text)
			}
		}
		c.Lines = append(c.Lines, line)
		table.Rows = append(table.Rows, row)
		legend = append(legend, entry)
	}
	return distribution{Drawing: newDrawing(c, legend), Table: table}, nil
}

// none stands where there is no figure.
const none = "–"

func percentileTable(name string) Table {
	columns := []Column{{Name: "Series"}, {Name: "Count", Align: AlignRight}}
	for _, p := range tabled {
		columns = append(columns, Column{Name: fmt.Sprintf("p%v", p), Align: AlignRight})
	}
	columns = append(columns, Column{Name: "Max", Align: AlignRight})
	return Table{
		Title:   "Percentiles of " + name,
		Note:    "A percentile that there are too few values for is left out.",
		Columns: columns,
	}
}

func percentileRow(series, unit string, h *hdrhistogram.Histogram, scale float64) []string {
	row := []string{series, Format(float64(h.TotalCount()), "")}
	for i, v := range h.ValueAtPercentilesSlice(tabled) {
		text := none
		if float64(h.TotalCount())*(100-tabled[i])/100 >= 1-1e-9 {
			text = Format(float64(v)*scale, unit)
		}
		row = append(row, text)
	}
	return append(row, Format(float64(h.Max())*scale, unit))
}

// percentilePoints returns the line of a histogram that is not empty, from the lowest
// value to that percentile which only the highest is above.
func percentilePoints(h *hdrhistogram.Histogram, scale float64) []Point {
	highest := Point{X: math.Log10(float64(h.TotalCount())), Y: float64(h.Max()) * scale}
	if h.TotalCount() == 1 {
		return []Point{highest}
	}
	var xs, percentiles []float64
	for i := 0; float64(i)/percentileSteps < highest.X; i++ {
		xs = append(xs, float64(i)/percentileSteps)
	}
	xs = append(xs, highest.X)
	for _, x := range xs {
		percentiles = append(percentiles, 100*(1-math.Pow(10, -x)))
	}
	points := make([]Point, 0, len(xs)+1)
	for i, v := range h.ValueAtPercentilesSlice(percentiles) {
		points = append(points, Point{X: xs[i], Y: float64(v) * scale})
	}
	return append(points, highest)
}

// percentileMarks marks an axis of percentiles up to x with 0 %, 90 %, 99 % and so on.
func percentileMarks(x float64) []mark {
	all := []mark{{0, "0 %"}}
	for nines := 1; float64(nines) <= x+1e-9; nines++ {
		text := strings.Repeat("9", nines) // 90 has one digit more than it has nines
		switch {
		case nines == 1:
			text = "90"
		case nines > 2:
			text = text[:2] + "." + text[2:]
		}
		all = append(all, mark{float64(nines), text + " %"})
	}
	return all
}
