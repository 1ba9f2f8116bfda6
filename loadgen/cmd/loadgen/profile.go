package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tollgate/loadgen"
	"tollgate/loadgen/profiles"
	"tollgate/loadgen/recorded"
	"tollgate/reports/command"
	"tollgate/reports/exitcode"
)

// referenceProfile has what an account does not say.
const referenceProfile = "reference-month"

// profileCommand makes a profile of a recorded account.
type profileCommand struct {
	From  string `required:"" placeholder:"FILE" help:"Account of the fake Upstash: what it has at /account of its admin address, or prints at its end with --json."`
	Out   string `placeholder:"FILE" help:"Write the profile to this file instead of the standard output: all of it or nothing."`
	Month bool   `help:"Scale the counts to a month. Otherwise the profile lasts as long as the account."`
}

// Help implements kong's HelpProvider.
func (profileCommand) Help() string {
	return `Examples:

  loadgen profile --from account.json --month --out my-month.yaml`
}

// Run implements the command.
func (c profileCommand) Run(s command.Streams) error {
	reference, err := profiles.Load(referenceProfile, loadgen.Queues())
	if err != nil {
		return err
	}
	file, err := os.Open(c.From)
	if err != nil {
		return fail(exitcode.Usage, "cannot read the account: %w", err)
	}
	defer file.Close()
	text, err := recorded.Profile(file, recorded.Options{Reference: reference, Month: c.Month})
	var failed *os.PathError
	switch {
	case errors.Is(err, recorded.ErrAccount):
		return fail(exitcode.Usage, "%s: %w", c.From, err)
	case errors.As(err, &failed):
		return fail(exitcode.Usage, "cannot read the account: %w", err)
	case err != nil:
		return err
	}
	if c.Out == "" {
		_, err := s.Out.Write(text)
		return err
	}
	if err := replace(c.Out, text); err != nil {
		return fail(exitcode.Usage, "cannot write the profile: %w", err)
	}
	p, err := profiles.ReadFile(c.Out, loadgen.Queues())
	if err != nil {
		return err
	}
	fmt.Fprintf(s.Out, "%s: ", c.Out)
	return describe(s.Out, p)
}

// replace writes a file that anybody may read, all of it or nothing: beside it first, and then in its place.
func replace(name string, text []byte) (err error) {
	out, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(out.Name()))
		}
	}()
	_, err = out.Write(text)
	if err := errors.Join(err, out.Chmod(0o644), out.Sync(), out.Close()); err != nil {
		return err
	}
	return os.Rename(out.Name(), name)
}
