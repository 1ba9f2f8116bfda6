package signoff

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tollgate/reports"
	"tollgate/reports/exitcode"
)

// SchemaVersion is the version of signoff.json that this package writes.
const SchemaVersion = 1

// Decision is what the report says.
type Decision string

// The decisions.
const (
	Deploy      Decision = "DEPLOY"
	DoNotDeploy Decision = "DO NOT DEPLOY"
)

// ErrNoResults is returned where there is nothing to put together.
var ErrNoResults = errors.New("no results to sign off: run make verify first")

// DefaultMaxAge is the default of Options.MaxAge.
const DefaultMaxAge = 7 * 24 * time.Hour

// Options say what a report needs.
type Options struct {
	// Required names the scenarios without which there is no deploy; empty: those that there are.
	Required []string
	// Now is the time of the report; zero: that of the latest result.
	Now time.Time
	// MaxAge is how much older than Now a result may be without being pointed at; 0 is DefaultMaxAge.
	MaxAge time.Duration
}

// Report is the whole of it. signoff.json holds it without the results, which are files of their own.
type Report struct {
	SchemaVersion int       `json:"schema_version"`
	Created       time.Time `json:"created"`
	Decision      Decision  `json:"decision"`
	// Reason says in one sentence why.
	Reason string `json:"reason"`
	// Commit is that of all results; "" when they differ.
	Commit    string     `json:"commit,omitempty"`
	Scenarios []Scenario `json:"scenarios"`
	// Missing are the required scenarios that have no result.
	Missing   []string   `json:"missing,omitempty"`
	Points    []Point    `json:"points"`
	Approvals []Approval `json:"approvals"`

	Results []reports.Result `json:"-"` // in the order of Scenarios
}

// Scenario is one result in short.
type Scenario struct {
	Name     string           `json:"name"`
	Title    string           `json:"title"`
	Decision reports.Decision `json:"decision"`
	Summary  string           `json:"summary"`
	Passed   int              `json:"passed"`
	Criteria int              `json:"criteria"`
	// Tightest is the passed criterion with the least margin; nil where none has one.
	Tightest *reports.Judgement `json:"tightest,omitempty"`
	WayBack  string             `json:"way_back,omitempty"`
	Seed     uint64             `json:"seed"`
	Commit   string             `json:"commit"`
	Finished time.Time          `json:"finished"`
}

// New puts results together, in the order in which they are given. Two results of one scenario are an error: which counts?
func New(results []reports.Result, o Options) (Report, error) {
	if len(results) == 0 {
		return Report{}, ErrNoResults
	}
	r := Report{SchemaVersion: SchemaVersion, Created: o.Now, Results: slices.Clone(results)}
	seen := map[string]bool{}
	for i, result := range results {
		result, err := result.Ready()
		if err != nil {
			return Report{}, fmt.Errorf("result of %s: %w", result.Scenario, err)
		}
		r.Results[i] = result
		if seen[result.Scenario] {
			return Report{}, fmt.Errorf("there are two results of scenario %s: give one of them", result.Scenario)
		}
		seen[result.Scenario] = true
		r.Scenarios = append(r.Scenarios, short(result))
		if o.Now.IsZero() && result.Finished.After(r.Created) {
			r.Created = result.Finished
		}
	}
	for _, name := range o.Required {
		if !seen[name] {
			r.Missing = append(r.Missing, name)
		}
	}
	r.decide()
	r.Points = points(r, cmp.Or(o.MaxAge, DefaultMaxAge))
	r.Approvals = approvals(results)
	return r, nil
}

func short(r reports.Result) Scenario {
	s := Scenario{
		Name: r.Scenario, Title: r.Title, Decision: reports.Decide(r.Judgements, r.Partial), Summary: r.Summary(), WayBack: r.WayBack,
		Criteria: len(r.Judgements), Seed: r.Seed, Commit: r.Build.ShortCommit(), Finished: r.Finished,
	}
	for i, j := range r.Judgements {
		if j.Verdict != reports.Pass {
			continue
		}
		s.Passed++
		if hasMargin(j) && (s.Tightest == nil || j.Margin < s.Tightest.Margin) {
			s.Tightest = &r.Judgements[i]
		}
	}
	return s
}

// decide draws the decision, and says why.
func (r *Report) decide() {
	var not, commits, at []string
	for i, s := range r.Scenarios {
		commit := r.Results[i].Build.Commit
		if !slices.Contains(commits, commit) {
			commits = append(commits, commit)
		}
		at = append(at, s.Name+" of "+s.Commit)
		if s.Decision != reports.DecisionPass {
			not = append(not, fmt.Sprintf("%s %s", s.Name, verb(s)))
		}
	}
	known := !slices.Contains(commits, "") && !slices.Contains(commits, reports.UnknownCommit)
	if len(commits) == 1 && known {
		r.Commit = r.Scenarios[0].Commit
	}
	r.Decision = DoNotDeploy
	switch {
	case len(not) > 0:
		r.Reason = strings.Join(not, "; ")
	case len(r.Missing) > 0:
		r.Reason = "No result of " + strings.Join(r.Missing, " and ")
	case !known:
		r.Reason = "It is not known of which commit the results are: run the scenarios in a git checkout"
	case len(commits) > 1:
		r.Reason = "The results are of different commits (" + strings.Join(at, ", ") + "): run all scenarios on one"
	default:
		r.Decision = Deploy
		r.Reason = r.passed()
	}
}

// passed says what a deploy rests on.
func (r *Report) passed() string {
	passed, left := 0, 0
	for _, s := range r.Scenarios {
		passed += s.Passed
		left += s.Criteria - s.Passed
	}
	if left > 0 {
		return fmt.Sprintf("%s of %s passed, %d left out", plural(passed, "criterion", "criteria"), strings.Join(r.names(), ", "), left)
	}
	return fmt.Sprintf("All %d criteria of %s passed", passed, strings.Join(r.names(), ", "))
}

// verb says what became of a scenario that did not pass.
func verb(s Scenario) string {
	switch s.Decision {
	case reports.DecisionInterrupted:
		return "was interrupted"
	case reports.DecisionNoData:
		return "lacks data: " + s.Summary
	default:
		return "failed: " + s.Summary
	}
}

func (r *Report) names() []string {
	var all []string
	for _, s := range r.Scenarios {
		all = append(all, s.Name)
	}
	return all
}

// ExitCode is that of the worst result, at least [exitcode.Failed] when the decision is not to deploy.
func (r Report) ExitCode() int {
	if r.Decision == Deploy {
		return exitcode.Passed
	}
	codes := []int{exitcode.Failed}
	for _, result := range r.Results {
		codes = append(codes, result.ExitCode())
	}
	return slices.Max(codes)
}
