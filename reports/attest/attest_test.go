package attest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/reports"
	"tollgate/reports/attest"
)

// TestGolden attests the result under testdata, so that neither the text of a statement
// nor that of an envelope changes unnoticed; -update writes them anew.
func TestGolden(t *testing.T) {
	key, public := keys(t)
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS("testdata")))
	s, err := attest.Attest([]string{filepath.Join(dir, "phase2", "result.json")}, []string{filepath.Join(dir, "phase2", "report.html")},
		attest.Options{Out: filepath.Join(dir, "x.json"), URL: "https://ci.example/runs/1?a=1&b=2"})
	require.NoError(t, err)

	require.NoError(t, attest.Write(filepath.Join(dir, "got-statement.json"), s, nil))
	require.NoError(t, attest.Write(filepath.Join(dir, "got-envelope.json"), s, key))
	for _, name := range []string{"statement.json", "envelope.json"} {
		got, golden := read(t, filepath.Join(dir, "got-"+name)), filepath.Join("testdata", name)
		if *update {
			write(t, golden, got)
		}
		require.Equal(t, read(t, golden), got, "run go test ./reports/attest -update to write it anew")
	}
	report, err := attest.Verify("testdata/envelope.json", attest.VerifyOptions{PublicKey: public})
	require.NoError(t, err)
	require.Equal(t, s, report.Statement)
}

func TestOutcomeAndLists(t *testing.T) {
	const pass, fail, noData, skipped = reports.Pass, reports.Fail, reports.NoData, reports.Skipped
	partial := run("p", pass, fail, noData, skipped)
	partial.Partial = true
	passedSoFar := run("p", pass)
	passedSoFar.Partial = true
	tests := map[string]struct {
		results        []reports.Result
		outcome        attest.Outcome
		passed, failed []string
		exit           int
	}{
		"all passed":           {[]reports.Result{run("a", pass, pass)}, attest.Passed, []string{"a-1", "a-2"}, []string{}, 0},
		"one failed":           {[]reports.Result{run("a", pass, fail)}, attest.Failed, []string{"a-1"}, []string{"a-2"}, 1},
		"no data fails":        {[]reports.Result{run("a", pass, noData)}, attest.Failed, []string{"a-1"}, []string{"a-2"}, 1},
		"skipped warns":        {[]reports.Result{run("a", pass, skipped)}, attest.Warned, []string{"a-1"}, []string{}, 0},
		"skipped and failed":   {[]reports.Result{run("a", skipped, fail)}, attest.Failed, []string{}, []string{"a-2"}, 1},
		"all skipped":          {[]reports.Result{run("a", skipped)}, attest.Failed, []string{}, []string{}, 1},
		"nothing judged":       {[]reports.Result{run("a")}, attest.Failed, []string{}, []string{}, 1},
		"interrupted":          {[]reports.Result{partial}, attest.Failed, []string{}, []string{"p-2", "p-3"}, 4},
		"passed up to a stop":  {[]reports.Result{passedSoFar}, attest.Failed, []string{}, []string{}, 4},
		"two passed, in order": {[]reports.Result{run("b", pass), run("a", pass)}, attest.Passed, []string{"a-1", "b-1"}, []string{}, 0},
		"one of two failed":    {[]reports.Result{run("a", pass), run("b", fail)}, attest.Failed, []string{"a-1"}, []string{"b-1"}, 1},
		"failed, then skipped": {[]reports.Result{run("a", fail), run("b", skipped, pass)}, attest.Failed, []string{"b-2"}, []string{"a-1"}, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			report, err := attest.Verify(attested(t, nil, tt.results...), attest.VerifyOptions{})
			require.NoError(t, err)
			p := report.Statement.Predicate
			require.Equal(t, tt.outcome, p.Result)
			require.Equal(t, tt.passed, p.PassedTests)
			require.Equal(t, []string{}, p.WarnedTests)
			require.Equal(t, tt.failed, p.FailedTests)
			require.Equal(t, tt.exit, report.ExitCode())
		})
	}
}

