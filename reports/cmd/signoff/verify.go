package main

import (
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
	v.print(out, report)
	return command.Judged(report.ExitCode())
}

// print lists what was checked.
func (v *verifyCommand) print(out command.Streams, r attest.Report) {
	commit := r.Commit
	if commit == "" {
		commit = "none (not known, or the tree was dirty)"
	}
	fmt.Fprintf(out.Out, "%s: %s, and it holds\n", v.File, r.Statement.Predicate.Result)
	fmt.Fprintf(out.Out, "  signature: %s\n  commit:    %s\n  files:     %d unchanged\n", r.Signature, commit, r.Files)
	for _, result := range r.Results {
		fmt.Fprintf(out.Out, "  result:    %q: %s, %s\n", result.Scenario, reports.Decide(result.Judgements, result.Partial), result.Summary())
		for _, j := range result.Judgements {
			if j.Verdict == reports.Skipped {
				fmt.Fprintf(out.Out, "  skipped:   %q: %q\n", j.ID, j.Reason)
			}
		}
	}
}
