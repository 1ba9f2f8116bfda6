package reports_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/reports"
)

// readCTRF is the part of CTRF that a reader must find, by the format's own names.
type readCTRF struct {
	ReportFormat string
	SpecVersion  string
	Results      struct {
		Tool    struct{ Name string }
		Summary struct {
			Tests, Passed, Failed, Skipped, Pending, Other, Suites int
			Start, Stop                                            int64
		}
		Tests []struct {
			Name, Status, RawStatus, Message string
			Duration                         int
			Suite                            []string
			Extra                            map[string]any
		}
		Environment struct{ Commit, BuildName, ReportName string }
	}
}

func decodeCTRF(t require.TestingT, text string) readCTRF {
	var report readCTRF
	require.NoError(t, json.Unmarshal([]byte(text), &report))
	return report
}

// requireSound: the summary equals the tests, and only SKIPPED and PASS are not failed.
func (c readCTRF) requireSound(t require.TestingT) {
	n := map[string]int{}
	for _, test := range c.Results.Tests {
		n[test.Status]++
		want := map[string]string{"PASS": "passed", "SKIPPED": "skipped", "FAIL": "failed", "NO DATA": "failed"}[test.RawStatus]
		require.Equal(t, want, test.Status)
		require.Equal(t, test.RawStatus, test.Extra["verdict"])
	}
	s := c.Results.Summary
	require.Equal(t, []int{len(c.Results.Tests), n["passed"], n["failed"], n["skipped"], 0, 0},
		[]int{s.Tests, s.Passed, s.Failed, s.Skipped, s.Pending, s.Other})
}

func genericJSON(t require.TestingT, text string) any {
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	require.NoError(t, err)
	return value
}

func TestCTRFMatchesTheSchema(t *testing.T) {
	schema := compileSchema(t, "ctrf.schema.json")
	for name, k := range endings() {
		t.Run(name, func(t *testing.T) {
			text := rendered(t, reports.WriteCTRF, k.result)
			require.NoError(t, schema.Validate(genericJSON(t, text)))
			report := decodeCTRF(t, text)
			report.requireSound(t)
			s := report.Results.Summary
			require.Equal(t, []int{k.passed, k.failed + k.nodata, k.skipped}, []int{s.Passed, s.Failed, s.Skipped})
		})
	}
	good := rendered(t, reports.WriteCTRF, sample())
	for name, replace := range map[string][2]string{
		"unknown field":            {`"tests": [`, `"tossts": [], "tests": [`},
		"other version":            {`"specVersion": "1.0.0"`, `"specVersion": "0.0.0"`},
		"unknown status":           {`"status": "passed"`, `"status": "fine"`},
		"skipped without a reason": {`"message": "belongs to the month scenario",`, ``},
		"unknown verdict":          {`"rawStatus": "NO DATA"`, `"rawStatus": "NODATA"`},
		"time as text":             {`"duration": 0`, `"duration": "0"`},
	} {
		t.Run(name, func(t *testing.T) {
			spoilt := strings.Replace(good, replace[0], replace[1], 1)
			require.NotEqual(t, good, spoilt)
			require.Error(t, schema.Validate(genericJSON(t, spoilt)))
		})
	}
}

func TestCTRFSaysWhatWasJudged(t *testing.T) {
	later := passing()
	later.Scenario, later.Started, later.Finished = "phase3", later.Started.Add(1e9), later.Finished.Add(1e9)
	report := decodeCTRF(t, rendered(t, reports.WriteCTRF, later, sample()))
	require.Equal(t, "CTRF", report.ReportFormat)
	require.Equal(t, "1.0.0", report.SpecVersion)
	require.Equal(t, "tollgate", report.Results.Tool.Name)
	require.Equal(t, 2, report.Results.Summary.Suites)
	require.Equal(t, sample().Started.UnixMilli(), report.Results.Summary.Start, "the earliest")
	require.Equal(t, later.Finished.UnixMilli(), report.Results.Summary.Stop, "the latest")
	require.Equal(t, "phase3, phase2", report.Results.Environment.ReportName)
	require.Equal(t, "7d3f0c1e9ab24c5587b0f6f2a5d1f6f6f2f0a9c4", report.Results.Environment.Commit)
	require.Equal(t, "7d3f0c1e9ab24c5587b0f6f2a5d1f6f6f2f0a9c4 with local changes", report.Results.Environment.BuildName)
	for i, j := range sample().Judgements {
		test := report.Results.Tests[len(later.Judgements)+i]
		require.Equal(t, j.ID+": "+j.Text, test.Name)
		require.Equal(t, []string{"phase2"}, test.Suite)
		require.Equal(t, j.Reason, test.Message)
		require.Equal(t, j.ValueText(), test.Extra["value"])
		require.Equal(t, j.LimitText(), test.Extra["limit"])
		require.Equal(t, j.Requirement, test.Extra["requirement"])
	}
	require.Contains(t, rendered(t, reports.WriteCTRF, sample()), `"limit": "< 200,000"`, "readable, not \\u003c")
}

func TestCTRFUnknownTimesAreZero(t *testing.T) {
	s := decodeCTRF(t, rendered(t, reports.WriteCTRF, reports.Result{Scenario: "s"})).Results.Summary
	require.Zero(t, s.Start)
	require.Zero(t, s.Stop)
}

func TestCTRFPropertyWellFormed(t *testing.T) {
	schema := compileSchema(t, "ctrf.schema.json")
	rapid.Check(t, func(t *rapid.T) {
		r := nastyResult(t)
		text := rendered(t, reports.WriteCTRF, r)
		require.NoError(t, schema.Validate(genericJSON(t, text)))
		report := decodeCTRF(t, text)
		report.requireSound(t)
		require.Equal(t, r.ExitCode() == 0, report.Results.Summary.Failed == 0)
		require.Equal(t, bytes.ToValidUTF8([]byte(text), nil), []byte(text))
	})
}
