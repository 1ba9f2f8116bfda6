package reports

import (
	"fmt"
	"strings"
)

// runCase is the ID of the case that [cases] adds.
const runCase = "run"

// cases returns what a CI system is to count as tests: every judgement and, where
// they alone would look better than the decision is, one more with the verdict
// NO DATA. That is a run that was stopped before its end, whatever was judged until
// then, and a run in which no criterion was judged. So a report made of these cases
// is green exactly when [Decide] says PASS.
func cases(r Result) []Judgement {
	n := count(r.Judgements)
	var text string
	switch {
	case r.Partial:
		text = "The run came to its end"
	case n[Pass]+n[Fail]+n[NoData] == 0:
		text = "At least one criterion was judged"
	default:
		return r.Judgements
	}
	run := Judgement{Criterion: Criterion{ID: runCase, Text: text}, Verdict: NoData, Reason: r.Summary()}
	return append(r.Judgements[:len(r.Judgements):len(r.Judgements)], run)
}

// caseName is the name of a judgement as a test: "phase1-errors: Connection errors".
func caseName(j Judgement) string { return j.ID + ": " + j.Text }

// limitOf returns the limit as a reader sees it, "" for the case that is no criterion.
func limitOf(j Judgement) string {
	if j.Operator == "" {
		return ""
	}
	return j.LimitText()
}

// explanation returns the reason of a verdict with what else a reader must know of
// it, in full sentences. The reason must not be empty.
func (j Judgement) explanation() string {
	text := sentence(j.Reason)
	if j.Measurement.Note != "" {
		text += " " + sentence(j.Measurement.Note)
	}
	if j.Measurement.Evidence != "" {
		text += " See " + j.Measurement.Evidence + "."
	}
	return text
}

func sentence(text string) string { return strings.TrimSuffix(text, ".") + "." }

// readyAll makes every result ready to be written. A paper without any result
// would look as if all were well, so none at all is [ErrInvalid], too.
func readyAll(results []Result) ([]Result, error) {
	if len(results) == 0 {
		return nil, fmt.Errorf("%w: there is none to report on", ErrInvalid)
	}
	all := make([]Result, len(results))
	for i, r := range results {
		ready, err := r.Ready()
		if err != nil {
			return nil, fmt.Errorf("result of %q: %w", r.Scenario, err)
		}
		all[i] = ready
	}
	return all, nil
}
