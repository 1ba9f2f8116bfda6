package reports

import (
	"encoding/xml"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestDownsampleKeepsPeaksAndEnds(t *testing.T) {
	points := make([]Point, 43_200)
	for i := range points {
		points[i] = Point{X: float64(i), Y: 10}
	}
	points[0].Y, points[len(points)-1].Y = 3, 4
	points[17_333].Y, points[17_334].Y = 99, -99
	got := downsample(points, maxPoints)
	require.LessOrEqual(t, len(got), maxPoints)
	require.Contains(t, got, Point{X: 17_333, Y: 99})
	require.Contains(t, got, Point{X: 17_334, Y: -99})
	require.Equal(t, points[0], got[0])
	require.Equal(t, points[len(points)-1], got[len(got)-1])
}

func TestDownsampleProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ys := rapid.SliceOfN(rapid.Float64Range(-1e6, 1e6), 0, 500).Draw(t, "ys")
		limit := rapid.IntRange(4, 60).Draw(t, "limit")
		points := make([]Point, len(ys))
		for i, y := range ys {
			points[i] = Point{X: float64(i), Y: y}
		}
		got := downsample(points, limit)
		require.LessOrEqual(t, len(got), limit)
		require.Equal(t, len(points) <= limit, len(got) == len(points))
		low, high := math.Inf(1), math.Inf(-1)
		for i, p := range got {
			require.Equal(t, points[int(p.X)], p, "no point is made up")
			if i > 0 {
				require.Greater(t, p.X, got[i-1].X, "the order stays")
			}
			low, high = min(low, p.Y), max(high, p.Y)
		}
		for _, y := range ys {
			require.True(t, low <= y && y <= high, "an extreme got lost")
		}
	})
}

func TestNiceStep(t *testing.T) {
	for rough, want := range map[float64]float64{
		0.9: 1, 1: 1, 1.1: 2, 2: 2, 2.3: 5, 5: 5, 7: 10, 43: 50, 0.03: 0.05, 23_800_000: 50_000_000, 0: 1, math.Inf(1): 1,
	} {
		require.InEpsilon(t, want, niceStep(rough), 1e-9, "step for %v", rough)
	}
}

func TestAxisTicks(t *testing.T) {
	tests := map[string]struct {
		low, high float64
		round     bool
		want      []float64
	}{
		"rounded out":  {0, 45, true, []float64{0, 10, 20, 30, 40, 50}},
		"as they are":  {0, 39.9, false, []float64{0, 10, 20, 30}},
		"below zero":   {-3, 3, true, []float64{-4, -2, 0, 2, 4}},
		"nothing":      {0, 0, true, []float64{0, 0.2, 0.4, 0.6000000000000001, 0.8, 1}},
		"not a number": {0, math.Inf(-1), true, []float64{0, 0.2, 0.4, 0.6000000000000001, 0.8, 1}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a := newAxis(tt.low, tt.high, 0, 100, 5, tt.round)
			require.Equal(t, tt.want, a.ticks())
			require.InDelta(t, 0, a.at(a.low), 1e-9)
			require.InDelta(t, 100, a.at(a.high), 1e-9)
		})
	}
	require.LessOrEqual(t, len(newAxis(1e17, 1e17+32, 0, 1, 5, true).ticks()), maxTicks)
}

func TestTickText(t *testing.T) {
	require.Equal(t, "0.3", tickText(0.30000000000000004, 0.1))
	require.Equal(t, "50,000,000", tickText(5e7, 1e7))
	require.Equal(t, "0", tickText(math.Copysign(0, -1), 5))
	require.Equal(t, "1e+16", tickText(1e16, 1e15))
}

// TestDrawStaysInItsFrame: every coordinate is finite and within the drawing, and
// the drawing is well-formed, whatever the chart holds.
func TestDrawStaysInItsFrame(t *testing.T) {
	coordinate := regexp.MustCompile(` (?:x|y|x1|x2|y1|y2|cx|cy)="([^"]*)"`)
	charts := map[string]Chart{
		"empty":        {},
		"no points":    {Lines: []Line{{Name: "a"}}},
		"one point":    {Lines: []Line{{Name: "a", Points: []Point{{5, 7}}}}},
		"all the same": {Lines: []Line{{Name: "a", Points: []Point{{1, 3}, {2, 3}}}}},
		"zeros":        {Lines: []Line{{Name: "a", Points: []Point{{0, 0}, {0, 0}}}}},
		"negative":     {Lines: []Line{{Name: "a", Points: []Point{{-9, -5}, {-3, -1}}}}},
		"huge":         {Lines: []Line{{Name: "a", Points: []Point{{0, 1e300}, {1e300, 0}}}}},
		"tiny":         {Lines: []Line{{Name: "a", Points: []Point{{0, 1e-300}, {1e-300, 0}}}}},
		"limits only":  {Limits: []LimitLine{{"a", 3}, {"b", 1}, {"c", 100}}},
		"eight lines":  {Lines: make([]Line, 8)},

		"no layers":          {Kind: ChartStacked},
		"layers of no point": {Kind: ChartStacked, Lines: make([]Line, 3)},
		"one layered point":  {Kind: ChartStacked, Lines: []Line{{Name: "a", Points: []Point{{5, 7}}}, {}, {Name: "b", Points: []Point{{5, 0}}}}},
		"layers below zero":  {Kind: ChartStacked, Lines: []Line{{Name: "a", Points: []Point{{0, 5}, {1, -5}}}, {Name: "b", Points: []Point{{0, -9}, {2, 1}}}}},
		"huge layers":        {Kind: ChartStacked, Lines: []Line{{Name: "a", Points: []Point{{0, 1e300}, {1, 1}}}, {Name: "b", Points: []Point{{0, 1e300}, {1, 1}}}}},
		"no bars":            {Kind: ChartBars},
		"bars of no part":    {Kind: ChartBars, Categories: []string{"a", ""}, Lines: make([]Line, 2)},
		"bars of zero":       {Kind: ChartBars, Categories: []string{"a"}, Lines: []Line{{Points: []Point{{0, 0}}}}},
		"bars of both signs": {Kind: ChartBars, Categories: []string{"a", "b"}, Lines: []Line{{Points: []Point{{0, -3}, {1, 4}}}, {Points: []Point{{0, 7}}}}},
		"huge and tiny bars": {Kind: ChartBars, Unit: "ms", Categories: []string{"a", "b"}, Lines: []Line{{Points: []Point{{0, 1e300}, {1, 1e-300}}}}},
		"bars with limits":   {Kind: ChartBars, Categories: []string{"a"}, Lines: []Line{{Points: []Point{{0, 3}}}}, Limits: []LimitLine{{"far", 100}, {"near", 1}}},
		"one percentile":     {Kind: chartPercentiles, Lines: []Line{{Points: []Point{{0, 3}}}}},
	}
	for name, c := range charts {
		for _, f := range []frame{wideFrame, narrowFrame} {
			t.Run(name+" "+f.class, func(t *testing.T) {
				svg := string(f.draw(c, ""))
				var anything struct{}
				require.NoError(t, xml.Unmarshal([]byte(svg), &anything))
				for _, m := range coordinate.FindAllStringSubmatch(svg, -1) {
					at, err := strconv.ParseFloat(m[1], 64)
					require.NoError(t, err)
					require.True(t, at >= -0.5 && at <= f.width+0.5, "%s in %s", m[0], svg)
				}
			})
		}
	}
}

