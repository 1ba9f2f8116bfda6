package reports

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// palettes returns the colours of report.css for each medium: what is set in :root,
// by day, by night and on paper.
func palettes(t *testing.T) map[string]map[string]string {
	t.Helper()
	roots := regexp.MustCompile(`(?s)(@media [^{]*\{[^@]*?)?:root \{(.*?)\}`).FindAllStringSubmatch(pageStyle, -1)
	require.Len(t, roots, 3)
	all := map[string]map[string]string{}
	for _, root := range roots {
		medium := "light"
		switch {
		case strings.Contains(root[1], "dark"):
			medium = "dark"
		case strings.Contains(root[1], "print"):
			medium = "print"
		}
		all[medium] = map[string]string{}
		for _, m := range regexp.MustCompile(`--([a-z0-9-]+): (#[0-9a-f]+);`).FindAllStringSubmatch(root[2], -1) {
			all[medium][m[1]] = m[2]
		}
	}
	require.Len(t, all, 3)
	return all
}

// luminance is the relative luminance of a colour, as WCAG 2.2 defines it.
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	digits := strings.TrimPrefix(colour, "#")
	if len(digits) == 3 {
		digits = strings.Repeat(digits[:1], 2) + strings.Repeat(digits[1:2], 2) + strings.Repeat(digits[2:], 2)
	}
	require.Len(t, digits, 6, colour)
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(digits[2*i:2*i+2], 16, 8)
		require.NoError(t, err)
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	high, low := luminance(t, a), luminance(t, b)
	return (max(high, low) + 0.05) / (min(high, low) + 0.05)
}

func TestContrastFormula(t *testing.T) {
	require.InDelta(t, 21, contrast(t, "#000", "#ffffff"), 1e-9)
	require.InDelta(t, 4.54, contrast(t, "#767676", "#fff"), 0.01)
}

// TestColoursHaveContrast: text stands out from what it stands on by 4.5 to 1, and
// what is drawn by 3 to 1, on every medium (WCAG 2.2, 1.4.3 and 1.4.11).
func TestColoursHaveContrast(t *testing.T) {
	texts := map[string][]string{ // what stands on what
		"ink": {"page", "card", "pass-tint", "fail-tint", "none-tint", "skip-tint"}, "soft": {"page", "card"},
		"pass": {"card", "pass-tint"}, "fail": {"card", "fail-tint"}, "none": {"card", "none-tint"}, "skip": {"card", "skip-tint"},
	}
	drawn := []string{"l0", "l1", "l2", "l3", "l4", "l5"}
	for medium, colours := range palettes(t) {
		for text, grounds := range texts {
			for _, ground := range grounds {
				require.GreaterOrEqual(t, contrast(t, colours[text], colours[ground]), 4.5, "%s on %s, %s", text, ground, medium)
			}
		}
		for _, line := range drawn {
			require.GreaterOrEqual(t, contrast(t, colours[line], colours["card"]), 3.0, "%s on card, %s", line, medium)
		}
		require.Len(t, colours, len(texts)+len(drawn)+len([]string{"page", "card", "rule", "grid", "pass-tint", "fail-tint", "none-tint", "skip-tint"}),
			"a colour of %s that nothing is said of here", medium)
	}
}

// TestSeriesDifferWithoutColour: no two series of a chart have the same colour and
// dashes, or the same colour and strokes, and neighbours differ in both.
func TestSeriesDifferWithoutColour(t *testing.T) {
	style := func(series int, variable string) string {
		m := regexp.MustCompile(`\.` + seriesClass(series) + `(?:, \.l\d+)* \{ --` + variable + `: ([^;]+);`).FindStringSubmatch(pageStyle)
		require.NotNil(t, m, "%s of %s", variable, seriesClass(series))
		return m[1]
	}
	lines, areas := map[string]bool{}, map[string]bool{}
	for i := range seriesStyles {
		lines[style(i, "mark")+" "+style(i, "dash")] = true
		areas[style(i, "mark")+" "+strconv.Itoa(hatchOf(i))] = true
		if i > 0 {
			require.NotEqual(t, style(i-1, "dash"), style(i, "dash"))
			require.NotEqual(t, hatchOf(i-1), hatchOf(i))
		}
	}
	require.Len(t, lines, seriesStyles)
	require.Len(t, areas, seriesStyles)
}
