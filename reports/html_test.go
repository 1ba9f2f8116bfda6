package reports_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/reports"
)

func html(t testing.TB, r reports.Result) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, reports.WriteHTML(&b, r))
	return b.String()
}

// pages are the pages that are golden files, by the names of the files.
func pages(t testing.TB) map[string]string {
	var several bytes.Buffer
	require.NoError(t, reports.WritePage(&several, severalPage()))
	return map[string]string{
		"failed": html(t, sample()), "nothing": html(t, reports.Result{Scenario: "phase1"}), "kinds": html(t, kinds()), "several": several.String(),
	}
}

func TestHTMLGolden(t *testing.T) {
	for name, page := range pages(t) {
		golden(t, name+".html", []byte(page))
	}
}

// TestHTMLIsSelfContained: there is nothing in a page to fetch or to run.
func TestHTMLIsSelfContained(t *testing.T) {
	for name, page := range pages(t) {
		page = strings.ToLower(page)
		for _, forbidden := range []string{"<script", "<link", "<img", "<iframe", "<use", " src=", "href=", "@import", "url(", " onload=", "javascript:"} {
			require.NotContains(t, page, forbidden, name)
		}
		require.NotRegexp(t, `https?:`, page, name)
		require.Contains(t, page, `content="default-src 'none'; style-src 'unsafe-inline'"`, name)
	}
}

// TestHTMLEscapes: nothing a scenario or a file says becomes markup.
func TestHTMLEscapes(t *testing.T) {
	const evil = `<b onclick="x">&"'</b>`
	r := sample()
	r.Title, r.Stage, r.Baseline, r.Profile, r.Clock, r.Scenario = evil, evil, evil, evil, evil, evil
	r.Notes = []string{evil}
	for i := range r.Judgements {
		r.Judgements[i].Text, r.Judgements[i].ID = evil, evil+r.Judgements[i].ID
		r.Judgements[i].Measurement.Note, r.Judgements[i].Measurement.Evidence = evil, evil
		if r.Judgements[i].Verdict != reports.Pass {
			r.Judgements[i].Reason = evil
		}
	}
	for i := range r.Tables {
		r.Tables[i].Title, r.Tables[i].How, r.Tables[i].Note, r.Tables[i].Columns[0].Name, r.Tables[i].Rows[0][0] = evil, evil, evil, evil, evil
		r.Tables[i].Columns[1].Align = evil
	}
	for i := range r.Charts {
		c := &r.Charts[i]
		c.Title, c.Unit, c.XLabel, c.Lines[0].Name, c.Note, c.How = evil, evil, evil, evil, evil, evil
		if c.Kind == reports.ChartBars {
			c.Categories[0] = evil
		}
		c.Limits = []reports.LimitLine{{Name: evil, Y: 3}}
	}
	for i := range r.Histograms {
		r.Histograms[i].Name, r.Histograms[i].Series, r.Histograms[i].Unit = evil, evil, evil
	}
	r.Inputs = []reports.Input{{Kind: evil, Name: evil, SHA256: evil}}
	r.Build = reports.Build{Commit: evil, Go: evil, OS: evil, Arch: evil, CPU: evil, Modules: map[string]string{evil: evil}}
	page := html(t, r)
	require.NotContains(t, page, "<b onclick")
	require.NotContains(t, page, `onclick="x"`)
	require.Greater(t, strings.Count(page, "&lt;b onclick="), 40)
}

// TestHTMLBalances reads the page as strict XML, after closing its void elements,
// so that every element opened is closed in order.
func TestHTMLBalances(t *testing.T) {
	for _, r := range []reports.Result{sample(), passing(), kinds(), {Scenario: "bare"}} {
		page := html(t, r)
		require.NotContains(t, page, "ZgotmplZ", "a value that html/template refused")
		page = strings.Replace(page, "<!DOCTYPE html>", "", 1)
		page = regexp.MustCompile(`<meta ([^>]*)>`).ReplaceAllString(page, `<meta $1/>`)
		page = regexp.MustCompile(`(?s)<style>.*</style>`).ReplaceAllString(page, "")
		decoder := xml.NewDecoder(strings.NewReader(page))
		for {
			_, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
		}
	}
}

// TestHTMLTellsTheDecision: word, advice and the reasons stand before anything else.
func TestHTMLTellsTheDecision(t *testing.T) {
	page := html(t, passing())
	require.Contains(t, page, "<title>PASS: phase2, Eleven queues")
	require.Contains(t, page, `<section class="decision pass"`)
	require.Contains(t, page, "By these criteria, fit to deploy.")

	page = html(t, sample())
	require.Contains(t, page, "<title>FAIL: phase2, Eleven queues")
	require.Contains(t, page, "2 of 10 criteria failed, 1 has no data, 1 skipped. <strong>Not fit to deploy.</strong>")
	var at []int
	for _, text := range []string{
		`<p class="word">FAIL</p>`, "118,800,000 above 200,000 (595 times as much)", "27.6 points below 60 %",
		"did not answer the final count", "Connection errors of cache", "belongs to the month scenario", "<h2>Charts</h2>",
		"<h2>Latency percentiles</h2>", "<h2>Tables</h2>", "<h2>Notes</h2>", "<h2>Facts of the run</h2>",
	} {
		require.Contains(t, page, text)
		at = append(at, strings.Index(page, text))
	}
	require.IsIncreasing(t, at)
	require.Len(t, sample().Judgements, strings.Count(page, `<th scope="row" role="rowheader"`))
	heads := regexp.MustCompile(`role="columnheader"[^>]*>([^<]*)<`).FindAllStringSubmatch(page, -1)
	require.Len(t, heads, 5)
	for i, head := range []string{"What", "Value", "Limit", "Margin", "Verdict"} {
		require.Equal(t, head, heads[i][1])
	}
}

func TestHTMLTellsTheFacts(t *testing.T) {
	r := sample()
	r.Segment = &reports.Segment{Index: 2, Of: 4}
	page := html(t, r)
	for _, fact := range []string{
		"<dt>Segment</dt><dd>2 of 4</dd>", "<dt>Processor</dt><dd>Example CPU @ 2.50GHz</dd>", "<dt>Memory</dt><dd>8 GiB</dd>",
		`<dt>Input: criteria</dt><dd>scenarios/criteria/phase2.yaml<code class="small">sha256 ` + r.Inputs[1].SHA256 + "</code></dd>",
	} {
		require.Contains(t, page, fact)
	}
}

func BenchmarkWriteJSON43200Points(b *testing.B) {
	r := sample()
	r.Charts = []reports.Chart{connectionChart(43_200), latencyChart(43_200)}
	b.ReportAllocs()
	for b.Loop() {
		require.NoError(b, reports.WriteJSON(io.Discard, r))
	}
}
