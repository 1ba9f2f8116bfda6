package attest

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tollgate/reports"
	"tollgate/reports/exitcode"
)

// VerifyOptions are what [Verify] needs beside the file.
type VerifyOptions struct {
	// PublicKey is the key that must have signed the statement; nil asks for no signature.
	PublicKey ed25519.PublicKey
	// Dir is the folder of the files that the statement names; "" is the statement's own.
	Dir string
}

// Report is what [Verify] found of an attestation that holds.
type Report struct {
	Statement Statement
	Signature Signature
	// Commit is the git commit the statement is about, "" when it names none.
	Commit string
	// Files is how many files were digested, results included.
	Files int
	// Results are the results it rests on, read anew, in the order of the statement.
	Results []reports.Result
}

// ExitCode is the worst of the results' exit codes: a statement that holds, and says
// FAILED, is not a pass.
func (r Report) ExitCode() int {
	code := exitcode.Passed
	for _, result := range r.Results {
		code = exitcode.Worst(code, result.ExitCode())
	}
	return code
}

// Verify reads a statement or an envelope and checks all of it: the signature, when a key
// is given; that every file it names is there and unchanged; and that outcome, lists of
// tests, configuration and commit are those that the results, read anew, bear out.
//
// A signature by the key is required when one is given. Without a key an envelope is read
// and the report says that its signature was not checked. The keyid of a signature is a
// hint that nobody signed and is not looked at.
//
// An error wraps [ErrUntrusted] when the attestation does not hold, and names everything
// that does not; [ErrUnreadable] when it, or a result that it names, could not be read.
// When the latter is all that is wrong, the error is not an [ErrUntrusted].
func Verify(path string, o VerifyOptions) (Report, error) {
	report, err := verify(path, o)
	if err != nil {
		return Report{}, fmt.Errorf("%s: %w", path, err)
	}
	return report, nil
}

func verify(path string, o VerifyOptions) (Report, error) {
	if o.PublicKey != nil && len(o.PublicKey) != ed25519.PublicKeySize {
		return Report{}, badKey("the public key has %d bytes, one of Ed25519 has %d", len(o.PublicKey), ed25519.PublicKeySize)
	}
	data, _, err := readCapped(path, MaxStatementBytes)
	if err != nil {
		return Report{}, unreadable("%w", err)
	}
	statement, signed, err := open(data, o.PublicKey)
	if err != nil {
		return Report{}, err
	}
	dir := o.Dir
	if dir == "" {
		dir = filepath.Dir(path)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return Report{}, unreadable("the folder of its files, %s: %w", dir, bare(err))
	}
	defer func() { _ = root.Close() }() // it was only read from
	report := Report{Statement: statement, Signature: signed}
	if err := report.readSubjects(root); err != nil {
		return Report{}, err
	}
	return report, report.compare()
}

// readSubjects digests every file of the statement and reads the results among them.
func (r *Report) readSubjects(root *os.Root) error {
	var problems []error
	seen := map[string]bool{}
	for _, d := range r.Statement.Subject {
		commit, isCommit := d.Digest[gitCommitDigest]
		if isCommit && d.Name == "" {
			if r.Commit != "" || !gitDigest.MatchString(commit) {
				problems = append(problems, untrusted("the commit %.64q is none, or one too many", commit))
			}
			r.Commit = commit
			continue
		}
		if flaw := nameFlaw(d.Name); flaw != "" {
			problems = append(problems, untrusted("the subject %q: %s", d.Name, flaw))
			continue
		}
		if seen[d.Name] {
			problems = append(problems, untrusted("%s is named twice", d.Name))
			continue
		}
		seen[d.Name] = true
		if err := r.readSubject(root, d); err != nil {
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}

func (r *Report) readSubject(root *os.Root, d Descriptor) error {
	want, ok := d.Digest[sha256Digest]
	if !ok {
		return untrusted("the statement has no sha256 of %s, so that it cannot be checked", d.Name)
	}
	var got string
	var data []byte
	var err error
	if d.isResult() {
		got, data, err = digestResult(root, d.Name)
	} else {
		got, err = digestFile(root, d.Name)
	}
	switch {
	case errors.Is(err, os.ErrNotExist):
		return untrusted("%s is missing", d.Name)
	case err != nil:
		return untrusted("%s cannot be checked: %w", d.Name, err)
	case got != want:
		return untrusted("%s was changed: its sha256 is %s, the statement has %.64q", d.Name, got, want)
	}
	r.Files++
	if !d.isResult() {
		return nil
	}
	result, err := reports.ReadJSON(bytes.NewReader(data))
	var newer *reports.NewerSchemaError
	switch {
	case errors.As(err, &newer):
		return unreadable("%s: %w", d.Name, err)
	case err != nil:
		return untrusted("%s: %w", d.Name, err)
	}
	r.Results = append(r.Results, result)
	return nil
}
