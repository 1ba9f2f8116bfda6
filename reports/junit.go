package reports

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"
)

// toolName is how papers for other programs name what wrote them.
const toolName = "tollgate"

// WriteJUnit writes the results as JUnit XML, the form in which CI systems take
// tests: a suite is a scenario, a test case a criterion. There is no standard; what
// is written here is described by schema/junit.xsd and kept to what Jenkins, GitLab
// and the reporters for GitHub read alike.
//
//   - FAIL is a failure, NO DATA an error, SKIPPED is skipped; each with its reason.
//   - A run that was stopped before its end has one more case, "run: The run came to
//     its end", which is an error; a run in which nothing was judged has "run: At least
//     one criterion was judged". So only a run whose decision is PASS looks green.
//   - A suite's time and timestamp are those of the run. A criterion takes no time of
//     its own: its time is 0.
//   - Properties of a case are what was found, as text for people; what is not known
//     is left out.
//
// Characters that XML cannot hold become U+FFFD. The same results give the same
// bytes. No result at all, or one that contradicts itself, is [ErrInvalid] and
// nothing is written.
func WriteJUnit(w io.Writer, results ...Result) error {
	results, err := readyAll(results)
	if err != nil {
		return fmt.Errorf("write JUnit XML: %w", err)
	}
	root := junitSuites{Name: toolName}
	var took time.Duration
	for _, r := range results {
		suite := newJUnitSuite(r)
		root.add(suite.junitCounts)
		root.Suites = append(root.Suites, suite)
		took += r.took()
	}
	root.Time = seconds(took)
	var b bytes.Buffer
	b.WriteString(xml.Header)
	encoder := xml.NewEncoder(&b)
	encoder.Indent("", "  ")
	if err := encoder.Encode(root); err != nil {
		return fmt.Errorf("write JUnit XML: %w", err)
	}
	b.WriteByte('\n')
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write JUnit XML: %w", err)
	}
	return nil
}

func newJUnitSuite(r Result) junitSuite {
	dirty := ""
	if r.Build.Dirty {
		dirty = "true"
	}
	s := junitSuite{Name: r.Scenario, Time: seconds(r.took()), Properties: known(
		junitProperty{"title", r.Title},
		junitProperty{"decision", string(r.Decision)},
		junitProperty{"stage", r.Stage},
		junitProperty{"baseline", r.Baseline},
		junitProperty{"profile", r.Profile},
		junitProperty{"seed", strconv.FormatUint(r.Seed, 10)},
		junitProperty{"clock", r.Clock},
		junitProperty{"commit", r.Build.Commit},
		junitProperty{"dirty", dirty},
	)}
	if !r.Started.IsZero() {
		s.Timestamp = r.Started.UTC().Format(time.RFC3339)
	}
	for _, j := range cases(r) {
		s.Tests++
		c := newJUnitCase(r, j)
		switch j.Verdict {
		case Fail:
			s.Failures++
			c.Failure = &junitProblem{Type: string(j.Verdict), Message: j.Reason, Text: j.explanation()}
		case NoData:
			s.Errors++
			c.Error = &junitProblem{Type: string(j.Verdict), Message: j.Reason, Text: j.explanation()}
		case Skipped:
			s.Skipped++
			c.Skipped = &junitSkipped{Message: j.Reason}
		}
		s.Cases = append(s.Cases, c)
	}
	return s
}

func newJUnitCase(r Result, j Judgement) junitCase {
	samples := ""
	if j.Measurement.Samples > 0 {
		samples = strconv.FormatInt(j.Measurement.Samples, 10)
	}
	return junitCase{ClassName: r.Scenario, Name: caseName(j), Time: seconds(0), Properties: known(
		junitProperty{"verdict", string(j.Verdict)},
		junitProperty{"value", j.ValueText()},
		junitProperty{"limit", limitOf(j)},
		junitProperty{"unit", j.Unit},
		junitProperty{"margin", j.MarginText()},
		junitProperty{"how", j.HowText()},
		junitProperty{"requirement", j.Requirement},
		junitProperty{"metric", j.MeasuredAs()},
		junitProperty{"samples", samples},
		junitProperty{"note", j.Measurement.Note},
		junitProperty{"evidence", j.Measurement.Evidence},
	)}
}

// known leaves out the properties without a value.
func known(all ...junitProperty) []junitProperty {
	return slices.DeleteFunc(all, func(p junitProperty) bool { return p.Value == "" })
}

// seconds prints a time span as a decimal number of seconds.
func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }
