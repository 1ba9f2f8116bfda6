package signoff

import (
	"tollgate/reports"
)

// keyMetrics are those that a migration is decided by, in the order in which they are read.
var keyMetrics = []string{
	"stage.connections.peak", "connections.minute.max", "commands.month", "run.commands.reduction", "commands.saved.seed",
	"jobs.success_rate", "connection.errors", "api.p95.ratio", "price.month",
}

// key are the criteria about the key metrics, as a whole, and every one that did not pass; the scenario stands before the text
// where there are several.
func key(r Report) []reports.Judgement {
	var all []reports.Judgement
	add := func(result reports.Result, j reports.Judgement) {
		if len(r.Results) > 1 {
			j.Text = result.Scenario + ": " + j.Text
		}
		all = append(all, j)
	}
	for _, result := range r.Results {
		for _, metric := range keyMetrics {
			for _, j := range result.Judgements {
				if j.Metric == metric && j.Of == nil && j.Verdict == reports.Pass {
					add(result, j)
				}
			}
		}
		for _, j := range result.Judgements {
			if j.Verdict == reports.Fail || j.Verdict == reports.NoData {
				add(result, j)
			}
		}
	}
	return all
}
