package signoff_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/reports"
	"tollgate/reports/signoff"
)

var finished = time.Date(2026, 11, 23, 21, 0, 0, 0, time.UTC)

// result is one of a scenario in which every criterion has the given values.
func result(scenario string, judgements ...reports.Judgement) reports.Result {
	r := reports.Result{
		SchemaVersion: reports.SchemaVersion, Scenario: scenario, Title: "The " + scenario, Stage: scenario, Baseline: "legacy",
		Profile: "phase", Seed: 1000, Clock: "real", Started: finished.Add(-time.Minute), Finished: finished,
		Judgements: judgements,
		Build:      reports.Build{Commit: "0123456789abcdef0123", Go: "go1.26", OS: "linux", Arch: "amd64", CPUs: 2},
	}
	r.Decision = reports.Decide(judgements, false)
	return r
}

// judged is a criterion with its value, judged.
func judged(id, metric string, op reports.Operator, limit, value float64, unit string) reports.Judgement {
	set := reports.Set{Criteria: []reports.Criterion{{
		ID: id, Requirement: "R12", Metric: metric, Operator: op, Limit: limit, Unit: unit, Text: "Text of " + id,
	}}}
	return reports.Judge(set, map[string]reports.Measurement{metric: {Value: value, Unit: unit, Samples: 1, How: reports.Measured}}, nil)[0]
}

// good are the results of a migration that may be deployed.
func good() []reports.Result {
	return []reports.Result{
		result("phase1",
			judged("phase1-commands", "run.commands.reduction", reports.AtLeast, 30, 33.4, "percent"),
			judged("phase1-api-p95", "api.p95.ratio", reports.AtMost, 1.1, 0.45, "ratio"),
		),
		result("phase2",
			judged("phase2-connections", "stage.connections.peak", reports.AtMost, 3, 3, "count"),
			judged("phase2-commands-month", "commands.month", reports.Below, 200_000, 196_285, "count"),
			judged("phase2-jobs", "jobs.success_rate", reports.Above, 95, 100, "percent"),
			judged("phase2-dropped", "load.dropped", reports.Equal, 0, 0, "count"),
		),
	}
}

func TestDeploy(t *testing.T) {
	r, err := signoff.New(good(), signoff.Options{Required: []string{"phase1", "phase2"}})
	require.NoError(t, err)
	require.Equal(t, signoff.Deploy, r.Decision)
	require.Equal(t, "All 6 criteria of phase1, phase2 passed", r.Reason)
	require.Zero(t, r.ExitCode())
	require.Equal(t, finished, r.Created)
	require.Equal(t, "0123456789ab", r.Commit)
	require.Equal(t, 4, r.Scenarios[1].Passed)
	require.Equal(t, "phase2-commands-month", r.Scenarios[1].Tightest.ID)
	require.Equal(t, []signoff.Point{{Scenario: "phase2", Text: "Text of phase2-commands-month: 196,285 of < 200,000, 1.9 % to spare."}}, r.Points)
	roles := map[string][]string{}
	for _, a := range r.Approvals {
		roles[a.Role] = a.LookAt
		require.Zero(t, a.Open)
	}
	require.Equal(t, map[string][]string{
		"Owner of the service": {"phase2-jobs"}, "Owner of the budget": {"phase2-commands-month"}, "On call": {}, "Whoever ran it": {},
	}, roles)
}

func TestDoNotDeploy(t *testing.T) {
	for name, tt := range map[string]struct {
		spoil  func([]reports.Result) []reports.Result
		reason string
		code   int
		point  string
	}{
		"a criterion failed": {func(r []reports.Result) []reports.Result {
			r[0] = result("phase1", judged("phase1-api-p95", "api.p95.ratio", reports.AtMost, 1.1, 1.2, "ratio"))
			return r
		}, "phase1 failed: the one criterion failed", 1, ""},
		"no data": {func(r []reports.Result) []reports.Result {
			r[0].Judgements = nil
			r[0].Decision = reports.DecisionNoData
			return r
		}, "phase1 lacks data: no criterion was judged", 1, ""},
		"interrupted": {func(r []reports.Result) []reports.Result {
			r[1].Partial, r[1].Decision = true, reports.DecisionInterrupted
			return r
		}, "phase2 was interrupted", 4, ""},
		"a scenario is missing": {func(r []reports.Result) []reports.Result { return r[:1] }, "No result of phase2", 1, "Scenario phase2 was not run."},
		"other commits": {func(r []reports.Result) []reports.Result {
			r[1].Build.Commit = "fedcba"
			return r
		}, "The results are of different commits (phase1 of 0123456789ab, phase2 of fedcba): run all scenarios on one", 1, ""},
		"an unknown commit": {func(r []reports.Result) []reports.Result {
			r[0].Build.Commit, r[1].Build.Commit = reports.UnknownCommit, reports.UnknownCommit
			return r
		}, "It is not known of which commit the results are: run the scenarios in a git checkout", 1, ""},
		"no commit": {func(r []reports.Result) []reports.Result {
			r[0].Build.Commit, r[1].Build.Commit = "", ""
			return r
		}, "It is not known of which commit the results are: run the scenarios in a git checkout", 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := signoff.New(tt.spoil(good()), signoff.Options{Required: []string{"phase1", "phase2"}})
			require.NoError(t, err)
			require.Equal(t, signoff.DoNotDeploy, r.Decision)
			require.Equal(t, tt.reason, r.Reason)
			require.Equal(t, tt.code, r.ExitCode())
			if tt.point != "" {
				require.Equal(t, tt.point, r.Points[0].Text)
			}
		})
	}
}

func TestPointsBesideTheCriteria(t *testing.T) {
	results := good()
	results[0].Build.Dirty = true
	results[1].Build.CPUs = 64
	results[1].Judgements[2].Measurement.How, results[1].Judgements[2].Measurement.Note = reports.Projected, "a day times 30"
	results[1].Judgements[3] = reports.Judgement{
		Criterion: results[1].Judgements[3].Criterion, Verdict: reports.Skipped, Measurement: reports.Measurement{Unit: "count"}, Reason: "no load here",
	}
	r, err := signoff.New(results, signoff.Options{Now: finished.Add(9 * 24 * time.Hour)})
	require.NoError(t, err)
	require.Equal(t, []signoff.Point{
		{"phase2", "Text of phase2-commands-month: 196,285 of < 200,000, 1.9 % to spare."},
		{"phase2", "Text of phase2-jobs is projected: a day times 30."},
		{"phase2", "Text of phase2-dropped: left out, no load here."},
		{"phase1", "It was run at 0123456789ab and changes, which nobody else can run."},
		{"phase1", "The result is 9 days old."},
		{"phase2", "The result is 9 days old."},
		{"", "The results are of different machines (2): their latencies do not compare."},
	}, r.Points)
	require.Equal(t, signoff.Deploy, r.Decision, "to look at is not to fail")
	require.Equal(t, "5 criteria of phase1, phase2 passed, 1 left out", r.Reason)
}

func TestNothingToSign(t *testing.T) {
	_, err := signoff.New(nil, signoff.Options{})
	require.ErrorIs(t, err, signoff.ErrNoResults)

	twice := append(good(), good()[0])
	_, err = signoff.New(twice, signoff.Options{})
	require.EqualError(t, err, "there are two results of scenario phase1: give one of them")

	forged := good()
	forged[0].Judgements[0].Measurement.Value = 1
	_, err = signoff.New(forged, signoff.Options{})
	require.ErrorIs(t, err, reports.ErrInvalid)
}
