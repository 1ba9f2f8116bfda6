package reports

import "math"

// Areas are told apart without colour by strokes over their fill: none, rising,
// dotted, upright, falling, a lattice. They are drawn as lines of their own, not as
// an SVG pattern, which Chromium prints as pictures of many megabytes.
const (
	hatchNone = iota
	hatchRising
	hatchDots
	hatchUpright
	hatchFalling
	hatchLattice
	hatchKinds
)

const (
	hatchGap  = 8.0 // pixels between two strokes
	hatchThin = 3.0 // height in pixels below which an area shows no strokes
	columnGap = 2.0 // pixels between two columns of a band
)

// hatchOf returns the strokes of a series. After the sixth, colours repeat and meet
// other strokes, as the dashes of lines do in the style sheet.
func hatchOf(series int) int {
	series %= seriesStyles
	return (series + series/hatchKinds) % hatchKinds
}

// band is an area between two edges, as columns that begin at left and stand
// columnGap apart. Y grows downwards.
type band struct {
	left        float64
	top, bottom []float64
}

// rectangle returns the band of a bar.
func rectangle(x, y, width, height float64) band {
	b := band{left: x}
	for range int(width/columnGap) + 1 {
		b.top, b.bottom = append(b.top, y), append(b.bottom, y+height)
	}
	return b
}

func (b band) x(column int) float64 { return b.left + columnGap*float64(column) }

// holds reports whether y lies in a column that is high enough for strokes.
func (b band) holds(column int, y float64) bool {
	return b.bottom[column]-b.top[column] >= hatchThin && y > b.top[column] && y < b.bottom[column]
}

// hatch draws the strokes of a series over a band.
func (c *canvas) hatch(series int, b band) {
	var path []byte
	class := "hatch"
	switch hatchOf(series) {
	case hatchNone:
		return
	case hatchRising:
		path = b.slanted(nil, -1)
	case hatchFalling:
		path = b.slanted(nil, 1)
	case hatchUpright:
		path = b.upright(nil)
	case hatchDots:
		class, path = "hatch dots", b.slanted(nil, 0)
	case hatchLattice:
		path = b.slanted(b.upright(nil), 0)
	}
	if len(path) > 0 {
		c.WriteString(`<path class="` + class + `" d="` + string(path) + `"/>`)
	}
}

// upright appends a stroke from edge to edge every hatchGap.
func (b band) upright(path []byte) []byte {
	for i := 2; i < len(b.top); i += int(hatchGap / columnGap) {
		if b.bottom[i]-b.top[i] >= hatchThin {
			path = appendStroke(path, pixel{b.x(i), b.top[i]}, pixel{b.x(i), b.bottom[i]})
		}
	}
	return path
}

// slanted appends those parts of parallel strokes that lie in the band: y grows by
// slope with every pixel to the right.
func (b band) slanted(path []byte, slope float64) []byte {
	low, high := math.Inf(1), math.Inf(-1) // of what the strokes' y is at x 0
	for i := range b.top {
		low, high = min(low, b.top[i]-slope*b.x(i)), max(high, b.bottom[i]-slope*b.x(i))
	}
	if !finite(high - low) {
		return path
	}
	for at := math.Ceil(low/hatchGap) * hatchGap; at < high; at += hatchGap {
		first := -1
		for i := range b.top {
			inside := b.holds(i, at+slope*b.x(i))
			if inside && first < 0 {
				first = i
			}
			if last := i - 1; first >= 0 && (!inside || i == len(b.top)-1) {
				if inside {
					last = i
				}
				if last > first {
					path = appendStroke(path, pixel{b.x(first), at + slope*b.x(first)}, pixel{b.x(last), at + slope*b.x(last)})
				}
				first = -1
			}
		}
	}
	return path
}

func appendStroke(path []byte, from, to pixel) []byte {
	path = appendPixel(append(path, 'M'), from, ' ')
	return appendPixel(append(path, 'L'), to, ' ')
}

// between returns the band between two lines that run from left to right, where both are.
func between(upper, lower []pixel) band {
	b := band{left: max(upper[0].x, lower[0].x)}
	end := min(upper[len(upper)-1].x, lower[len(lower)-1].x)
	at := [2]int{}
	for i := 0; b.x(i) <= end; i++ {
		b.top = append(b.top, heightAt(upper, b.x(i), &at[0]))
		b.bottom = append(b.bottom, heightAt(lower, b.x(i), &at[1]))
	}
	return b
}

// heightAt returns the line's y at x. Segment is where the search begins and where it
// ended, for the next x.
func heightAt(line []pixel, x float64, segment *int) float64 {
	for *segment < len(line)-2 && line[*segment+1].x < x {
		*segment++
	}
	from, to := line[*segment], line[min(*segment+1, len(line)-1)]
	if to.x <= from.x {
		return to.y
	}
	return from.y + (to.y-from.y)*(x-from.x)/(to.x-from.x)
}
