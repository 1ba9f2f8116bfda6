package attest

import (
	"cmp"
	"maps"
	"regexp"
	"slices"

	"tollgate/reports"
)

// build makes the statement of results and the digests of their files: the whole of it
// but the URL. Attest writes what it returns, and Verify compares with it.
func build(results []reports.Result, files []Descriptor) (Statement, error) {
	configuration, err := configuration(results)
	if err != nil {
		return Statement{}, err
	}
	commit, err := commonCommit(results)
	if err != nil {
		return Statement{}, err
	}
	subject := slices.SortedFunc(slices.Values(files), func(a, b Descriptor) int { return cmp.Compare(a.Name, b.Name) })
	if commit != "" {
		subject = append(subject, Descriptor{Digest: map[string]string{gitCommitDigest: commit}})
	}
	if len(subject) > MaxSubjects {
		return Statement{}, notAttestable("%d subjects are too many, at most %d fit", len(subject), MaxSubjects)
	}
	predicate := judged(results)
	predicate.Configuration = configuration
	return Statement{Type: StatementType, Subject: subject, PredicateType: PredicateType, Predicate: predicate}, nil
}

// standing is how a criterion stands over several results; the highest counts.
type standing int

const (
	held standing = iota
	notRun
	missed
)

// judged returns the outcome and the lists of the predicate.
func judged(results []reports.Result) TestResult {
	outcome := Passed
	criteria := map[string]standing{}
	for _, r := range results {
		for _, j := range r.Judgements {
			criteria[j.ID] = max(criteria[j.ID], stands(j.Verdict, r.Partial))
			if j.Verdict == reports.Skipped && outcome == Passed {
				outcome = Warned
			}
		}
		if reports.Decide(r.Judgements, r.Partial) != reports.DecisionPass {
			outcome = Failed
		}
	}
	p := TestResult{Result: outcome, PassedTests: []string{}, WarnedTests: []string{}, FailedTests: []string{}}
	for _, id := range slices.Sorted(maps.Keys(criteria)) {
		switch criteria[id] {
		case held:
			p.PassedTests = append(p.PassedTests, id)
		case missed:
			p.FailedTests = append(p.FailedTests, id)
		case notRun:
		}
	}
	return p
}

func stands(v reports.Verdict, partial bool) standing {
	switch {
	case v == reports.Skipped, v == reports.Pass && partial:
		return notRun
	case v == reports.Pass:
		return held
	default:
		return missed
	}
}

// configuration returns the inputs of all results, each once, in order of kind, name and digest.
func configuration(results []reports.Result) ([]Descriptor, error) {
	seen := map[reports.Input]bool{}
	for _, r := range results {
		if len(r.Inputs) == 0 {
			return nil, notAttestable("the result of %q does not say what it was judged by (it has no inputs): run it again with this version", r.Scenario)
		}
		for _, input := range r.Inputs {
			if !hexDigest.MatchString(input.SHA256) {
				return nil, notAttestable("the result of %q: the SHA-256 of its input %q is %q", r.Scenario, input.Name, input.SHA256)
			}
			seen[input] = true
		}
	}
	inputs := slices.SortedFunc(maps.Keys(seen), func(a, b reports.Input) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name), cmp.Compare(a.SHA256, b.SHA256))
	})
	descriptors := make([]Descriptor, 0, len(inputs))
	for _, input := range inputs {
		descriptors = append(descriptors, Descriptor{
			Name: input.Name, Digest: map[string]string{sha256Digest: input.SHA256}, Annotations: map[string]any{kindAnnotation: input.Kind},
		})
	}
	return descriptors, nil
}

var (
	hexDigest = regexp.MustCompile(`^[0-9a-f]{64}$`)
	gitDigest = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)
)

// commonCommit returns the commit of all results, or "" when one is not known or of a
// dirty tree. Different commits are an error.
func commonCommit(results []reports.Result) (string, error) {
	commit, clean := "", true
	for _, r := range results {
		if !gitDigest.MatchString(r.Build.Commit) {
			clean = false
			continue
		}
		if commit != "" && commit != r.Build.Commit {
			return "", notAttestable("the results are of different commits, %s and %s: attest those of each commit by themselves", commit, r.Build.Commit)
		}
		commit, clean = r.Build.Commit, clean && !r.Build.Dirty
	}
	if !clean {
		return "", nil
	}
	return commit, nil
}
