package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"tollgate/reports"
)

// Caveat is something other than the program that differs between runs.
type Caveat struct {
	What string `json:"what"`
	// Before and After are what it was, several values of one side joined by commas.
	Before string `json:"before"`
	After  string `json:"after"`
}

// String returns the caveat as a sentence: "seed differs: 42 before, 43 after".
func (c Caveat) String() string {
	if c.Before == c.After {
		return fmt.Sprintf("%s differs between repeats: %s", c.What, c.After)
	}
	return fmt.Sprintf("%s differs: %s before, %s after", c.What, c.Before, c.After)
}

// notRecorded stands for a fact that a result does not hold.
const notRecorded = "not recorded"

// facts are what should be the same in all runs. The round trip is known from the
// notes only: those that speak of one are compared word for word.
var facts = []struct {
	what string
	of   func(reports.Result) string
}{
	{"baseline", func(r reports.Result) string { return r.Baseline }},
	{"profile", func(r reports.Result) string { return r.Profile }},
	{"content of the profile", digests(reports.InputProfile)},
	{"content of the criteria", digests(reports.InputCriteria)},
	{"seed", func(r reports.Result) string { return fmt.Sprint(r.Seed) }},
	{"clock", func(r reports.Result) string { return r.Clock }},
	{"round trip", roundTrip},
	{"machine", machine},
	{"Go version", func(r reports.Result) string { return r.Build.Go }},
	{"state of the working tree", func(r reports.Result) string {
		if r.Build.Dirty {
			return "changed since the commit"
		}
		return "as committed"
	}},
	{"completeness", func(r reports.Result) string {
		if r.Partial {
			return "stopped before the end"
		}
		return "whole"
	}},
}

// caveats names every fact that is not the same in all results.
func caveats(before, after []reports.Result) []Caveat {
	found := []Caveat{}
	for _, fact := range facts {
		b, a := distinct(before, fact.of), distinct(after, fact.of)
		if len(a) > 1 || !slices.Equal(a, b) {
			found = append(found, Caveat{What: fact.what, Before: strings.Join(b, ", "), After: strings.Join(a, ", ")})
		}
	}
	return found
}

// distinct returns the different values of a fact, sorted.
func distinct(results []reports.Result, of func(reports.Result) string) []string {
	var all []string
	for _, r := range results {
		all = append(all, cmp.Or(of(r), notRecorded))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// digests returns the abbreviated digests of a result's inputs of one kind.
func digests(kind string) func(reports.Result) string {
	return func(r reports.Result) string {
		var all []string
		for _, input := range r.Inputs {
			if input.Kind == kind {
				all = append(all, abbreviate(input.SHA256))
			}
		}
		return strings.Join(all, " and ")
	}
}

func abbreviate(digest string) string { return digest[:min(len(digest), 12)] }

// commit returns the abbreviated commit, marked where the working tree differed from it.
func commit(r reports.Result) string {
	if r.Build.Dirty {
		return abbreviate(r.Build.Commit) + "+changes"
	}
	return abbreviate(r.Build.Commit)
}

func machine(r reports.Result) string {
	b := r.Build
	if b.OS == "" {
		return ""
	}
	text := fmt.Sprintf("%s/%s with %d CPUs", b.OS, b.Arch, b.CPUs)
	if b.CPU != "" {
		text += " (" + b.CPU + ")"
	}
	if b.MemoryBytes > 0 {
		text += fmt.Sprintf(" and %d MiB", b.MemoryBytes>>20)
	}
	return text
}

func roundTrip(r reports.Result) string {
	var all []string
	for _, note := range r.Notes {
		if strings.Contains(note, "round trip") {
			all = append(all, note)
		}
	}
	return strings.Join(all, " ")
}
