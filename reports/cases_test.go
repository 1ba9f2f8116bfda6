package reports_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/reports"
)

// paper is a renderer of results as text.
type paper func(w io.Writer, results ...reports.Result) error

func papers() map[string]paper {
	return map[string]paper{"junit": reports.WriteJUnit, "ctrf": reports.WriteCTRF, "markdown": reports.WriteMarkdown}
}

func rendered(t require.TestingT, write paper, results ...reports.Result) string {
	var b bytes.Buffer
	require.NoError(t, write(&b, results...))
	return b.String()
}

func interrupted() reports.Result {
	r := passing()
	r.Partial, r.Decision = true, reports.DecisionInterrupted
	return r
}

// endings are results of every decision, with what a CI system is to count.
func endings() map[string]struct {
	result                          reports.Result
	passed, failed, nodata, skipped int
} {
	allSkipped := reports.Result{Scenario: "s", Judgements: reports.Judge(
		oneCriterion(reports.AtMost, 1, nil, "ms"), nil, map[string]string{"c": "needs a container"})}
	cut := sample()
	cut.Partial, cut.Decision = true, reports.DecisionInterrupted
	return map[string]struct {
		result                          reports.Result
		passed, failed, nodata, skipped int
	}{
		"passed":         {passing(), 6, 0, 0, 0},
		"failed":         {sample(), 6, 2, 1, 1},
		"interrupted":    {interrupted(), 6, 0, 1, 0},
		"failed and cut": {cut, 6, 2, 2, 1},
		"nothing":        {reports.Result{Scenario: "phase1", Stage: "phase1"}, 0, 0, 1, 0},
		"all skipped":    {allSkipped, 0, 0, 1, 1},
	}
}

func TestPapersGolden(t *testing.T) {
	for _, name := range []string{"passed", "failed", "interrupted", "nothing"} {
		result := endings()[name].result
		for kind, write := range papers() {
			extension := map[string]string{"junit": ".xml", "ctrf": ".json", "markdown": ".md"}[kind]
			t.Run(kind+" "+name, func(t *testing.T) {
				golden(t, kind+"/"+name+extension, []byte(rendered(t, write, result)))
			})
		}
	}
	for kind, write := range papers() {
		t.Run(kind+" several", func(t *testing.T) {
			text := rendered(t, write, passing(), sample())
			require.Equal(t, text, rendered(t, write, passing(), sample()), "the same results give the same bytes")
			require.NotEqual(t, text, rendered(t, write, sample(), passing()), "in the order given")
		})
	}
}

func TestPapersRefuse(t *testing.T) {
	for kind, write := range papers() {
		t.Run(kind, func(t *testing.T) {
			var b bytes.Buffer
			err := write(&b)
			require.ErrorIs(t, err, reports.ErrInvalid, "a paper without a result would look as if all were well")
			require.ErrorContains(t, err, "there is none to report on")
			bad := sample()
			bad.Decision = reports.DecisionPass
			err = write(&b, passing(), bad)
			require.ErrorIs(t, err, reports.ErrInvalid)
			require.ErrorContains(t, err, `result of "phase2": invalid result: decision is "PASS", the judgements say "FAIL"`)
			require.Zero(t, b.Len(), "nothing is written")
		})
	}
}

// nasty draws text that tries to break out of whatever it is put in.
func nasty() *rapid.Generator[string] {
	piece := rapid.OneOf(
		rapid.SampledFrom([]string{
			"]]>", "<![CDATA[", "<script>", "</summary></details>", "<!--", "-->", "&amp;", "|", "\\", "\\|", "`", "```", "\r\n", "\n\n# ", "\t",
			"\x00", "\x1b[31m", "\x7f", "\u0085", "\u2028", "\u202e", "\u200b", "\ufffe", "\xff", "\xed\xa0\x80", "@someone", "@org/team", "#12",
			"GH-7", "o/r#3", "https://example.com/x", "www.example.com", "a@example.com", ":tada:", "[x](y)", "![x](y)", "**", "_", "~~", "$x$", "\"", "'", "1. ", "- ", "---", "==",
		}),
		rapid.String(),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 8), func(b []byte) string { return string(b) }),
	)
	return rapid.Map(rapid.SliceOfN(piece, 0, 6), func(all []string) string { return strings.Join(all, "") })
}

// nastyResult is a result with drawn text wherever there is text, and any verdicts.
func nastyResult(t *rapid.T) reports.Result {
	text := func() string { return nasty().Draw(t, "text") }
	filled := func() string { return "x" + text() }
	r := reports.Result{
		Scenario: filled(), Title: text(), Stage: text(), Baseline: text(), Profile: text(), Clock: text(),
		Partial: rapid.Bool().Draw(t, "partial"), Notes: []string{text(), text()},
		Tables: []reports.Table{{
			Title: text(), Note: text(), Columns: []reports.Column{{Name: text()}, {Name: text(), Align: reports.AlignRight}},
			Rows: [][]string{{text(), text()}, {text(), text()}},
		}},
		Inputs: []reports.Input{{Kind: text(), Name: text(), SHA256: text()}},
		Build:  reports.Build{Commit: text(), Go: text(), OS: text(), Arch: text(), CPU: text()},
	}
	set := reports.Set{}
	measurements, skipped := map[string]reports.Measurement{}, map[string]string{}
	for i := range rapid.IntRange(0, 4).Draw(t, "criteria") {
		id := string(rune('a'+i)) + text()
		unit := text()
		set.Criteria = append(set.Criteria, reports.Criterion{
			ID: id, Requirement: text(), Metric: id, Operator: reports.AtMost, Limit: 10, Unit: unit, Text: text(),
		})
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 0:
			measurements[id] = reports.Measurement{Missing: filled()}
		case 1:
			skipped[id] = filled()
		default:
			measurements[id] = reports.Measurement{
				Value: rapid.Float64Range(0, 20).Draw(t, "value"), Unit: unit, Samples: 1, How: reports.Measured, Note: text(), Evidence: text(),
			}
		}
	}
	r.Judgements = reports.Judge(set, measurements, skipped)
	return r
}