// TestStrokesOfValuesBeyondMeasure: sums that no float holds are drawn in some way, and
// the drawing ends.
func TestStrokesOfValuesBeyondMeasure(t *testing.T) {
	points := []Point{{0, math.MaxFloat64}, {1, -math.MaxFloat64}}
	c := Chart{Kind: ChartStacked, Lines: []Line{{Points: points}, {Points: points}}}
	require.NotEmpty(t, wideFrame.draw(c, ""))
	c = Chart{Kind: ChartBars, Categories: []string{"a", "b"}, Lines: c.Lines}
	require.NotEmpty(t, wideFrame.draw(c, ""))
}

func TestDrawKeepsToTheNumberOfPoints(t *testing.T) {
	points := make([]Point, 43_200)
	for i := range points {
		points[i] = Point{X: float64(i), Y: float64(i * 7919 % 1000)}
	}
	svg := string(wideFrame.draw(Chart{Lines: []Line{{Name: "a", Points: points}}}, ""))
	line := regexp.MustCompile(`points="([^"]*)"`).FindStringSubmatch(svg)
	require.LessOrEqual(t, len(strings.Fields(line[1])), maxPoints)
	require.Greater(t, len(strings.Fields(line[1])), maxPoints/2)
}

func TestLimitNamesDoNotOverlap(t *testing.T) {
	label := regexp.MustCompile(`class="limit-name" x="[^"]*" y="([^"]*)">([^<]*)<`)
	names := func(c Chart) (texts []string, at []float64) {
		for _, m := range label.FindAllStringSubmatch(string(wideFrame.draw(c, "")), -1) {
			y, err := strconv.ParseFloat(m[1], 64)
			require.NoError(t, err)
			texts, at = append(texts, m[2]), append(at, y)
		}
		return texts, at
	}
	line := []Line{{Name: "a", Points: []Point{{0, 45}, {1, 45}}}}

	texts, at := names(Chart{Lines: line, Limits: []LimitLine{{"lowest 33", 33}, {"highest 36", 36}}})
	require.Equal(t, []string{"highest 36", "lowest 33"}, texts)
	require.Greater(t, at[1]-at[0], lineHeight)

	texts, _ = names(Chart{Lines: line, Limits: []LimitLine{{"highest 3", 3}, {"lowest 1", 1}}})
	require.Equal(t, []string{"highest 3, lowest 1"}, texts)
}

func TestLimitNameOfTheHighestLineIsInTheFrame(t *testing.T) {
	chart := Chart{
		Title: "t", Lines: []Line{{Name: "l", Points: []Point{{X: 0, Y: 0}, {X: 1, Y: 1}}}},
		Limits: []LimitLine{{Name: "top", Y: 500_000}, {Name: "middle", Y: 300_000}, {Name: "low", Y: 200_000}},
	}
	for _, f := range []frame{wideFrame, narrowFrame} {
		m := regexp.MustCompile(`<text class="limit-name" x="[^"]*" y="([0-9.]+)">top`).FindStringSubmatch(string(f.draw(chart, "")))
		require.NotNil(t, m)
		y, err := strconv.ParseFloat(m[1], 64)
		require.NoError(t, err)
		require.GreaterOrEqual(t, y, 12.0, "a name that is cut off at the top")
	}
}

func TestChartInWords(t *testing.T) {
	c := Chart{
		Title: "Connections", Unit: "count", XLabel: "seconds",
		Lines:  []Line{{Name: "legacy", Points: []Point{{0, 8}, {1, 45}, {2, 33}}}, {Name: "phase2"}},
		Limits: []LimitLine{{"limit", 36}},
	}
	require.Equal(t, "Line chart, Connections by seconds. legacy: highest 45, last 33; phase2: no data; limit at 36.", c.describe(c.legend()))
}
