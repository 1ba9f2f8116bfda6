package attest

import (
	"errors"
	"slices"

	"tollgate/reports"
)

// compare checks the statement against the one that its results, read anew, make.
func (r *Report) compare() error {
	if len(r.Results) == 0 {
		return untrusted("it names no result.json, so that nothing bears its result out")
	}
	statement, err := build(r.Results, nil)
	if err != nil {
		return untrusted("its results make no statement: %w", err)
	}
	got, want := r.Statement.Predicate, statement.Predicate
	var problems []error
	problem := func(err error) { problems = append(problems, err) }
	if got.Result != want.Result {
		problem(untrusted("its result is %q, the results bear out %q", got.Result, want.Result))
	}
	lists := []struct {
		name      string
		got, want []string
	}{
		{"passedTests", got.PassedTests, want.PassedTests},
		{"warnedTests", got.WarnedTests, want.WarnedTests},
		{"failedTests", got.FailedTests, want.FailedTests},
	}
	for _, list := range lists {
		if !slices.Equal(list.got, list.want) {
			problem(untrusted("its %s are %q, the results bear out %q", list.name, list.got, list.want))
		}
	}
	if got, want := inputs(got.Configuration), inputs(want.Configuration); !slices.Equal(got, want) {
		problem(untrusted("its configuration is %q, that of the results is %q", got, want))
	}
	if want := commitOf(statement.Subject); r.Commit != want {
		problem(untrusted("its commit is %.64q, that of the results is %q (none when the tree was dirty)", r.Commit, want))
	}
	return errors.Join(problems...)
}

// inputs returns a configuration as the inputs it was made from, for comparison.
func inputs(configuration []Descriptor) []reports.Input {
	all := make([]reports.Input, 0, len(configuration))
	for _, d := range configuration {
		kind, _ := d.Annotations[kindAnnotation].(string)
		all = append(all, reports.Input{Kind: kind, Name: d.Name, SHA256: d.Digest[sha256Digest]})
	}
	return all
}

// commitOf returns the commit among the subjects, or "".
func commitOf(subjects []Descriptor) string {
	for _, d := range subjects {
		if d.Name == "" {
			return d.Digest[gitCommitDigest]
		}
	}
	return ""
}
