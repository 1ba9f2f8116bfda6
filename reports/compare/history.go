package compare

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"tollgate/reports"
)

// History is all runs of one scenario and stage, from the earliest to the latest.
type History struct {
	Scenario string    `json:"scenario"`
	Stage    string    `json:"stage"`
	Title    string    `json:"title"`
	Runs     []PastRun `json:"runs"`
	// Trends are the metrics of the criteria in the order of the latest run that has
	// them, then the latencies.
	Trends []Trend `json:"trends"`
}

// PastRun is one run of a history; its number is its place, from 1.
type PastRun struct {
	Path     string           `json:"path"`
	Finished time.Time        `json:"finished"`
	Commit   string           `json:"commit"` // abbreviated, "+changes" marks a changed working tree
	Seed     uint64           `json:"seed"`
	Decision reports.Decision `json:"decision"`
}

// Histories sorts runs by when they ended and returns the history of every scenario
// and stage, in order of their names.
func Histories(runs []Run) []History {
	runs = slices.Clone(runs)
	slices.SortStableFunc(runs, func(a, b Run) int {
		return cmp.Or(cmp.Compare(a.Result.Scenario, b.Result.Scenario), cmp.Compare(a.Result.Stage, b.Result.Stage),
			a.Result.Finished.Compare(b.Result.Finished), cmp.Compare(a.Path, b.Path))
	})
	var all []History
	for len(runs) > 0 {
		first := runs[0].Result
		end := slices.IndexFunc(runs, func(r Run) bool { return r.Result.Scenario != first.Scenario || r.Result.Stage != first.Stage })
		if end < 0 {
			end = len(runs)
		}
		all = append(all, history(runs[:end]))
		runs = runs[end:]
	}
	return all
}

func history(runs []Run) History {
	latest := runs[len(runs)-1].Result
	h := History{Scenario: latest.Scenario, Stage: latest.Stage, Title: latest.Title, Trends: trends(runs)}
	for _, run := range runs {
		h.Runs = append(h.Runs, PastRun{
			Path: run.Path, Finished: run.Result.Finished, Commit: commit(run.Result),
			Seed: run.Result.Seed, Decision: run.Result.Decision,
		})
	}
	return h
}

func (h History) heading() string {
	head := h.Scenario
	if h.Title != "" {
		head += ": " + h.Title
	}
	return fmt.Sprintf("%s (stage %s)", head, h.Stage)
}

// lead says how many runs there are, when they were and how many passed.
func (h History) lead() string {
	passed := 0
	for _, r := range h.Runs {
		if r.Decision == reports.DecisionPass {
			passed++
		}
	}
	first, last := h.Runs[0], h.Runs[len(h.Runs)-1]
	if len(h.Runs) == 1 {
		return fmt.Sprintf("1 run, ended %s: %s", minute(last.Finished), last.Decision)
	}
	return fmt.Sprintf("%d runs from %s to %s, %d passed, the last: %s",
		len(h.Runs), minute(first.Finished), minute(last.Finished), passed, last.Decision)
}

func (h History) runTable() reports.Table {
	t := reports.Table{Title: "Runs", Columns: []reports.Column{
		{Name: "Run", Align: reports.AlignRight}, {Name: "Ended"}, {Name: "Commit"}, {Name: "Decision"},
	}}
	for i, r := range h.Runs {
		t.Rows = append(t.Rows, []string{fmt.Sprint(i + 1), minute(r.Finished), r.Commit, string(r.Decision)})
	}
	return t
}
