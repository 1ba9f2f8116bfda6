package attest_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"tollgate/reports/attest"
)

func Example() {
	dir, err := os.MkdirTemp("", "attest")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	if err := os.CopyFS(dir, os.DirFS("testdata")); err != nil { // what a run wrote
		fmt.Println(err)
		return
	}
	private, public, err := attest.GenerateKey(filepath.Join(dir, "keys"))
	if err != nil {
		fmt.Println(err)
		return
	}
	out := filepath.Join(dir, "attestation.json")

	// Where it ran: attest and sign.
	statement, err := attest.Attest(
		[]string{filepath.Join(dir, "phase2", "result.json")}, []string{filepath.Join(dir, "phase2", "report.html")}, attest.Options{Out: out})
	if err != nil {
		fmt.Println(err)
		return
	}
	key, err := attest.LoadPrivateKey(private)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := attest.Write(out, statement, key); err != nil {
		fmt.Println(err)
		return
	}

	// Where it is to be deployed: verify.
	trusted, err := attest.LoadPublicKey(public)
	if err != nil {
		fmt.Println(err)
		return
	}
	report, err := attest.Verify(out, attest.VerifyOptions{PublicKey: trusted})
	fmt.Println(err, report.Signature, report.Commit[:7], report.Statement.Predicate.Result, report.Statement.Predicate.FailedTests)

	// Somebody touches the page.
	if err := os.WriteFile(filepath.Join(dir, "phase2", "report.html"), []byte("all is well"), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	_, err = attest.Verify(out, attest.VerifyOptions{PublicKey: trusted})
	fmt.Println(errors.Is(err, attest.ErrUntrusted), strings.Contains(err.Error(), "phase2/report.html was changed"))
	// Output:
	// <nil> valid 7d3f0c1 FAILED [phase2-3 phase2-4]
	// true true
}
