package signoff

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"tollgate/reports"
)

// closeMargin is the margin below which a criterion that passed is pointed at.
const closeMargin = 0.05

// Point is something to look at before signing.
type Point struct {
	// Scenario is the one it is about; "" when it is about several.
	Scenario string `json:"scenario,omitempty"`
	Text     string `json:"text"`
}

// points are what a reader must look at beside the criteria that did not pass, the gravest first.
func points(r Report, maxAge time.Duration) []Point {
	all := []Point{}
	add := func(scenario, format string, args ...any) {
		all = append(all, Point{scenario, fmt.Sprintf(format, args...)})
	}
	for _, name := range r.Missing {
		add("", "Scenario %s was not run.", name)
	}
	for _, result := range r.Results {
		for _, j := range tight(result) {
			add(result.Scenario, "%s: %s of %s, %s to spare.", j.Text, j.ValueText(), j.LimitText(), reports.Format(roundedPercent(j.Margin), "percent"))
		}
		for _, j := range result.Judgements {
			switch {
			case j.Verdict == reports.Skipped:
				add(result.Scenario, "%s: left out, %s.", j.Text, j.Reason)
			case j.Verdict == reports.Pass && j.Measurement.How == reports.Projected:
				add(result.Scenario, "%s is projected: %s.", j.Text, j.Measurement.Note)
			}
		}
	}
	for _, result := range r.Results {
		if result.Build.Dirty {
			add(result.Scenario, "It was run at %s, which nobody else can run.", result.Build.ShortCommit())
		}
		if age := r.Created.Sub(result.Finished); age > maxAge {
			add(result.Scenario, "The result is %d days old.", int(age.Hours()/24))
		}
	}
	if machines := machinesOf(r.Results); len(machines) > 1 {
		add("", "The results are of different machines (%d): their latencies do not compare.", len(machines))
	}
	return all
}

// tight are the criteria that passed with little to spare, the nearest first.
func tight(r reports.Result) []reports.Judgement {
	var all []reports.Judgement
	for _, j := range r.Judgements {
		if hasMargin(j) && j.Margin < closeMargin {
			all = append(all, j)
		}
	}
	slices.SortStableFunc(all, func(a, b reports.Judgement) int { return cmp.Compare(a.Margin, b.Margin) })
	return all
}

// hasMargin reports whether a criterion passed with a margin that says something. A count that is at its limit, such as 3
// connections of at most 3 or 1,000 jobs of at least 1,000, is as it was meant to be.
func hasMargin(j reports.Judgement) bool {
	return j.Verdict == reports.Pass && j.MarginText() != "" && j.Operator != reports.Between && (j.Unit != "count" || j.Margin > 0)
}

func roundedPercent(share float64) float64 { return math.Round(share*1000) / 10 }

func machinesOf(results []reports.Result) []string {
	var all []string
	for _, r := range results {
		b := r.Build
		if machine := fmt.Sprint(b.OS, b.Arch, b.CPUs, b.CPU, b.MemoryBytes); !slices.Contains(all, machine) {
			all = append(all, machine)
		}
	}
	return all
}
