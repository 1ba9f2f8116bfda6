package reports

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func jobs() Chart {
	return Chart{
		Title: "Jobs", Kind: ChartBars, Unit: "count", XLabel: "jobs",
		Categories: []string{"token-refresh", "calendar-sync", "idle"},
		Lines: []Line{
			{Name: "at once", Points: []Point{{0, 115}, {1, 111}}},
			{Name: "retried", Points: []Point{{0, 4}}},
		},
	}
}

func TestBarsInWords(t *testing.T) {
	c := jobs()
	require.Equal(t, "Bar chart, Jobs by jobs. token-refresh: 119 (at once 115, retried 4); "+
		"calendar-sync: 111 (at once 111, retried 0); idle: no data.", c.describe(c.legend()))
	require.Equal(t, "highest 115 (token-refresh)", c.legend()[0].Text)
	require.Equal(t, "From left to right", c.order())
	bars := c.bars()
	require.Equal(t, "119 = 115 + 4", bars[0].text("count", true))
	require.Equal(t, "111 = 111 + 0", bars[1].text("count", true), "parts that are 0 keep their place")
	require.Equal(t, "111", bars[1].text("count", false))
	require.Equal(t, "no data", bars[2].text("count", true))

	c.Lines = c.Lines[:1]
	require.Equal(t, "115 ms", c.bars()[0].text("ms", true))
	require.Equal(t, "115", c.bars()[0].inWords(c))
}

// TestBarsAreProportional: parts follow one another, the value stands after the last.
func TestBarsAreProportional(t *testing.T) {
	rects := regexp.MustCompile(`<rect class="area (l\d+)" x="([0-9.]+)" y="([0-9.]+)" width="([0-9.]+)"`)
	for _, f := range []frame{wideFrame, narrowFrame} {
		svg := string(f.draw(jobs(), ""))
		drawn := rects.FindAllStringSubmatch(svg, -1)
		require.Len(t, drawn, 3, "nothing is drawn of a part of 0")
		first, second, third := drawn[0], drawn[1], drawn[2]
		require.Equal(t, []string{"l0", "l1", "l0"}, []string{first[1], second[1], third[1]})
		require.InDelta(t, number(t, first[2])+number(t, first[4]), number(t, second[2]), 0.11)
		require.InDelta(t, 115.0/4, number(t, first[4])/number(t, second[4]), 0.5)
		require.Greater(t, number(t, third[3]), number(t, first[3])+barHeight)
		value := regexp.MustCompile(`class="value" x="([0-9.]+)" y="[0-9.]+">119 = 115 \+ 4<`).FindStringSubmatch(svg)
		require.NotNil(t, value)
		require.Greater(t, number(t, value[1]), number(t, second[2])+number(t, second[4]))
	}
}

func TestBarsBelowZeroGrowToTheLeft(t *testing.T) {
	c := Chart{
		Kind: ChartBars, Unit: "percent", Categories: []string{"cache", "queues"},
		Lines: []Line{{Name: "change", Points: []Point{{0, -50}, {1, 50}}}},
	}
	drawn := regexp.MustCompile(`<rect class="area l0" x="([0-9.]+)" y="[0-9.]+" width="([0-9.]+)"`).FindAllStringSubmatch(string(wideFrame.draw(c, "")), -1)
	require.Len(t, drawn, 2)
	require.InDelta(t, number(t, drawn[0][1])+number(t, drawn[0][2]), number(t, drawn[1][1]), 0.11)
	require.InDelta(t, number(t, drawn[0][2]), number(t, drawn[1][2]), 0.11)
}

// TestBarNamesAreWhole: every letter of a name is drawn, on as many lines as it takes.
func TestBarNamesAreWhole(t *testing.T) {
	c := jobs()
	c.Categories[0] = strings.Repeat("webhook-health-check-", 12)
	c.Categories[1] = strings.Repeat("日本語", 30)
	for _, f := range []frame{wideFrame, narrowFrame} {
		lines := regexp.MustCompile(`<text class="name[^>]*>([^<]*)<`).FindAllStringSubmatch(string(f.draw(c, "")), -1)
		whole := ""
		for _, line := range lines {
			require.LessOrEqual(t, textWidth(line[1]), f.width)
			whole += line[1]
		}
		require.Equal(t, strings.Join(c.Categories, ""), whole)
	}
}

func TestValuesLeaveTheirPartsOutWhereThereIsNoRoom(t *testing.T) {
	c := jobs()
	for i := range c.Lines {
		for j := range c.Lines[i].Points {
			c.Lines[i].Points[j].Y *= 123_456_789
		}
	}
	require.Contains(t, string(wideFrame.draw(c, "")), ">14,691,357,891 = 14,197,530,735 + 493,827,156<")
	narrow := string(narrowFrame.draw(c, ""))
	require.Contains(t, narrow, ">14,691,357,891<")
	require.NotContains(t, narrow, " = ")
}

func TestWrapPixels(t *testing.T) {
	require.Equal(t, []string{"short"}, wrapPixels("short", 100))
	require.Equal(t, []string{"two", "words"}, wrapPixels("two\nwords", 45))
	require.Equal(t, []string{"W", "W"}, wrapPixels("WW", 1), "a letter a line is all that can be done")
	require.Equal(t, []string{""}, wrapPixels("", 10))
}
