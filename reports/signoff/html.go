package signoff

import (
	"fmt"
	"io"
	"strings"
	"time"

	"tollgate/reports"
)

// WriteHTML writes the report as one self-contained page.
func WriteHTML(w io.Writer, r Report) error { return reports.WritePage(w, page(r)) }

// page lays the report out: the decision with the scenarios, what to look at, who signs and how to go back, and then all of
// each result.
func page(r Report) reports.Page {
	p := reports.Page{
		Eyebrow: "Tollgate sign-off report", Title: "May this be deployed?", Lead: lead(r),
		Word: string(r.Decision), Verdict: r.verdict(), Sentence: r.Reason + ".",
		Sections: []reports.Section{
			{Title: "Key figures", Boxed: true, Scenario: "all scenarios that say most", Judgements: key(r)},
			lookAt(r),
			{Title: "Scenarios", Tables: []reports.Table{scenarioTable(r)}},
			{Title: "Who signs", Signatures: signatures(r)},
		},
	}
	if back := wayBack(r); len(back) > 0 {
		p.Sections = append(p.Sections, reports.Section{Title: "The way back", Items: back})
	}
	for _, result := range r.Results {
		p.Sections = append(p.Sections, reports.Section{
			Title: result.Scenario + ": " + result.Title, Text: running(result),
			Scenario: result.Scenario, Judgements: result.Judgements, Charts: result.Charts, Histograms: result.Histograms,
		}, reports.Section{Title: result.Scenario + ": tables and notes", Folded: true, Tables: result.Tables, Items: notes(result)})
	}
	return p
}

// verdict is how the decision looks.
func (r Report) verdict() reports.Verdict {
	if r.Decision == Deploy {
		return reports.Pass
	}
	return reports.Fail
}

// lead says what was run, and when.
func lead(r Report) string {
	commit := "No common commit"
	if r.Commit != "" {
		commit = "Commit " + r.Commit
	}
	return fmt.Sprintf("%s, %s.", commit, r.Created.UTC().Format("2006-01-02 15:04 UTC"))
}

// scenarioTable is the report in short.
func scenarioTable(r Report) reports.Table {
	t := reports.Table{
		Title: "Scenarios", Note: "Least to spare is the criterion that passed with the smallest margin, as a share of its limit.",
		Columns: []reports.Column{
			{Name: "Scenario"},
			{Name: "Decision"},
			{Name: "Criteria passed", Align: reports.AlignRight},
			{Name: "Least to spare"},
			{Name: "Value", Align: reports.AlignRight},
			{Name: "Limit"},
			{Name: "Margin", Align: reports.AlignRight},
		},
	}
	for _, s := range r.Scenarios {
		row := []string{s.Name, string(s.Decision), fmt.Sprintf("%d of %d", s.Passed, s.Criteria), "", "", "", ""}
		if j := s.Tightest; j != nil {
			row[3], row[4], row[5], row[6] = j.Text, j.ValueText(), j.LimitText(), j.MarginText()
		}
		t.Rows = append(t.Rows, row)
	}
	for _, name := range r.Missing {
		t.Rows = append(t.Rows, []string{name, "not run", "", "", "", "", ""})
	}
	return t
}

// lookAt lists the points.
func lookAt(r Report) reports.Section {
	s := reports.Section{Title: "What to look at", Boxed: true, Text: "Look at these before signing:"}
	for _, p := range r.Points {
		s.Items = append(s.Items, reports.Item{Label: p.Scenario, Text: p.Text})
	}
	switch {
	case len(s.Items) > 0:
	case r.Decision == Deploy:
		s.Text = "Nothing stands out: no limit is nearly reached, nothing was projected or left out."
	default:
		s.Text = "Beside what is said above, nothing stands out."
	}
	return s
}

// signatures are the roles with what they answer for and look at.
func signatures(r Report) []reports.Signature {
	var all []reports.Signature
	for _, a := range r.Approvals {
		text := a.Decides + "; " + plural(a.Criteria, "criterion", "criteria")
		if a.Open > 0 {
			text += fmt.Sprintf(", %d not passed", a.Open)
		}
		if len(a.LookAt) > 0 {
			text += "; look first at " + strings.Join(a.LookAt, ", ")
		}
		all = append(all, reports.Signature{Role: a.Role, Text: text})
	}
	return all
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func wayBack(r Report) []reports.Item {
	var all []reports.Item
	for _, s := range r.Scenarios {
		if s.WayBack != "" {
			all = append(all, reports.Item{Label: s.Name, Text: s.WayBack})
		}
	}
	return all
}

// running says how a result came about.
func running(r reports.Result) string {
	text := fmt.Sprintf("Stage %s", r.Stage)
	if r.Baseline != "" {
		text += " against " + r.Baseline
	}
	return fmt.Sprintf("%s, profile %s, seed %d, %s clock, %s, finished %s.", text, r.Profile, r.Seed, r.Clock, r.Build.Go,
		r.Finished.UTC().Format(time.DateTime+" UTC"))
}

func notes(r reports.Result) []reports.Item {
	var all []reports.Item
	for _, n := range r.Notes {
		all = append(all, reports.Item{Text: n})
	}
	return all
}
