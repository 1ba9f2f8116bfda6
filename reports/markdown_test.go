package reports_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	goldmarkhtml "github.com/yuin/goldmark/renderer/html"
	dom "golang.org/x/net/html"
	"pgregory.net/rapid"

	"tollgate/reports"
)

// readMarkdown renders GitHub's flavour to a page, raw HTML included, as GitHub does
// before it looks for mentions and references.
func readMarkdown(t require.TestingT, text string) *dom.Node {
	var b bytes.Buffer
	parser := goldmark.New(goldmark.WithExtensions(extension.GFM), goldmark.WithRendererOptions(goldmarkhtml.WithUnsafe()))
	require.NoError(t, parser.Convert([]byte(text), &b))
	page, err := dom.Parse(&b)
	require.NoError(t, err)
	return page
}

// plainText is all text below a node, without the characters of no width.
func plainText(n *dom.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == dom.TextNode {
			b.WriteString(d.Data)
		}
	}
	return strings.TrimSpace(strings.ReplaceAll(b.String(), "\u200b", ""))
}

func elements(n *dom.Node, name string) []*dom.Node {
	return slices.Collect(func(yield func(*dom.Node) bool) {
		for d := range n.Descendants() {
			if d.Type == dom.ElementNode && d.Data == name && !yield(d) {
				return
			}
		}
	})
}

// tables returns the text of every cell, the head's first.
func tables(t require.TestingT, page *dom.Node) [][][]string {
	var all [][][]string
	for _, table := range elements(page, "table") {
		var rows [][]string
		for _, tr := range elements(table, "tr") {
			var cells []string
			for _, cell := range append(elements(tr, "th"), elements(tr, "td")...) {
				cells = append(cells, plainText(cell))
			}
			rows = append(rows, cells)
			require.Len(t, cells, len(rows[0]))
		}
		all = append(all, rows)
	}
	return all
}

// shownAs is what is to be read of a text: on one line, without control characters.
func shownAs(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\r', r == '\t':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == '\u2028', r == '\u2029':
			return -1
		default:
			return r
		}
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

// pinging is what GitHub would make a link, a mention or an emoji of.
var pinging = regexp.MustCompile(`(?i)@\w|#\d|gh-\d|://|www\.|:[a-z+-]`)

// requireHarmless: the page has no element but those of the layout, in balance, and
// no text that GitHub acts upon.
func requireHarmless(t require.TestingT, text string) *dom.Node {
	page := readMarkdown(t, text)
	layout := strings.Fields("html head body h2 h3 p ul li strong em table thead tbody tr th td details summary")
	for d := range page.Descendants() {
		switch d.Type {
		case dom.ElementNode:
			require.Contains(t, layout, d.Data)
			for _, a := range d.Attr {
				require.Contains(t, []string{"style", "align"}, a.Key)
			}
		case dom.TextNode:
			require.NotRegexp(t, pinging, d.Data)
		case dom.CommentNode:
			require.Fail(t, "a comment", d.Data)
		}
	}
	for _, d := range elements(page, "details") {
		require.Equal(t, "body", d.Parent.Data, "nothing of the layout stands inside something else")
	}
	require.Len(t, elements(page, "h2"), 1)
	return page
}

func TestMarkdownSaysWhatWasJudged(t *testing.T) {
	text := rendered(t, reports.WriteMarkdown, passing(), sample(), interrupted())
	page := requireHarmless(t, text)
	require.Equal(t, "Tollgate: 2 of 3 scenarios did not pass", plainText(elements(page, "h2")[0]))
	decisions := elements(elements(page, "ul")[0], "li")
	require.Equal(t, "PASS phase2: all 6 criteria passed", plainText(decisions[0]))
	require.Equal(t, "FAIL phase2: 2 of 10 criteria failed, 1 has no data, 1 skipped", plainText(decisions[1]))
	require.Equal(t, "INTERRUPTED phase2: stopped before its end; all 6 criteria passed", plainText(decisions[2]))
	require.Less(t, strings.Index(text, "INTERRUPTED"), strings.Index(text, "| What |"), "decisions come first")

	rows := tables(t, requireHarmless(t, rendered(t, reports.WriteMarkdown, sample())))[0]
	require.Equal(t, []string{"What", "Value", "Limit", "Margin", "Verdict", "How"}, rows[0])
	for i, j := range sample().Judgements {
		require.Equal(t, []string{j.Text, j.ValueText(), j.LimitText(), j.MarginText(), string(j.Verdict), j.HowText()}, rows[i+1])
	}
}

