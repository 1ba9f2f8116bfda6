package main

import (
	"crypto/ed25519"
	"fmt"

	"tollgate/reports/attest"
	"tollgate/reports/command"
	"tollgate/reports/exitcode"
)

// attestCommand writes an attestation of results and of files that belong to them.
type attestCommand struct {
	Results []string `arg:"" name:"result" help:"A result.json, as a run wrote it, in or below the folder of --out."`
	Files   []string `name:"file" sep:"none" placeholder:"FILE" help:"Attest FILE as well, such as report.html; may be repeated."`
	Key     string   `name:"key" placeholder:"FILE" help:"Sign with this Ed25519 private key (signoff keygen writes one); without it the statement is not signed."`
	URL     string   `name:"url" placeholder:"URL" help:"Where the run is to be seen, such as the CI job."`
	Out     string   `name:"out" required:"" placeholder:"FILE" help:"Write the attestation to FILE."`
}

// Run writes the attestation. That the results failed is what it states, and no error.
func (a *attestCommand) Run(out command.Streams) error {
	var key ed25519.PrivateKey
	if a.Key != "" {
		var err error
		if key, err = attest.LoadPrivateKey(a.Key); err != nil {
			return exitcode.With(exitcode.Usage, fmt.Errorf("--key: %w", err))
		}
	}
	statement, err := attest.Attest(a.Results, a.Files, attest.Options{Out: a.Out, URL: a.URL})
	if err != nil {
		return exitcode.With(exitcode.Usage, err)
	}
	if err := attest.Write(a.Out, statement, key); err != nil {
		return exitcode.With(exitcode.Usage, fmt.Errorf("--out: %w", err))
	}
	signed := "not signed"
	if key != nil {
		signed = "signed by the key " + attest.KeyID(key.Public().(ed25519.PublicKey))
	}
	fmt.Fprintf(out.Out, "%s: %s, %s\n", a.Out, statement.Predicate.Result, signed)
	return nil
}
