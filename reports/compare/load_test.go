package compare

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/reports"
)

// store writes a result beneath dir and returns its path.
func store(t *testing.T, r reports.Result, dir ...string) string {
	t.Helper()
	path := filepath.Join(append(dir, reports.ResultFile)...)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	var b bytes.Buffer
	require.NoError(t, reports.WriteJSON(&b, r))
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o644))
	return path
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	first := run(t, 1, figuresWith(nil), 5)
	first.Charts = []reports.Chart{{Title: "x"}}
	first.Tables = []reports.Table{{Title: "x"}}
	one := store(t, first, dir, "b")
	two := store(t, run(t, 2, figuresWith(nil), 5), dir, "a", "deeper")
	broken := filepath.Join(dir, "c", reports.ResultFile)
	require.NoError(t, os.MkdirAll(filepath.Dir(broken), 0o755))
	require.NoError(t, os.WriteFile(broken, []byte("{"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "other.json"), []byte("{"), 0o644))
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "d", reports.ResultFile), 0o755), "a folder of that name is none")
	require.NoError(t, os.Symlink(one, filepath.Join(dir, "d", "link")))

	l, err := Load(dir)
	require.NoError(t, err)
	require.Len(t, l.Runs, 2)
	require.Equal(t, []string{two, one}, []string{l.Runs[0].Path, l.Runs[1].Path})
	require.Empty(t, l.Runs[1].Result.Charts)
	require.Empty(t, l.Runs[1].Result.Tables)
	require.NotEmpty(t, l.Results()[0].Histograms)
	require.Len(t, l.Unreadable, 1)
	require.Equal(t, broken, l.Unreadable[0].Path)
	require.Contains(t, l.Unreadable[0].Why, "not a result.json")

	l, err = Load(one)
	require.NoError(t, err)
	require.Len(t, l.Runs, 1)
	_, err = Load(broken)
	require.ErrorIs(t, err, reports.ErrNotResult)
	_, err = Load(filepath.Join(dir, "none"))
	require.ErrorIs(t, err, os.ErrNotExist)

	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(dir, link))
	l, err = Load(link)
	require.NoError(t, err)
	require.Len(t, l.Runs, 2, "a link to the folder itself is followed")
}

func TestLoadIsBounded(t *testing.T) {
	t.Run("depth", func(t *testing.T) {
		dir := t.TempDir()
		deepest := filepath.Join(dir, filepath.Join(strings.Split(strings.Repeat("d", MaxDepth), "")...))
		store(t, run(t, 1, nil, 5), deepest)
		l, err := Load(dir)
		require.NoError(t, err)
		require.Len(t, l.Runs, 1)
		store(t, run(t, 1, nil, 5), deepest, "d")
		_, err = Load(dir)
		require.ErrorIs(t, err, ErrTooMuch)
	})
	t.Run("bytes", func(t *testing.T) {
		path := store(t, run(t, 1, nil, 5), t.TempDir())
		info, err := os.Stat(path)
		require.NoError(t, err)
		left := info.Size()
		_, err = read(path, &left)
		require.ErrorIs(t, err, ErrTooMuch)
		left = info.Size() + 1
		_, err = read(path, &left)
		require.NoError(t, err)
		require.EqualValues(t, 1, left)
	})
	t.Run("files", func(t *testing.T) {
		dir := t.TempDir()
		for i := range MaxFiles + 1 {
			name := filepath.Join(dir, strings.Repeat("x", 1+i%50)+strings.Repeat("y", i/50))
			require.NoError(t, os.MkdirAll(name, 0o755))
			require.NoError(t, os.WriteFile(filepath.Join(name, reports.ResultFile), nil, 0o644))
		}
		_, err := Load(dir)
		require.ErrorIs(t, err, ErrTooMuch)
	})
}