func TestMarkdownTitles(t *testing.T) {
	for want, results := range map[string][]reports.Result{
		"passed":                        {passing()},
		"not passed":                    {interrupted()},
		"all 2 scenarios passed":        {passing(), passing()},
		"1 of 2 scenarios did not pass": {passing(), sample()},
		"2 of 2 scenarios did not pass": {sample(), {Scenario: "s"}},
	} {
		require.Contains(t, rendered(t, reports.WriteMarkdown, results...), "## Tollgate: "+want+"\n")
	}
}

// TestMarkdownPropertyReadsAsTheText: whatever the texts are, every table has its
// cells and each cell reads as what the result has.
func TestMarkdownPropertyReadsAsTheText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := nastyResult(t)
		page := requireHarmless(t, rendered(t, reports.WriteMarkdown, r))
		all := tables(t, page)
		if len(r.Judgements) > 0 {
			require.Len(t, all, 4, "criteria, what they rest on, the result's own, what was run")
			for i, j := range r.Judgements {
				require.Equal(t, []string{shownAs(j.Text), shownAs(j.ValueText()), shownAs(j.LimitText()), j.MarginText(), string(j.Verdict), j.HowText()}, all[0][i+1])
				require.Equal(t, shownAs(j.ID), all[1][i+1][0])
			}
			all = all[2:]
		}
		require.Len(t, all, 2)
		for i, row := range append([][]string{{r.Tables[0].Columns[0].Name, r.Tables[0].Columns[1].Name}}, r.Tables[0].Rows...) {
			require.Equal(t, []string{shownAs(row[0]), shownAs(row[1])}, all[0][i])
		}
		require.True(t, strings.HasPrefix(plainText(elements(page, "h3")[0]), shownAs(r.Scenario)))
		lists := elements(page, "ul")
		notes := elements(lists[len(lists)-1], "li")
		require.Len(t, notes, 2)
		for i, note := range r.Notes {
			require.Equal(t, strings.TrimSpace("Note: "+shownAs(note)), plainText(notes[i]))
		}
	})
}

func TestMarkdownCutsLongTexts(t *testing.T) {
	r := sample()
	r.Judgements[0].Text = strings.Repeat("|", 5000)
	cell := tables(t, requireHarmless(t, rendered(t, reports.WriteMarkdown, r)))[0][1][0]
	require.Equal(t, strings.Repeat("|", 1999)+"…", cell)
}

// wide is a result with n criteria that failed and a table of n rows.
func wide(n int) reports.Result {
	set, measurements := reports.Set{}, map[string]reports.Measurement{}
	table := reports.Table{Title: "Wide", Columns: []reports.Column{{Name: "a"}, {Name: "b"}}}
	for i := range n {
		id := reports.Format(float64(i), "")
		set.Criteria = append(set.Criteria, reports.Criterion{ID: id, Metric: id, Operator: reports.AtMost, Limit: 1, Text: "Criterion " + id})
		measurements[id] = measured(2, "", 1)
		table.Rows = append(table.Rows, []string{id, "row"})
	}
	return reports.Result{Scenario: "wide", Judgements: reports.Judge(set, measurements, nil), Tables: []reports.Table{table}}
}

