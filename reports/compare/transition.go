package compare

import (
	"fmt"
	"strings"

	"tollgate/reports"
)

// Transition is one criterion on both sides.
type Transition struct {
	ID   string `json:"id"`
	Text string `json:"text"`
	// Before and After are the verdict that most repeats have, the worse one on a
	// tie; "" where the criterion is not there.
	Before reports.Verdict `json:"before,omitempty"`
	After  reports.Verdict `json:"after,omitempty"`
	// LimitBefore and LimitAfter are what was asked for: "<= 1.1×".
	LimitBefore string `json:"limit_before,omitempty"`
	LimitAfter  string `json:"limit_after,omitempty"`
	// Note says what repeats do not agree on: "2 of 3 PASS after".
	Note string `json:"note,omitempty"`
	// Regression is true where it went from PASS to FAIL or NO DATA.
	Regression bool `json:"regression"`
}

// Changed reports whether there is anything to tell about the criterion.
func (t Transition) Changed() bool {
	return t.Before != t.After || t.LimitBefore != t.LimitAfter || t.Note != ""
}

// transitions pairs the criteria of both sides by their IDs.
func transitions(before, after []reports.Result) []Transition {
	all := []Transition{}
	b, a := tallies(before), tallies(after)
	index := map[string]tally{}
	for _, x := range b {
		index[x.id] = x
	}
	for _, y := range a {
		x := index[y.id]
		delete(index, y.id)
		all = append(all, transition(x, y, len(before), len(after)))
	}
	for _, x := range b {
		if _, left := index[x.id]; left {
			all = append(all, transition(x, tally{id: x.id, text: x.text}, len(before), len(after)))
		}
	}
	return all
}

func transition(x, y tally, runsBefore, runsAfter int) Transition {
	t := Transition{
		ID: y.id, Text: y.text, Before: x.verdict(), After: y.verdict(),
		LimitBefore: strings.Join(x.limits, ", "), LimitAfter: strings.Join(y.limits, ", "),
	}
	var notes []string
	if note := x.note(runsBefore); note != "" {
		notes = append(notes, note+" before")
	}
	if note := y.note(runsAfter); note != "" {
		notes = append(notes, note+" after")
	}
	t.Note = strings.Join(notes, ", ")
	t.Regression = t.Before == reports.Pass && (t.After == reports.Fail || t.After == reports.NoData)
	return t
}

// tally counts the verdicts of one criterion over the repeats of a side.
type tally struct {
	id, text string
	limits   []string // the different ones
	verdicts map[reports.Verdict]int
}

// tallies returns the criteria of a side in order of appearance.
func tallies(results []reports.Result) []tally {
	var all []tally
	index := map[string]int{}
	for _, r := range results {
		for _, j := range r.Judgements {
			i, ok := index[j.ID]
			if !ok {
				i = len(all)
				index[j.ID] = i
				all = append(all, tally{id: j.ID, text: j.Text, verdicts: map[reports.Verdict]int{}})
			}
			all[i].verdicts[j.Verdict]++
			if limit := j.LimitText(); len(all[i].limits) == 0 || all[i].limits[len(all[i].limits)-1] != limit {
				all[i].limits = append(all[i].limits, limit)
			}
		}
	}
	return all
}

// verdict returns the most frequent verdict, the worse one on a tie, "" of none.
func (t tally) verdict() reports.Verdict {
	var most reports.Verdict
	for _, v := range []reports.Verdict{reports.Fail, reports.NoData, reports.Pass, reports.Skipped} {
		if t.verdicts[v] > t.verdicts[most] {
			most = v
		}
	}
	return most
}

// note says how many repeats have the verdict, where not all do.
func (t tally) note(runs int) string {
	v := t.verdict()
	if v == "" || t.verdicts[v] == runs {
		return ""
	}
	return fmt.Sprintf("%d of %d %s", t.verdicts[v], runs, v)
}
