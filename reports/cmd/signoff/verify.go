package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"tollgate/reports"
	"tollgate/reports/attest"
	"tollgate/reports/command"
	"tollgate/reports/exitcode"
)

// verifyCommand checks an attestation and the files it names.
type verifyCommand struct {
	File      string `arg:"" name:"file" help:"An attestation, as signoff attest wrote it; the files it names are beside it."`
	PublicKey string `name:"public-key" placeholder:"FILE" help:"Ask for a signature by this Ed25519 key; without it no signature is checked."`
	Commit    string `name:"commit" placeholder:"SHA" help:"Ask that it is about this commit, given in full: an old attestation holds for ever."`
	JSON      bool   `name:"json" help:"Print what was checked as JSON."`
}

// Run says what the attestation holds; the exit code is the worst of its results': an
// attestation that holds, and says FAILED, is no pass.
func (v *verifyCommand) Run(out command.Streams) error {
	var o attest.VerifyOptions
	if v.PublicKey != "" {
		key, err := attest.LoadPublicKey(v.PublicKey)
		if err != nil {
			return exitcode.With(exitcode.Usage, fmt.Errorf("--public-key: %w", err))
		}
		o.PublicKey = key
	}
	report, err := attest.Verify(v.File, o)
	if err != nil {
		code := exitcode.Usage
		if errors.Is(err, attest.ErrUntrusted) {
			code = exitcode.Failed
		}
		return exitcode.With(code, err)
	}
	if v.Commit != "" && v.Commit != report.Commit {
		return exitcode.With(exitcode.Failed, fmt.Errorf("%s: it is about commit %s, not %s", v.File, commitText(report.Commit), v.Commit))
	}
	if v.JSON {
		err = v.printJSON(out, report)
	} else {
		v.print(out, report)
	}
	if err != nil {
		return exitcode.With(exitcode.Internal, err)
	}
	return command.Judged(report.ExitCode())
}

// print lists what was checked.
func (v *verifyCommand) print(out command.Streams, r attest.Report) {
	fmt.Fprintf(out.Out, "%s: %s, and it holds\n", v.File, r.Statement.Predicate.Result)
	fmt.Fprintf(out.Out, "  signature: %s\n  commit:    %s\n  files:     %d unchanged\n", r.Signature, commitText(r.Commit), r.Files)
	for _, result := range r.Results {
		fmt.Fprintf(out.Out, "  result:    %q: %s, %s\n", result.Scenario, reports.Decide(result.Judgements, result.Partial), result.Summary())
		for _, j := range result.Judgements {
			if j.Verdict == reports.Skipped {
				fmt.Fprintf(out.Out, "  skipped:   %q: %q\n", j.ID, j.Reason)
			}
		}
	}
}

// commitText is a commit as a reader sees it.
func commitText(commit string) string {
	if commit == "" {
		return "none (not known, or the tree was dirty)"
	}
	return commit
}

// printJSON prints the same for machines.
func (v *verifyCommand) printJSON(out command.Streams, r attest.Report) error {
	type scenario struct {
		Scenario string           `json:"scenario"`
		Decision reports.Decision `json:"decision"`
	}
	checked := struct {
		File      string     `json:"file"`
		Result    string     `json:"result"`
		Signature string     `json:"signature"`
		Commit    string     `json:"commit"`
		Files     int        `json:"files"`
		Scenarios []scenario `json:"scenarios"`
	}{v.File, string(r.Statement.Predicate.Result), fmt.Sprint(r.Signature), r.Commit, r.Files, []scenario{}}
	for _, result := range r.Results {
		checked.Scenarios = append(checked.Scenarios, scenario{result.Scenario, reports.Decide(result.Judgements, result.Partial)})
	}
	encoder := json.NewEncoder(out.Out)
	encoder.SetIndent("", "  ")
	return encoder.Encode(checked)
}
