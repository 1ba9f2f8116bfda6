package reports

import (
	"maps"
	"slices"
	"strings"
)

// resultView is a result as a page shows it, whether alone or among others.
type resultView struct {
	Result
	Class         string // of the decision
	Advice        string
	Rows          []criterionRow
	Drawings      []drawing
	Distributions []distribution
	Facts         []fact
	Modules       []fact
}

// newResultView prepares a result that [Result.ready] has checked.
func newResultView(r Result) (resultView, error) {
	latencies, err := distributions(r.Histograms)
	if err != nil {
		return resultView{}, err
	}
	v := resultView{
		Result: r, Class: class(string(r.Decision)), Advice: r.Decision.advice(),
		Rows: criterionRows(r.Judgements), Drawings: drawings(r.Charts), Distributions: latencies, Facts: facts(r),
	}
	for _, path := range slices.Sorted(maps.Keys(r.Build.Modules)) {
		v.Modules = append(v.Modules, fact{Name: path, Value: r.Build.Modules[path]})
	}
	return v, nil
}

// advice says what follows from the decision for who signs the deploy off.
func (d Decision) advice() string {
	switch d {
	case DecisionPass:
		return "By these criteria, fit to deploy."
	case DecisionNoData:
		return "Not fit to deploy: what has no data is not shown to hold."
	case DecisionInterrupted:
		return "Not fit to deploy: only a part of the run was judged."
	default:
		return "Not fit to deploy."
	}
}

// class returns the style class of a verdict or decision: "pass", "no-data".
func class(verdict string) string {
	return strings.ReplaceAll(strings.ToLower(verdict), " ", "-")
}

// criterionRow is one judgement as the block "criteria" shows it.
type criterionRow struct {
	Judgement
	Class string
	// Details says what the value rests on, one thing each.
	Details []string
}

// criterionRows returns the judgements in the order in which they are to be read:
// what failed, what has no data, what passed, what was left out.
func criterionRows(judgements []Judgement) []criterionRow {
	rows := make([]criterionRow, 0, len(judgements))
	for _, verdict := range []Verdict{Fail, NoData, Pass, Skipped} {
		for _, j := range judgements {
			if j.Verdict == verdict {
				rows = append(rows, criterionRow{Judgement: j, Class: class(string(verdict)), Details: details(j)})
			}
		}
	}
	return rows
}

func details(j Judgement) []string {
	var all []string
	if j.Of != nil {
		all = append(all, j.Of.Dimension+" "+j.Of.Value)
	}
	if how := j.HowText(); how != "" {
		all = append(all, how)
	}
	if j.Measurement.Samples > 1 && j.valued() {
		all = append(all, Format(float64(j.Measurement.Samples), "")+" samples")
	}
	for _, text := range []string{j.Measurement.Note, j.Requirement, j.ID} {
		if text != "" {
			all = append(all, text)
		}
	}
	return all
}
