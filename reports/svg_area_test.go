package reports

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func number(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	return v
}

func TestStack(t *testing.T) {
	stacked := stack([]Line{
		{Name: "a", Points: []Point{{0, 1}, {1, 2}, {2, 3}}},
		{Name: "b", Points: []Point{{0, 10}, {1, 20}, {2, 30}}},
		{Name: "nothing"},
		{Name: "late", Points: []Point{{1, 100}, {5, 500}}},
	})
	require.Equal(t, []Line{
		{Name: "a", Points: []Point{{0, 1}, {1, 2}, {2, 3}, {5, 0}}},
		{Name: "b", Points: []Point{{0, 11}, {1, 22}, {2, 33}, {5, 0}}},
		{Name: "nothing", Points: []Point{{0, 11}, {1, 22}, {2, 33}, {5, 0}}},
		{Name: "late", Points: []Point{{0, 11}, {1, 122}, {2, 33}, {5, 500}}},
	}, stacked)
	require.Empty(t, stack(nil))
}

// TestAreasKeepPeaks: a peak of any layer is seen however many points there are, and
// the top layer is drawn first, so that no layer hides one below it.
func TestAreasKeepPeaks(t *testing.T) {
	lines := []Line{{Name: "low"}, {Name: "high"}}
	for i := range 43_200 {
		y := 10.0
		if i == 17_333 {
			y = 100
		}
		lines[0].Points = append(lines[0].Points, Point{float64(i), y})
		lines[1].Points = append(lines[1].Points, Point{float64(i), 20})
	}
	svg := string(wideFrame.draw(Chart{Kind: ChartStacked, Lines: lines}, ""))
	areas := regexp.MustCompile(`<polygon class="area (l\d)" points="([^"]*)"`).FindAllStringSubmatch(svg, -1)
	require.Len(t, areas, 2)
	require.Equal(t, "l1", areas[0][1])
	require.Equal(t, "l0", areas[1][1])
	var tops []float64
	for _, a := range areas {
		top := wideFrame.height
		for _, p := range strings.Fields(a[2]) {
			_, y, _ := strings.Cut(p, ",")
			top = min(top, number(t, y))
		}
		tops = append(tops, top)
	}
	ticks := regexp.MustCompile(`<text class="end" x="[^"]*" y="([0-9.]+)">(0|100)<`).FindAllStringSubmatch(svg, -1)
	require.Len(t, ticks, 2)
	zero, hundred := number(t, ticks[0][1])-4, number(t, ticks[1][1])-4
	require.InDelta(t, hundred, tops[1], 0.2, "the lower layer's peak is at 100")
	require.InDelta(t, zero+(hundred-zero)*1.2, tops[0], 0.2, "the sum's is at 120")
}

// TestStrokesStayInTheirBand: no stroke leaves the area it tells apart.
func TestStrokesStayInTheirBand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		upper := rapid.SliceOfN(rapid.Float64Range(10, 100), 2, 20).Draw(t, "upper")
		heights := rapid.SliceOfN(rapid.Float64Range(0, 150), len(upper), len(upper)).Draw(t, "heights")
		var above, below []pixel
		for i, y := range upper {
			above = append(above, pixel{20 + 17*float64(i), y})
			below = append(below, pixel{20 + 17*float64(i), y + heights[i]})
		}
		b := between(above, below)
		for series := range seriesStyles {
			var c canvas
			c.hatch(series, b)
			require.True(t, hatchOf(series) != hatchNone || c.Len() == 0)
			for _, m := range regexp.MustCompile(`[ML]([0-9.-]+) ([0-9.-]+)`).FindAllStringSubmatch(c.String(), -1) {
				x, errX := strconv.ParseFloat(m[1], 64)
				y, errY := strconv.ParseFloat(m[2], 64)
				require.NoError(t, errX)
				require.NoError(t, errY)
				var from, to int
				require.GreaterOrEqual(t, y, heightAt(above, x, &from)-0.6)
				require.LessOrEqual(t, y, heightAt(below, x, &to)+0.6)
			}
		}
	})
	var c canvas
	c.hatch(1, rectangle(0, 0, 100, 16))
	require.NotEmpty(t, c.String(), "a bar has strokes")
}
