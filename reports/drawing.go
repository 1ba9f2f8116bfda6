package reports

import "html/template"

// drawing is a chart as a page shows it: the block "chart" of parts.gohtml.
type drawing struct {
	Chart
	Wide, Narrow template.HTML
	Legend       []legendEntry
	// Order says how the entries of the legend stand in the picture, or "".
	Order string
}

// newDrawing draws a chart with a legend that says what each series shows.
func newDrawing(c Chart, legend []legendEntry) drawing {
	label := c.describe(legend)
	return drawing{
		Chart: c, Legend: legend, Order: c.order(),
		Wide: wideFrame.draw(c, label), Narrow: narrowFrame.draw(c, label),
	}
}

func drawings(charts []Chart) []drawing {
	all := make([]drawing, 0, len(charts))
	for _, c := range charts {
		all = append(all, newDrawing(c, c.legend()))
	}
	return all
}
