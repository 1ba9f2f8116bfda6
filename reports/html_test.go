package reports_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/reports"
)

func html(t testing.TB, r reports.Result) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, reports.WriteHTML(&b, r))
	return b.String()
}

func TestHTMLGolden(t *testing.T) {
	golden(t, "failed.html", []byte(html(t, sample())))
	golden(t, "nothing.html", []byte(html(t, reports.Result{Scenario: "phase1"})))
}

func TestHTMLIsSelfContained(t *testing.T) {
	page := html(t, sample())
	for _, forbidden := range []string{"<script", "<link", "<img", "<iframe", " src=", " href=", "@import", "url(", " onload=", "javascript:"} {
		require.NotContains(t, strings.ToLower(page), forbidden)
	}
	require.Empty(t, regexp.MustCompile(`https?://`).FindAllString(page, -1))
	require.Contains(t, page, `content="default-src 'none'; style-src 'unsafe-inline'"`)
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
		r.Tables[i].Title, r.Tables[i].Note, r.Tables[i].Columns[0].Name, r.Tables[i].Rows[0][0] = evil, evil, evil, evil
		r.Tables[i].Columns[1].Align = evil
	}
	for i := range r.Charts {
		c := &r.Charts[i]
		c.Title, c.Unit, c.XLabel, c.Lines[0].Name = evil, evil, evil, evil
		c.Limits = []reports.LimitLine{{Name: evil, Y: 3}}
	}
	r.Build = reports.Build{Commit: evil, Go: evil, OS: evil, Arch: evil, Modules: map[string]string{evil: evil}}
	page := html(t, r)
	require.NotContains(t, page, "<b onclick")
	require.NotContains(t, page, `onclick="x"`)
	require.Greater(t, strings.Count(page, "&lt;b onclick="), 40)
}

// TestHTMLBalances reads the page as strict XML, after closing its void elements,
// so that every element opened is closed in order.
func TestHTMLBalances(t *testing.T) {
	for _, r := range []reports.Result{sample(), passing(), {Scenario: "bare"}} {
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

func TestHTMLTellsTheDecision(t *testing.T) {
	page := html(t, passing())
	require.Contains(t, page, "<title>PASS: phase2, Eleven queues")
	require.Contains(t, page, `<section class="decision pass"`)
	require.NotContains(t, page, "What did not pass")

	page = html(t, sample())
	require.Contains(t, page, "<title>FAIL: phase2, Eleven queues")
	require.Less(t, strings.Index(page, "What did not pass"), strings.Index(page, "<h2>Criteria</h2>"))
	require.Len(t, sample().Judgements, strings.Count(page, `<th scope="row" role="rowheader"`))
}

// TestHTMLOfALongRun: a chart of one point a minute for a month stays small and quick.
func TestHTMLOfALongRun(t *testing.T) {
	r := sample()
	r.Charts = []reports.Chart{connectionChart(43_200)}
	started := time.Now()
	page := html(t, r)
	require.Less(t, time.Since(started), time.Second)
	require.Less(t, len(page), 100_000)
}

func BenchmarkWriteHTML43200Points(b *testing.B) {
	r := sample()
	r.Charts = []reports.Chart{connectionChart(43_200), latencyChart(43_200)}
	b.ReportAllocs()
	for b.Loop() {
		require.NoError(b, reports.WriteHTML(io.Discard, r))
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
