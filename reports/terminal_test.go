package reports_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"tollgate/reports"
)

func terminal(t *testing.T, r reports.Result, o reports.TerminalOptions) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, reports.WriteTerminal(&b, r, o))
	return b.String()
}

func passing() reports.Result {
	r := sample()
	set, measurements := phase2Set(), phase2Measurements()
	set.Criteria = append(set.Criteria[:2:2], set.Criteria[4:8]...)
	r.Judgements = reports.Judge(set, measurements, nil)
	r.Decision = reports.DecisionPass
	return r
}

func TestTerminalGolden(t *testing.T) {
	interrupted := sample()
	interrupted.Partial, interrupted.Decision = true, reports.DecisionInterrupted
	tests := map[string]struct {
		result  reports.Result
		options reports.TerminalOptions
	}{
		"failed_100":      {sample(), reports.TerminalOptions{}},
		"failed_140":      {sample(), reports.TerminalOptions{Width: 140}},
		"failed_80":       {sample(), reports.TerminalOptions{Width: 80}},
		"failed_60":       {sample(), reports.TerminalOptions{Width: 60}},
		"failed_color":    {sample(), reports.TerminalOptions{Color: true}},
		"passed":          {passing(), reports.TerminalOptions{}},
		"interrupted":     {interrupted, reports.TerminalOptions{Color: true, Width: 120}},
		"nothing_judged":  {reports.Result{Scenario: "phase1", Stage: "phase1"}, reports.TerminalOptions{}},
		"baseline_absent": {reports.Result{Scenario: "x", Title: "No baseline", Profile: "p", Clock: "virtual", Seed: 1, Started: time.Unix(0, 0), Finished: time.Unix(7325, 0)}, reports.TerminalOptions{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			golden(t, filepath.Join("terminal", name+".txt"), []byte(terminal(t, tt.result, tt.options)))
		})
	}
}

func TestTerminalKeepsTheWidth(t *testing.T) {
	for _, width := range []int{60, 64, 72, 80, 100, 120, 160, 500} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			for line := range strings.Lines(terminal(t, sample(), reports.TerminalOptions{Width: width})) {
				line = strings.TrimSuffix(line, "\n")
				require.LessOrEqual(t, utf8.RuneCountInString(line), width, "%q", line)
				require.Equal(t, strings.TrimRight(line, " "), line, "no blanks at the end")
			}
		})
	}
}

func TestTerminalColourChangesNothingElse(t *testing.T) {
	plain := terminal(t, sample(), reports.TerminalOptions{Width: 90})
	coloured := terminal(t, sample(), reports.TerminalOptions{Width: 90, Color: true})
	require.NotEqual(t, plain, coloured)
	for _, code := range []string{"\x1b[0m", "\x1b[1;31m", "\x1b[1;32m", "\x1b[1;33m", "\x1b[1;36m"} {
		require.Contains(t, coloured, code)
		coloured = strings.ReplaceAll(coloured, code, "")
	}
	require.Equal(t, plain, coloured)
}

func TestTerminalPassesNoControlCharactersOn(t *testing.T) {
	r := sample()
	r.Title = "red \x1b[31m and back\r\nup\x07 \u202ehidden"
	r.Judgements[2].Text = "\x1b]0;title\x07text"
	r.Judgements[2].Reason = "a\u009b31mb"
	r.Judgements[3].Measurement.Note = strings.Repeat("long", 100)
	out := terminal(t, r, reports.TerminalOptions{})
	for _, c := range out {
		require.False(t, c != '\n' && (c < ' ' || c >= 0x7f && c < 0xa0 || c == 0x202e), "%q", c)
	}
	require.Contains(t, out, "red [31m and back up hidden")
}

func TestDetectTerminal(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	none := func(string) string { return "" }
	require.Equal(t, reports.TerminalOptions{Width: reports.DefaultWidth}, reports.DetectTerminal(file, none), "a file is no terminal")
}
