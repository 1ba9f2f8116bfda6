package reports_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/reports"
)

// severalPage is a page with every kind of section.
func severalPage() reports.Page {
	r := sample()
	return reports.Page{
		Eyebrow: "Tollgate sign-off report", Title: "May this be deployed?", Lead: "commit 7d3f0c1e9ab2, 2026-11-23 21:00 UTC.",
		Word: "DO NOT DEPLOY", Verdict: reports.Fail, Sentence: "phase2 failed: 2 of 10 criteria failed.",
		Sections: []reports.Section{
			{Title: "Key figures", Boxed: true, Scenario: "all scenarios that say most", Judgements: r.Judgements[:4]},
			{Title: "What to look at", Boxed: true, Text: "Look at these before signing:", Items: []reports.Item{
				{Label: "phase2", Text: "Billed commands: 196,285 of < 200,000, 1.9 % to spare."}, {Text: "Scenario phase1 was not run."},
			}},
			{Title: "Scenarios", Tables: []reports.Table{componentTable()}},
			{Title: "Who signs", Signatures: []reports.Signature{
				{Role: "Owner of the service", Text: "users get their answers; 12 criteria; look first at phase2-job-success, phase2-api-p95"}, {Role: "On call"},
			}},
			{Title: "phase2: " + r.Title, Scenario: "phase2", Judgements: r.Judgements, Charts: r.Charts, Histograms: r.Histograms},
			{Title: "phase2: tables and notes", Folded: true, Tables: r.Tables},
			{Title: "Nothing"},
		},
	}
}

// A page without a decision has no box, and what is boxed is left out with it.
func TestPageWithoutADecision(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, reports.WritePage(&b, reports.Page{Title: "History", Sections: []reports.Section{{Title: "One", Text: "A <b>word</b>."}}}))
	require.NotContains(t, b.String(), `class="decision`)
	require.Contains(t, b.String(), "A &lt;b&gt;word&lt;/b&gt;.")
}

func TestPageRefusesWhatContradictsItself(t *testing.T) {
	forged := sample().Judgements[:1]
	forged[0].Verdict, forged[0].Reason = reports.Fail, "because"
	lying := sample().Histograms[:1]
	lying[0].HDR = "AAAA"
	for _, s := range []reports.Section{{Title: "s", Judgements: forged}, {Title: "s", Histograms: lying}} {
		var b bytes.Buffer
		err := reports.WritePage(&b, reports.Page{Title: "x", Sections: []reports.Section{s}})
		require.ErrorIs(t, err, reports.ErrInvalid)
		require.ErrorContains(t, err, `section "s"`)
		require.Zero(t, b.Len())
	}
}
