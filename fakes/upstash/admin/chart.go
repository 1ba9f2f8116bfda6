package admin

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"tollgate/fakes/upstash/ledger"
)

// maxLayers is how many components a chart tells apart; all others are one more layer. The style sheet has a colour
// for each.
const maxLayers = 5

// The size of a drawing, in its own units; the page stretches it.
const (
	chartWidth  = 600
	chartHeight = 100
)

// chart is a drawing of the latest slots of a timeline: layers on top of each other.
type chart struct {
	ID, Title string
	// Span is how far back it goes, Last and Peak what its latest full slot and its highest one have, Unit what of.
	Span       time.Duration
	Last, Peak int64
	Unit       string
	// Top is the highest value of the axis.
	Top int64
	// Layers are in the order to draw them: each covers part of the one before.
	Layers []layer
	Width  int
	Height int
}

// Legend is the layers from below.
func (c chart) Legend() []layer {
	layers := slices.Clone(c.Layers)
	slices.Reverse(layers)
	return layers
}

// layer is the outline of the share of one component and of those below it.
type layer struct {
	Name   string
	Colour int // of the style sheet
	Path   string
}

// billedChart draws what was billed in the latest slots, by groups of components.
func billedChart(id, title, unit string, t ledger.Timeline, groups []group, n int) chart {
	slots := latest(t.Slots, n)
	stack := make([][]int64, len(groups)) // the height of each group with those below it, by slot
	for i, group := range groups {
		stack[i] = make([]int64, len(slots))
		for at, slot := range slots {
			if i > 0 {
				stack[i][at] = stack[i-1][at]
			}
			for _, column := range group.columns {
				stack[i][at] += slot.Billed[column]
			}
		}
	}
	c := newChart(id, title, unit, t.Step, n)
	if len(stack) > 0 {
		c.scale(stack[len(stack)-1])
	}
	for i, heights := range slices.Backward(stack) {
		c.Layers = append(c.Layers, layer{Name: groups[i].name, Colour: i, Path: c.outline(heights, n)})
	}
	return c
}

// openChart draws how many TCP connections were open in the latest slots.
func openChart(id, title, unit string, t ledger.Timeline, n int) chart {
	slots := latest(t.Slots, n)
	heights := make([]int64, len(slots))
	for at, slot := range slots {
		heights[at] = slot.Open
	}
	c := newChart(id, title, unit, t.Step, n)
	c.scale(heights)
	c.Layers = []layer{{Name: "open", Path: c.outline(heights, n)}}
	return c
}

func newChart(id, title, unit string, step time.Duration, n int) chart {
	return chart{ID: id, Title: title, Unit: unit, Span: time.Duration(n) * step, Top: 1, Width: chartWidth, Height: chartHeight}
}

func latest(slots []ledger.Slot, n int) []ledger.Slot { return slots[max(0, len(slots)-n):] }

// group is the columns of a timeline that are drawn as one.
type group struct {
	name    string
	columns []int
	billed  int64
}

// groupsOf are the components that cost most, in the order of their columns so that each keeps its colour, then all
// others that cost anything.
func groupsOf(t ledger.Timeline) []group {
	var groups []group
	for column, name := range t.Components {
		g := group{name: name, columns: []int{column}}
		for _, slot := range t.Slots {
			g.billed += slot.Billed[column]
		}
		if g.billed > 0 {
			groups = append(groups, g)
		}
	}
	dearest := slices.SortedStableFunc(slices.Values(groups), func(a, b group) int { return cmp.Compare(b.billed, a.billed) })
	top, rest := dearest[:min(len(dearest), maxLayers)], dearest[min(len(dearest), maxLayers):]
	slices.SortFunc(top, func(a, b group) int { return cmp.Compare(a.columns[0], b.columns[0]) })
	if len(rest) == 0 {
		return top
	}
	others := group{name: fmt.Sprintf("%d others", len(rest))}
	for _, g := range rest {
		others.columns = append(others.columns, g.columns...)
	}
	return append(slices.Clone(top), others)
}

// scale fits the axis to the heights: its top is 1, 2 or 5 times a power of ten, or 0 is.
func (c *chart) scale(heights []int64) {
	if len(heights) == 0 {
		return
	}
	c.Peak, c.Last = slices.Max(heights), heights[max(0, len(heights)-2)]
	for base := int64(1); ; base *= 10 {
		for _, factor := range []int64{1, 2, 5} {
			if c.Top = base * factor; c.Top >= c.Peak {
				return
			}
		}
	}
}

// outline is the path around n steps of those heights, the last of them at the right edge. Where there are fewer, it
// begins later.
func (c *chart) outline(heights []int64, n int) string {
	x := func(slot int) float64 { return float64(chartWidth) * float64(slot) / float64(n) }
	var d strings.Builder
	first := n - len(heights)
	fmt.Fprintf(&d, "M%.1f %d", x(first), chartHeight)
	for at, height := range heights {
		if at == 0 || height != heights[at-1] {
			fmt.Fprintf(&d, "H%.1fV%.1f", x(first+at), chartHeight*(1-float64(height)/float64(c.Top)))
		}
	}
	fmt.Fprintf(&d, "H%dV%dZ", chartWidth, chartHeight)
	return d.String()
}