// TestOneCriterionTwice has the worst of two verdicts on the same criterion count.
func TestOneCriterionTwice(t *testing.T) {
	verdicts := []reports.Verdict{reports.Pass, reports.Skipped, reports.Fail}
	for i, a := range verdicts {
		for j, b := range verdicts {
			dir := t.TempDir()
			first, _ := save(t, filepath.Join(dir, "one"), run("a", a))
			second, _ := save(t, filepath.Join(dir, "two"), run("a", b))
			s, err := attest.Attest([]string{first, second}, nil, attest.Options{Out: filepath.Join(dir, "x.json")})
			require.NoError(t, err)
			worst := max(i, j)
			require.Equal(t, worst == 0, len(s.Predicate.PassedTests) == 1, "%s and %s", a, b)
			require.Equal(t, worst == 2, len(s.Predicate.FailedTests) == 1, "%s and %s", a, b)
			require.Len(t, s.Predicate.Configuration, 2, "the same inputs are named once")
		}
	}
}

func TestCommit(t *testing.T) {
	with := func(commit string, dirty bool) reports.Result {
		r := run("a"+commit[:min(2, len(commit))], reports.Pass)
		r.Build.Commit, r.Build.Dirty = commit, dirty
		return r
	}
	sha256Commit := strings.Repeat("ab", 32)
	tests := map[string]struct {
		results []reports.Result
		want    string
	}{
		"clean":             {[]reports.Result{with(commit, false)}, commit},
		"of SHA-256":        {[]reports.Result{with(sha256Commit, false)}, sha256Commit},
		"dirty":             {[]reports.Result{with(commit, true)}, ""},
		"unknown":           {[]reports.Result{with("unknown", false)}, ""},
		"short":             {[]reports.Result{with(commit[:12], false)}, ""},
		"one of two dirty":  {[]reports.Result{with(commit, false), run("b", reports.Pass), func() reports.Result { r := run("c"); r.Build.Dirty = true; return r }()}, ""},
		"one of two unsure": {[]reports.Result{with(commit, false), with("unknown", false)}, ""},
		"the same twice":    {[]reports.Result{run("a", reports.Pass), run("b", reports.Pass)}, commit},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			report, err := attest.Verify(attested(t, nil, tt.results...), attest.VerifyOptions{})
			require.NoError(t, err)
			require.Equal(t, tt.want, report.Commit)
			last := report.Statement.Subject[len(report.Statement.Subject)-1]
			require.Equal(t, tt.want, last.Digest["gitCommit"])
		})
	}
}

