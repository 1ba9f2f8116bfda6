package signoff

import (
	"slices"
	"strings"

	"tollgate/reports"
)

// Approval is what one person signs.
type Approval struct {
	// Role is who signs, Decides what they answer for.
	Role    string `json:"role"`
	Decides string `json:"decides"`
	// Criteria is how many criteria are theirs, Open how many of them did not pass.
	Criteria int `json:"criteria"`
	Open     int `json:"open"`
	// LookAt are the ids of the criteria to look at first: those that did not pass, then the one with the least to spare.
	LookAt []string `json:"look_at"`
}

// roles split the metrics by who answers for them; the last one has what is left.
var roles = []struct {
	role, decides string
	metrics       []string // prefixes
}{
	{"Owner of the service", "users get their answers and jobs get done: API latency and errors, job success, queues, cache", []string{"api.", "jobs.", "queues.", "cache."}},
	{"Owner of the budget", "the month costs what was promised: billed commands, price, headroom", []string{"commands.", "run.commands.", "price.", "free."}},
	{"On call", "it holds and can be taken back: connections and their errors, and the way back, which is the stage before", []string{"connection", "connections.", "stage.connections.", "baseline.connections."}},
	{"Whoever ran it", "the runs are worth believing: load, faults, method", nil},
}

// approvals split the criteria of all results by role. A role without any is left out.
func approvals(results []reports.Result) []Approval {
	all := make([]Approval, len(roles))
	tightest := make([]*reports.Judgement, len(roles))
	for i, r := range roles {
		all[i] = Approval{Role: r.role, Decides: r.decides, LookAt: []string{}}
	}
	for _, result := range results {
		for k := range result.Judgements {
			j := &result.Judgements[k]
			i := roleOf(j.Metric)
			all[i].Criteria++
			switch {
			case j.Verdict != reports.Pass:
				all[i].Open++
				all[i].LookAt = append(all[i].LookAt, j.ID)
			case hasMargin(*j) && (tightest[i] == nil || j.Margin < tightest[i].Margin):
				tightest[i] = j
			}
		}
	}
	for i, j := range tightest {
		if j != nil {
			all[i].LookAt = append(all[i].LookAt, j.ID)
		}
	}
	return slices.DeleteFunc(all, func(a Approval) bool { return a.Criteria == 0 })
}

// roleOf is the index of the role that answers for a metric.
func roleOf(metric string) int {
	for i, r := range roles {
		if slices.ContainsFunc(r.metrics, func(prefix string) bool { return strings.HasPrefix(metric, prefix) }) {
			return i
		}
	}
	return len(roles) - 1
}
