package compare

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"tollgate/reports"
	"tollgate/reports/exitcode"
)

func TestComparisonGolden(t *testing.T) {
	for name, sample := range map[string]func(*testing.T) (before, after []reports.Result){"regressed": regressed, "repeated": repeated} {
		t.Run(name, func(t *testing.T) {
			before, after := sample(t)
			c, err := Compare(before, after, DefaultLimits())
			require.NoError(t, err)
			require.Equal(t, name == "regressed", c.Regressed())
			for width, suffix := range map[int]string{120: "_120", 80: "_80"} {
				var b bytes.Buffer
				require.NoError(t, WriteTerminal(&b, c, reports.TerminalOptions{Width: width}))
				golden(t, name+suffix+".txt", b.Bytes())
			}
			var md, data bytes.Buffer
			require.NoError(t, WriteMarkdown(&md, c))
			golden(t, name+".md", md.Bytes())
			require.NoError(t, WriteJSON(&data, c))
			golden(t, name+".json", data.Bytes())
			require.True(t, json.Valid(data.Bytes()))
		})
	}
}

func TestColourChangesNothingElse(t *testing.T) {
	before, after := regressed(t)
	c, err := Compare(before, after, DefaultLimits())
	require.NoError(t, err)
	var plain, coloured bytes.Buffer
	require.NoError(t, WriteTerminal(&plain, c, reports.TerminalOptions{Width: 120}))
	require.NoError(t, WriteTerminal(&coloured, c, reports.TerminalOptions{Width: 120, Color: true}))
	text := coloured.String()
	require.Contains(t, text, "\x1b[1;31mREGRESSION\x1b[0m")
	for _, code := range []string{"\x1b[0m", "\x1b[1;31m", "\x1b[1;32m", "\x1b[1;33m", "\x1b[1;36m"} {
		text = strings.ReplaceAll(text, code, "")
	}
	require.Equal(t, plain.String(), text)
	for line := range strings.Lines(text) {
		require.LessOrEqual(t, utf8.RuneCountInString(strings.TrimSuffix(line, "\n")), 120)
	}
}

func TestMarkdownEscapes(t *testing.T) {
	require.Equal(t, `a\|b &lt;img> \*x\* \_y\_ \#1 \@team c d &amp;amp; \[l\]`, escape("a|b <img> *x* _y_ #1 @team\nc\td\x1b &amp; [l]"))
}

func TestRenderersReportWriteErrors(t *testing.T) {
	for name, write := range map[string]func() error{
		"terminal": func() error { return WriteTerminal(broken{}, Comparison{}, reports.TerminalOptions{}) },
		"markdown": func() error { return WriteMarkdown(broken{}, Comparison{}) },
		"json":     func() error { return WriteJSON(broken{}, Comparison{}) },
		"history":  func() error { return WriteHistoryTerminal(broken{}, nil, nil, reports.TerminalOptions{}) },
	} {
		require.ErrorIs(t, write(), errBroken, name)
	}
}

var errBroken = errors.New("broken")

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestExitCode(t *testing.T) {
	require.Equal(t, exitcode.Passed, Comparison{Metrics: []Metric{{Verdict: Worse}}}.ExitCode())
	require.Equal(t, exitcode.Failed, Comparison{Metrics: []Metric{{Verdict: Worse, Regression: true}}}.ExitCode())
	require.Equal(t, exitcode.Failed, Comparison{Criteria: []Transition{{Regression: true}}}.ExitCode())
}