func TestAttestRefuses(t *testing.T) {
	dir := t.TempDir()
	good, page := save(t, dir, run("good", reports.Pass))
	noInputs := run("old", reports.Pass)
	noInputs.Inputs = nil
	old, _ := save(t, dir, noInputs)
	badDigest := run("digest", reports.Pass)
	badDigest.Inputs[0].SHA256 = "ABC"
	digest, _ := save(t, dir, badDigest)
	elsewhere := run("elsewhere", reports.Pass)
	elsewhere.Build.Commit = strings.Repeat("0", 40)
	otherCommit, _ := save(t, dir, elsewhere)
	outside, _ := save(t, t.TempDir(), run("outside", reports.Pass))
	link := filepath.Join(dir, "link.json")
	require.NoError(t, os.Symlink(outside, link))
	forged := filepath.Join(dir, "forged.json")
	write(t, forged, strings.Replace(read(t, good), `"value": 2`, `"value": 9`, 1))
	unprintable := filepath.Join(dir, "a\x1b[2J")
	write(t, unprintable, "")
	newer := filepath.Join(dir, "newer.json")
	write(t, newer, `{"schema_version": 99}`)
	out := filepath.Join(dir, "x.json")

	tests := map[string]struct {
		results, files []string
		o              attest.Options
		want           string
	}{
		"no result":            {nil, []string{page}, attest.Options{Out: out}, "cannot be attested: there is no result"},
		"no out":               {[]string{good}, nil, attest.Options{}, "not said where"},
		"relative URL":         {[]string{good}, nil, attest.Options{Out: out, URL: "runs/1"}, `the URL of the run is "runs/1"`},
		"broken URL":           {[]string{good}, nil, attest.Options{Out: out, URL: "https://a b/"}, "the URL of the run is"},
		"no folder":            {[]string{good}, nil, attest.Options{Out: filepath.Join(dir, "none", "x.json")}, "no such file or directory"},
		"missing result":       {[]string{filepath.Join(dir, "none.json")}, nil, attest.Options{Out: out}, "none.json: cannot be attested: no such file or directory"},
		"missing file":         {[]string{good}, []string{filepath.Join(dir, "none.html")}, attest.Options{Out: out}, "none.html: cannot be attested: no such file or directory"},
		"a folder":             {[]string{good}, []string{filepath.Join(dir, "good")}, attest.Options{Out: out}, "it is not a regular file"},
		"the folder itself":    {[]string{good}, []string{dir}, attest.Options{Out: out}, "it names no file"},
		"outside":              {[]string{outside}, nil, attest.Options{Out: out}, "it leaves the folder of the statement"},
		"a link to outside":    {[]string{link}, nil, attest.Options{Out: out}, "link.json: cannot be attested: path escapes from parent"},
		"its own statement":    {[]string{good}, []string{out}, attest.Options{Out: out}, "it is where the statement will be written"},
		"a result as a file":   {[]string{good}, []string{old}, attest.Options{Out: out}, "it is a result: name it as one"},
		"a page as a result":   {[]string{page}, nil, attest.Options{Out: out}, "report.html: cannot be attested: not a result.json"},
		"a false pass":         {[]string{forged}, nil, attest.Options{Out: out}, `forged.json: cannot be attested: invalid result: criterion "good-1": PASS with value 9`},
		"a newer result":       {[]string{newer}, nil, attest.Options{Out: out}, "the result has schema version 99"},
		"without inputs":       {[]string{good, old}, nil, attest.Options{Out: out}, `the result of "old" does not say what it was judged by`},
		"an input's digest":    {[]string{digest}, nil, attest.Options{Out: out}, `the SHA-256 of its input "phase" is "ABC"`},
		"two commits":          {[]string{good, otherCommit}, nil, attest.Options{Out: out}, "the results are of different commits, " + commit + " and 0000"},
		"a name not for print": {[]string{good}, []string{unprintable}, attest.Options{Out: out}, "it has characters that cannot be printed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s, err := attest.Attest(tt.results, tt.files, tt.o)
			require.ErrorIs(t, err, attest.ErrNotAttestable)
			require.ErrorContains(t, err, tt.want)
			require.Zero(t, s)
		})
	}
}

func TestAFileGivenTwiceCountsOnce(t *testing.T) {
	dir := t.TempDir()
	result, page := save(t, dir, run("a", reports.Pass))
	s, err := attest.Attest([]string{result, result}, []string{page, result, filepath.Join(dir, "a", ".", "report.html")},
		attest.Options{Out: filepath.Join(dir, "x.json")})
	require.NoError(t, err)
	require.Len(t, s.Subject, 3, "page, result and commit")
	require.Equal(t, "a/report.html", s.Subject[0].Name)
	require.Equal(t, "a/result.json", s.Subject[1].Name)
	require.Equal(t, attest.ResultMediaType, s.Subject[1].MediaType)
}

// TestOrderOfArgumentsDoesNotMatter makes one statement of the same files in any order.
func TestOrderOfArgumentsDoesNotMatter(t *testing.T) {
	dir := t.TempDir()
	a, pageA := save(t, dir, run("a", reports.Pass))
	b, pageB := save(t, dir, run("b", reports.Fail))
	o := attest.Options{Out: filepath.Join(dir, "x.json")}
	one, err := attest.Attest([]string{a, b}, []string{pageA, pageB}, o)
	require.NoError(t, err)
	two, err := attest.Attest([]string{b, a}, []string{pageB, pageA}, o)
	require.NoError(t, err)
	require.Equal(t, one, two)
}

func TestTooManySubjects(t *testing.T) {
	dir := t.TempDir()
	result, _ := save(t, dir, run("a", reports.Pass))
	var files []string
	for range attest.MaxSubjects {
		file, err := os.CreateTemp(dir, "f")
		require.NoError(t, err)
		require.NoError(t, file.Close())
		files = append(files, file.Name())
	}
	_, err := attest.Attest([]string{result}, files, attest.Options{Out: filepath.Join(dir, "x.json")})
	require.ErrorContains(t, err, "1002 subjects are too many, at most 1000 fit")
}
