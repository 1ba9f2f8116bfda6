package reports

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"
)

// ctrfVersion is the version of the CTRF specification (https://ctrf.io) that is written.
const ctrfVersion = "1.0.0"

// The statuses of CTRF that are used.
const (
	ctrfPassed  = "passed"
	ctrfFailed  = "failed"
	ctrfSkipped = "skipped"
)

// WriteCTRF writes the results as one report in the Common Test Report Format
// (https://ctrf.io), version 1.0.0: a test is a criterion, its suite the scenario.
// schema/ctrf.schema.json describes the part of the format that is written.
//
//   - PASS is passed, SKIPPED skipped; FAIL and NO DATA are failed, and extra.verdict
//     and rawStatus tell them apart. Each but PASS has its reason as its message.
//   - A run that was stopped, or in which nothing was judged, has one failed test
//     more, as in [WriteJUnit]: failed is 0 exactly when every decision is PASS.
//   - Start and stop are those of the runs, in milliseconds since 1970, 0 where they
//     are not known. A criterion takes no time of its own: its duration is 0.
//   - Value, limit and margin are text for people; result.json has the numbers.
//   - Environment is the build of the first result; extra.runs says what each run was.
//
// The same results give the same bytes. No result at all, or one that contradicts
// itself, is [ErrInvalid] and nothing is written.
func WriteCTRF(w io.Writer, results ...Result) error {
	results, err := readyAll(results)
	if err != nil {
		return fmt.Errorf("write CTRF: %w", err)
	}
	report := ctrfReport{ReportFormat: "CTRF", SpecVersion: ctrfVersion, GeneratedBy: toolName}
	body := &report.Results
	body.Tool.Name = toolName
	body.Summary.Suites = len(results)
	body.Environment = newCTRFEnvironment(results)
	for _, r := range results {
		body.Extra.Runs = append(body.Extra.Runs, newCTRFRun(r))
		body.Summary.span(r)
		for _, j := range cases(r) {
			test := newCTRFTest(r, j)
			body.Summary.count(test.Status)
			body.Tests = append(body.Tests, test)
		}
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(report); err != nil {
		return fmt.Errorf("write CTRF: %w", err)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write CTRF: %w", err)
	}
	return nil
}

// span widens the summary's time to that of another run.
func (s *ctrfSummary) span(r Result) {
	if start := milliseconds(r.Started); start != 0 && (s.Start == 0 || start < s.Start) {
		s.Start = start
	}
	s.Stop = max(s.Stop, milliseconds(r.Finished))
}

func (s *ctrfSummary) count(status string) {
	s.Tests++
	switch status {
	case ctrfPassed:
		s.Passed++
	case ctrfSkipped:
		s.Skipped++
	default:
		s.Failed++
	}
}

func newCTRFTest(r Result, j Judgement) ctrfTest {
	status, message := ctrfFailed, j.Reason
	switch j.Verdict {
	case Pass:
		status, message = ctrfPassed, ""
	case Skipped:
		status = ctrfSkipped
	}
	return ctrfTest{
		Name: caseName(j), Status: status, RawStatus: string(j.Verdict),
		Start: milliseconds(r.Started), Stop: milliseconds(r.Finished),
		Suite: []string{r.Scenario}, Message: message,
		Extra: ctrfTestExtra{
			Verdict: string(j.Verdict), Value: j.ValueText(), Limit: limitOf(j), Unit: j.Unit,
			Margin: j.MarginText(), How: j.HowText(), Requirement: j.Requirement, Metric: j.MeasuredAs(),
			Samples: j.Measurement.Samples, Note: j.Measurement.Note, Evidence: j.Measurement.Evidence,
		},
	}
}

func newCTRFRun(r Result) ctrfRun {
	return ctrfRun{
		Scenario: r.Scenario, Title: r.Title, Decision: string(r.Decision), Summary: r.Summary(),
		Stage: r.Stage, Baseline: r.Baseline, Profile: r.Profile, Seed: r.Seed, Clock: r.Clock, Commit: r.Build.Commit,
	}
}

func newCTRFEnvironment(results []Result) ctrfEnvironment {
	var scenarios []string
	for _, r := range results {
		scenarios = append(scenarios, r.Scenario)
	}
	b := results[0].Build
	e := ctrfEnvironment{ReportName: strings.Join(scenarios, ", "), BuildName: b.Commit, Commit: b.Commit, OSPlatform: b.OS}
	if b.Dirty {
		e.BuildName += " with local changes"
	}
	e.Extra.Go, e.Extra.Arch, e.Extra.CPUs, e.Extra.CPU = b.Go, b.Arch, b.CPUs, b.CPU
	return e
}

// milliseconds returns the time in milliseconds since 1970, 0 when it is not known.
func milliseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}
