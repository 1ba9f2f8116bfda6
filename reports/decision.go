package reports

import (
	"fmt"
	"strings"

	"tollgate/reports/exitcode"
)

// Decision is what came of a whole run.
type Decision string

const (
	// DecisionPass means that every criterion that was not skipped holds, and there is at least one.
	DecisionPass Decision = "PASS"
	// DecisionFail means that at least one criterion failed.
	DecisionFail Decision = "FAIL"
	// DecisionNoData means that none failed, but at least one had no data, or none was judged at all.
	DecisionNoData Decision = "NO DATA"
	// DecisionInterrupted means that the run ended before its time; what was judged is only a part.
	DecisionInterrupted Decision = "INTERRUPTED"
)

// Decide draws the decision from the judgements. Partial is true when the run was
// stopped before its end.
func Decide(judgements []Judgement, partial bool) Decision {
	n := count(judgements)
	switch {
	case partial:
		return DecisionInterrupted
	case n[Fail] > 0:
		return DecisionFail
	case n[NoData] > 0 || n[Pass] == 0:
		return DecisionNoData
	default:
		return DecisionPass
	}
}

// ExitCode returns the code that a command about this result ends with: see
// package exitcode. It is drawn from the judgements, so a result that merely
// claims to have passed does not.
func (r Result) ExitCode() int {
	switch Decide(r.Judgements, r.Partial) {
	case DecisionPass:
		return exitcode.Passed
	case DecisionInterrupted:
		return exitcode.Interrupted
	default:
		return exitcode.Failed
	}
}

// Summary returns the decision in one sentence: "2 of 18 criteria failed, 1 has no data".
func (r Result) Summary() string {
	if r.Partial {
		return "stopped before its end; " + summary(r.Judgements)
	}
	return summary(r.Judgements)
}

func summary(judgements []Judgement) string {
	total := len(judgements)
	n := count(judgements)
	switch {
	case total == 0:
		return "no criterion was judged"
	case total == 1 && n[Pass] == 1:
		return "the one criterion passed"
	case total == 1 && n[Fail] == 1:
		return "the one criterion failed"
	case n[Pass] == total:
		return fmt.Sprintf("all %s passed", criteria(total))
	}
	var parts []string
	if n[Fail] > 0 {
		parts = append(parts, fmt.Sprintf("%d of %s failed", n[Fail], criteria(total)))
	} else {
		parts = append(parts, fmt.Sprintf("%d of %s passed", n[Pass], criteria(total)))
	}
	if n[NoData] > 0 {
		verb := "have"
		if n[NoData] == 1 {
			verb = "has"
		}
		parts = append(parts, fmt.Sprintf("%d %s no data", n[NoData], verb))
	}
	if n[Skipped] > 0 {
		parts = append(parts, fmt.Sprintf("%d skipped", n[Skipped]))
	}
	return strings.Join(parts, ", ")
}

func criteria(n int) string {
	if n == 1 {
		return "1 criterion"
	}
	return fmt.Sprintf("%d criteria", n)
}

func count(judgements []Judgement) map[Verdict]int {
	n := map[Verdict]int{}
	for _, j := range judgements {
		n[j.Verdict]++
	}
	return n
}