func TestMarkdownLeavesOutWhatDoesNotFit(t *testing.T) {
	text := rendered(t, reports.WriteMarkdown, wide(700), passing())
	require.LessOrEqual(t, len(text), reports.MaxMarkdownBytes)
	require.Greater(t, len(text), reports.MaxMarkdownBytes-600, "the room is used")
	page := requireHarmless(t, text)
	all := tables(t, page)
	require.Len(t, all[0], 701, "the table goes before the reasons")
	reasons := elements(page, "ul")[1]
	shown := len(elements(reasons, "li"))
	require.Greater(t, shown, 10)
	require.Len(t, all[1], 7, "the second scenario's table goes before the first one's reasons")
	last := elements(page, "em")
	require.Regexp(t, `^Left out, for there is room for 65,536 bytes only: why wide did not pass \(`+
		reports.Format(float64(700-shown), "")+` of 700 reasons\), wide: What the figures rest on \(700 of 700 lines\), .*\. result\.json has all of it\.$`,
		plainText(last[len(last)-1]))
	require.True(t, strings.HasSuffix(text, "has all of it._\n"))

	fits := rendered(t, reports.WriteMarkdown, wide(50))
	require.NotContains(t, fits, "Left out")
	require.Len(t, tables(t, requireHarmless(t, fits))[2], 51)
}

func TestMarkdownOfHugeTextsKeepsTheBound(t *testing.T) {
	huge := sample()
	huge.Scenario, huge.Title = strings.Repeat("s|", 1<<15), strings.Repeat("\\", 1<<15)
	huge.Tables[0].Title = strings.Repeat("t", 1<<15)
	many := slices.Repeat([]reports.Result{huge}, 40)
	text := rendered(t, reports.WriteMarkdown, many...)
	require.LessOrEqual(t, len(text), reports.MaxMarkdownBytes)
	requireHarmless(t, text)
	require.Contains(t, text[len(text)-600:], "the decision (31 of 40 scenarios), ")
}

// summaryFile is a step summary that already has size bytes, of line breaks.
func summaryFile(t *testing.T, size int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "summary.md")
	require.NoError(t, os.WriteFile(path, bytes.Repeat([]byte("\n"), size), 0o600))
	return path
}

func TestAppendStepSummary(t *testing.T) {
	path := filepath.Join(t.TempDir(), "summary.md")
	require.NoError(t, reports.AppendStepSummary(path, passing()), "it need not exist")
	require.NoError(t, reports.AppendStepSummary(path, sample(), passing()))
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, rendered(t, reports.WriteMarkdown, passing())+"\n"+rendered(t, reports.WriteMarkdown, sample(), passing()), string(got))
}

func TestAppendStepSummaryKeepsWithinWhatGitHubTakes(t *testing.T) {
	full := rendered(t, reports.WriteMarkdown, sample())
	for _, room := range []int{reports.MinStepSummaryBytes + 1, 3000, 4000, len(full), len(full) + 1, 100_000} {
		path := summaryFile(t, reports.MaxStepSummaryBytes-room)
		require.NoError(t, reports.AppendStepSummary(path, sample()))
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		require.LessOrEqual(t, len(got), reports.MaxStepSummaryBytes)
		text := strings.TrimLeft(string(got), "\n")
		require.True(t, strings.HasPrefix(text, "## Tollgate: not passed\n\n- **FAIL** phase2: "))
		require.Equal(t, room <= len(full), strings.Contains(text, "_Left out"), "room %d", room)
		requireHarmless(t, text)
	}
	path := summaryFile(t, reports.MaxStepSummaryBytes-reports.MinStepSummaryBytes)
	err := reports.AppendStepSummary(path, sample())
	require.ErrorIs(t, err, reports.ErrSummaryFull)
	require.ErrorContains(t, err, "summary.md has 1046528 of 1048576 bytes")
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.EqualValues(t, reports.MaxStepSummaryBytes-reports.MinStepSummaryBytes, info.Size(), "nothing is written")
}

func TestAppendStepSummaryRefuses(t *testing.T) {
	require.ErrorContains(t, reports.AppendStepSummary("", sample()), "write step summary: open")
	path := filepath.Join(t.TempDir(), "summary.md")
	require.ErrorIs(t, reports.AppendStepSummary(path), reports.ErrInvalid)
	require.NoFileExists(t, path)
}
