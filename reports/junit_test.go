package reports_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/reports"
)

// The structure of JUnit XML as a reader sees it, apart from how it is written.
// Whatever is in the file and not here is in Rest, and must not be.
type (
	readSuites struct {
		XMLName xml.Name `xml:"testsuites"`
		readCounts
		Name   string      `xml:"name,attr"`
		Suites []readSuite `xml:"testsuite"`
		readRest
	}
	readSuite struct {
		readCounts
		Name       string         `xml:"name,attr"`
		Timestamp  string         `xml:"timestamp,attr"`
		Properties readProperties `xml:"properties"`
		Cases      []readCase     `xml:"testcase"`
		readRest
	}
	readCounts struct {
		Tests    int     `xml:"tests,attr"`
		Failures int     `xml:"failures,attr"`
		Errors   int     `xml:"errors,attr"`
		Skipped  int     `xml:"skipped,attr"`
		Time     float64 `xml:"time,attr"`
	}
	readProperties struct {
		All []struct {
			Name  string `xml:"name,attr"`
			Value string `xml:"value,attr"`
			readRest
		} `xml:"property"`
		readRest
	}
	readCase struct {
		ClassName  string         `xml:"classname,attr"`
		Name       string         `xml:"name,attr"`
		Time       float64        `xml:"time,attr"`
		Properties readProperties `xml:"properties"`
		Failure    []readProblem  `xml:"failure"`
		Error      []readProblem  `xml:"error"`
		Skipped    []readProblem  `xml:"skipped"`
		readRest
	}
	readProblem struct {
		Type    string `xml:"type,attr"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
		readRest
	}
	readRest struct {
		Attributes []xml.Attr `xml:",any,attr"`
		Elements   []struct {
			XMLName xml.Name
		} `xml:",any"`
	}
)

func (p readProperties) all() map[string]string {
	m := map[string]string{}
	for _, property := range p.All {
		m[property.Name] = property.Value
	}
	return m
}

// readJUnit decodes strictly: well-formed to the end, and nothing but what is known.
func readJUnit(t require.TestingT, text string) readSuites {
	decoder := xml.NewDecoder(strings.NewReader(text))
	for {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
	}
	var root readSuites
	require.NoError(t, xml.Unmarshal([]byte(text), &root))
	none := func(r readRest) {
		require.Empty(t, r.Attributes)
		require.Empty(t, r.Elements)
	}
	none(root.readRest)
	for _, s := range root.Suites {
		none(s.readRest)
		none(s.Properties.readRest)
		for _, c := range s.Cases {
			none(c.readRest)
			for _, p := range append(append(c.Failure, c.Error...), c.Skipped...) {
				none(p.readRest)
			}
			for _, p := range c.Properties.All {
				none(p.readRest)
				require.NotEmpty(t, p.Value, "property %s", p.Name)
			}
		}
	}
	return root
}

// requireSound: every count equals the cases, and each case has at most one problem.
func (root readSuites) requireSound(t require.TestingT) {
	var all readCounts
	for _, s := range root.Suites {
		var n readCounts
		for _, c := range s.Cases {
			n.Tests++
			n.Failures += len(c.Failure)
			n.Errors += len(c.Error)
			n.Skipped += len(c.Skipped)
			require.LessOrEqual(t, len(c.Failure)+len(c.Error)+len(c.Skipped), 1)
			require.Equal(t, s.Name, c.ClassName)
		}
		n.Time = s.Time
		require.Equal(t, n, s.readCounts)
		all.Tests, all.Failures, all.Errors, all.Skipped = all.Tests+n.Tests, all.Failures+n.Failures, all.Errors+n.Errors, all.Skipped+n.Skipped
		all.Time += n.Time
	}
	require.InDelta(t, all.Time, root.Time, 1e-9)
	all.Time = root.Time
	require.Equal(t, all, root.readCounts)
}

func TestJUnitCounts(t *testing.T) {
	for name, k := range endings() {
		t.Run(name, func(t *testing.T) {
			root := readJUnit(t, rendered(t, reports.WriteJUnit, k.result))
			root.requireSound(t)
			require.Len(t, root.Suites, 1)
			want := readCounts{Tests: k.passed + k.failed + k.nodata + k.skipped, Failures: k.failed, Errors: k.nodata, Skipped: k.skipped}
			want.Time = root.Time
			require.Equal(t, want, root.readCounts)
			green := root.Failures+root.Errors == 0
			require.Equal(t, reports.Decide(k.result.Judgements, k.result.Partial) == reports.DecisionPass, green)
		})
	}
}

func TestJUnitSaysWhatWasJudged(t *testing.T) {
	root := readJUnit(t, rendered(t, reports.WriteJUnit, sample(), passing()))
	root.requireSound(t)
	require.Len(t, root.Suites, 2)
	require.InDelta(t, 2*41.237, root.Time, 1e-9)
	suite := root.Suites[0]
	require.Equal(t, "2026-11-23T20:50:12Z", suite.Timestamp)
	require.Equal(t, map[string]string{
		"title": "Eleven queues on one shared set of connections", "decision": "FAIL", "stage": "phase2", "baseline": "legacy",
		"profile": "phase", "seed": "42", "clock": "real", "commit": "7d3f0c1e9ab24c5587b0f6f2a5d1f6f6f2f0a9c4", "dirty": "true",
	}, suite.Properties.all())
	for i, j := range sample().Judgements {
		c := suite.Cases[i]
		require.Equal(t, j.ID+": "+j.Text, c.Name)
		got := c.Properties.all()
		require.Equal(t, j.ValueText(), got["value"])
		require.Equal(t, j.LimitText(), got["limit"])
		require.Equal(t, j.MarginText(), got["margin"])
		require.Equal(t, j.HowText(), got["how"])
		for _, p := range append(append(c.Failure, c.Error...), c.Skipped...) {
			require.Equal(t, j.Reason, p.Message)
		}
	}
	failure := suite.Cases[2].Failure[0]
	require.Equal(t, "FAIL", failure.Type)
	require.Equal(t, failure.Message+". 20 s without jobs, times 129,600 for 30 days, plus 6,000 jobs at the commands a job took. "+
		"See reports/out/phase2/ledger.json.", failure.Text)
}

func TestJUnitAnInterruptedRunIsNotGreen(t *testing.T) {
	cases := readJUnit(t, rendered(t, reports.WriteJUnit, interrupted())).Suites[0].Cases
	last := cases[len(cases)-1]
	require.Equal(t, "run: The run came to its end", last.Name)
	require.Equal(t, "stopped before its end; all 6 criteria passed", last.Error[0].Message)
}

// TestJUnitMatchesTheSchema asks xmllint, for Go has no validator of XML Schema.
func TestJUnitMatchesTheSchema(t *testing.T) {
	xmllint, err := exec.LookPath("xmllint")
	if err != nil {
		t.Skip("xmllint is not installed (Debian: libxml2-utils); the structure is checked in Go")
	}
	validate := func(text string) (string, error) {
		file := filepath.Join(t.TempDir(), "junit.xml")
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		out, err := exec.CommandContext(t.Context(), xmllint, "--nonet", "--noout", "--schema", "schema/junit.xsd", file).CombinedOutput()
		return string(out), err
	}
	for name, k := range endings() {
		out, err := validate(rendered(t, reports.WriteJUnit, k.result, sample()))
		require.NoError(t, err, "%s: %s", name, out)
	}
	var nasty []reports.Result
	for seed := range 50 {
		nasty = append(nasty, rapid.Custom(nastyResult).Example(seed))
	}
	out, err := validate(rendered(t, reports.WriteJUnit, nasty...))
	require.NoError(t, err, "%s", out)
	good := rendered(t, reports.WriteJUnit, sample())
	for name, replace := range map[string][2]string{
		"unknown attribute": {`<testsuites `, `<testsuites extra="1" `},
		"unknown property":  {`property name="stage"`, `property name="stagee"`},
		"no reason":         {`<skipped message="belongs to the month scenario"`, `<skipped message=""`},
		"other type":        {`<failure type="FAIL"`, `<failure type="BAD"`},
	} {
		spoilt := strings.Replace(good, replace[0], replace[1], 1)
		require.NotEqual(t, good, spoilt, name)
		_, err := validate(spoilt)
		require.Error(t, err, "%s: the schema must refuse it", name)
	}
}

func TestJUnitPropertyWellFormed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := nastyResult(t)
		text := rendered(t, reports.WriteJUnit, r)
		root := readJUnit(t, text)
		root.requireSound(t)
		require.Equal(t, r.ExitCode() == 0, root.Failures+root.Errors == 0)
		require.NotContains(t, text, "]]>")
		require.Zero(t, bytes.IndexFunc([]byte(text), func(r rune) bool { return r == '<' }), "no text before the root")
	})
}
