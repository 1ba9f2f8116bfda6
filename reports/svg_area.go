package reports

import "slices"

// soleWidth is the width in pixels of an area that has a single point.
const soleWidth = 12.0

// areas draws what was stacked from the top layer down to the lowest: each is
// filled to the foot of the drawing, and those below it cover all but its own share.
// So each layer's edge keeps its peaks however few of its points are drawn. Layers
// without points of their own are left out.
func (p *plot) areas(layers []Line) {
	edges := make([][]pixel, len(layers))
	for i, line := range p.series {
		edges[i] = p.pixels(line.Points)
		if len(edges[i]) == 1 {
			edges[i] = append(edges[i], pixel{edges[i][0].x + soleWidth, edges[i][0].y})
		}
	}
	foot := p.y.at(0)
	for i, edge := range slices.Backward(edges) {
		if len(layers[i].Points) == 0 {
			continue
		}
		last := edge[len(edge)-1]
		p.polygon(i, append(slices.Clone(edge), pixel{last.x, foot}, pixel{edge[0].x, foot}))
		below := []pixel{{edge[0].x, foot}, {last.x, foot}}
		if i > 0 {
			below = edges[i-1]
		}
		p.hatch(i, between(edge, below))
	}
}

// stack adds the lines up: the first stays, the second becomes the sum of the first
// two, and so on. A line counts as 0 where it has no point and another one has.
func stack(lines []Line) []Line {
	xs := everyX(lines)
	sums := make([]float64, len(xs))
	stacked := make([]Line, len(lines))
	for i, line := range lines {
		at := 0
		points := make([]Point, len(xs))
		for j, x := range xs {
			for ; at < len(line.Points) && line.Points[at].X <= x; at++ {
				sums[j] += line.Points[at].Y
			}
			points[j] = Point{X: x, Y: sums[j]}
		}
		stacked[i] = Line{Name: line.Name, Points: points}
	}
	return stacked
}

// everyX returns each X that a line has a point at, in order and once.
func everyX(lines []Line) []float64 {
	var xs []float64
	for _, line := range lines {
		if slices.EqualFunc(xs, line.Points, func(x float64, p Point) bool { return x == p.X }) {
			continue
		}
		for _, p := range line.Points {
			xs = append(xs, p.X)
		}
		slices.Sort(xs)
		xs = slices.Compact(xs)
	}
	return xs
}