// past are runs of two scenarios; the fourth of phase2 has no month, the last is dearer.
func past(t *testing.T) []Run {
	t.Helper()
	var runs []Run
	for i := range 6 {
		values := figuresWith(map[string]float64{"commands.month": 119_000 + 9000*float64(i*i), "faults.injected": 30 - float64(i)})
		if i == 3 {
			delete(values, "commands.month")
		}
		r := run(t, i, values, 5+0.1*float64(i))
		r.Build.Commit = strings.Repeat(string(rune('a'+i)), 40)
		runs = append(runs, Run{Path: filepath.Join("results", string(rune('a'+i)), "result.json"), Result: r})
	}
	other := run(t, 7, nil, 5)
	other.Scenario, other.Stage, other.Title = "phase1", "phase1", ""
	other.Histograms = nil
	runs[0], runs[5] = runs[5], runs[0] // order comes from time
	return append(runs, Run{Path: "results/z/result.json", Result: other})
}

func TestHistoryGolden(t *testing.T) {
	histories := Histories(past(t))
	require.Len(t, histories, 2)
	unreadable := []Unreadable{{Path: "results/y/result.json", Why: "permission denied"}}
	var text, data bytes.Buffer
	require.NoError(t, WriteHistoryTerminal(&text, histories, unreadable, reports.TerminalOptions{Width: 110}))
	golden(t, "history.txt", text.Bytes())
	require.NoError(t, WriteHistoryJSON(&data, histories, unreadable))
	golden(t, "history.json", data.Bytes())
	require.NoError(t, WriteHistoryJSON(io.Discard, nil, nil))
}

func TestHistoryPage(t *testing.T) {
	h := Histories(past(t))[1]
	page := h.section()
	require.Equal(t, "phase2: Eleven queues on one shared set of connections (stage phase2)", page.Title)
	require.Equal(t, "6 runs from 2026-11-20 20:50 UTC to 2026-11-25 20:50 UTC, 3 passed, the last: FAIL", page.Text)
	require.Len(t, page.Charts, len(h.Trends))
	month := page.Charts[1]
	require.Equal(t, "Billed commands in the reference month", month.Title)
	require.Equal(t, []reports.Point{{X: 1, Y: 119_000}, {X: 2, Y: 128_000}, {X: 3, Y: 155_000}, {X: 5, Y: 263_000}, {X: 6, Y: 344_000}}, month.Lines[0].Points)
	require.Equal(t, []reports.LimitLine{{Name: "limit < 200,000", Y: 200_000}}, month.Limits)
	require.Len(t, page.Charts[0].Limits, 2, "a range has two limits")
	require.Empty(t, page.Charts[len(page.Charts)-1].Limits, "latencies have none")
	r := run(t, 1, nil, 5)
	r.Charts, r.Tables = page.Charts, page.Tables
	require.NoError(t, r.Validate(), "charts and tables are such as a result may hold")

	var html bytes.Buffer
	require.NoError(t, WriteHistoryHTML(&html, Histories(past(t)), []Unreadable{{Path: "old/result.json", Why: "it is <empty>"}}))
	require.Contains(t, html.String(), "<h2>phase2: Eleven queues on one shared set of connections (stage phase2)</h2>")
	require.Contains(t, html.String(), "<strong>old/result.json</strong> it is &lt;empty&gt;")
}

func TestSparkline(t *testing.T) {
	v := func(values ...float64) (all []*float64) {
		for _, x := range values {
			all = append(all, &x)
		}
		return all
	}
	long := make([]float64, 100)
	for i := range long {
		long[i] = float64(i)
	}
	tests := map[string]struct {
		values []*float64
		want   string
	}{
		"rising": {v(1, 2, 3, 4, 5, 6, 7, 8), "▁▂▃▄▅▆▇█"},
		"flat":   {v(5, 5, 5), "▁▁▁"},
		"gap":    {append(v(1), append([]*float64{nil}, v(2)...)...), "▁·█"},
		"none":   {[]*float64{nil, nil}, "··"},
		"huge":   {v(-1.7e308, 0, 1.7e308), "▁▅█"},
		"empty":  {nil, ""},
		"long":   {v(long...), "▁▁▂▂▂▃▃▃▃▄▄▄▅▅▅▆▆▆▆▇▇▇██"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) { require.Equal(t, tt.want, sparkline(tt.values)) })
	}
}
