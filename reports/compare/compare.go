package compare

import (
	"errors"
	"fmt"
	"time"

	"tollgate/reports"
	"tollgate/reports/exitcode"
)

// ErrNotComparable is wrapped by errors about results that must not be compared.
var ErrNotComparable = errors.New("not comparable")

// Comparison is what changed between the earlier and the later results of one scenario.
type Comparison struct {
	Scenario string `json:"scenario"`
	Stage    string `json:"stage"`
	Before   Side   `json:"before"`
	After    Side   `json:"after"`
	Limits   Limits `json:"limits"`
	// Caveats are what else differs, and may be the reason for any change.
	Caveats []Caveat `json:"caveats"`
	// Metrics are the metrics of the criteria in their order, then the latencies.
	Metrics []Metric `json:"metrics"`
	// Criteria are all criteria in the order of the later results, then those removed.
	Criteria []Transition `json:"criteria"`
}

// Side is one side of a comparison.
type Side struct {
	Runs int `json:"runs"`
	// Commits are the different commits, abbreviated and sorted; "+changes" marks a changed working tree.
	Commits []string `json:"commits"`
	// First and Last are when the earliest and the latest run ended.
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
}

// Compare compares results of one scenario and stage: those before with those
// after. Several on a side are repeats. An error wraps [ErrLimits], or
// [ErrNotComparable] for a side without results, for several scenarios or stages,
// for parts of a split run and for a result given twice on one side. Nothing is
// changed in the arguments.
func Compare(before, after []reports.Result, limits Limits) (Comparison, error) {
	if err := limits.Validate(); err != nil {
		return Comparison{}, err
	}
	if err := errors.Join(repeats("before", before), repeats("after", after)); err != nil {
		return Comparison{}, err
	}
	b, a := before[0], after[0]
	if b.Scenario != a.Scenario || b.Stage != a.Stage {
		return Comparison{}, fmt.Errorf("%w: %s before, %s after: compare results of one scenario and stage",
			ErrNotComparable, subject(b), subject(a))
	}
	c := Comparison{
		Scenario: a.Scenario, Stage: a.Stage,
		Before: side(before), After: side(after), Limits: limits,
		Caveats: caveats(before, after), Criteria: transitions(before, after),
	}
	c.Metrics = append(judged(before, after, limits), latencies(before, after, limits)...)
	if unused := limits.unused(c.Metrics); len(unused) > 0 {
		return Comparison{}, fmt.Errorf("%w: there is no metric %q in these results", ErrLimits, unused[0])
	}
	return c, nil
}

// repeats returns why results cannot be repeats of one another, or nil.
func repeats(name string, results []reports.Result) error {
	if len(results) == 0 {
		return fmt.Errorf("%w: no result %s", ErrNotComparable, name)
	}
	seen := map[time.Time]bool{}
	for _, r := range results {
		switch {
		case r.Scenario != results[0].Scenario || r.Stage != results[0].Stage:
			return fmt.Errorf("%w: %s and %s are both %s: compare results of one scenario and stage",
				ErrNotComparable, subject(results[0]), subject(r), name)
		case r.Segment != nil:
			return fmt.Errorf("%w: a result %s is part %d of %d of a run, and no run of its own",
				ErrNotComparable, name, r.Segment.Index, r.Segment.Of)
		case !r.Started.IsZero() && seen[r.Started]:
			return fmt.Errorf("%w: the run started at %s is there twice %s: a copy is no repeat",
				ErrNotComparable, r.Started.Format(time.RFC3339Nano), name)
		}
		seen[r.Started] = true
	}
	return nil
}

func subject(r reports.Result) string {
	return fmt.Sprintf("scenario %s (stage %s)", r.Scenario, r.Stage)
}

func side(results []reports.Result) Side {
	s := Side{Runs: len(results), First: results[0].Finished, Last: results[0].Finished}
	s.Commits = distinct(results, commit)
	for _, r := range results {
		if r.Finished.Before(s.First) {
			s.First = r.Finished
		}
		if r.Finished.After(s.Last) {
			s.Last = r.Finished
		}
	}
	return s
}

// Regressed reports whether a metric or a criterion got worse than the limits allow.
func (c Comparison) Regressed() bool {
	for _, m := range c.Metrics {
		if m.Regression {
			return true
		}
	}
	for _, t := range c.Criteria {
		if t.Regression {
			return true
		}
	}
	return false
}

// ExitCode returns [exitcode.Failed] where something regressed, else [exitcode.Passed].
func (c Comparison) ExitCode() int {
	if c.Regressed() {
		return exitcode.Failed
	}
	return exitcode.Passed
}
