package main

import (
	"fmt"

	"tollgate/reports/attest"
	"tollgate/reports/command"
	"tollgate/reports/exitcode"
)

// keygenCommand writes a pair of keys to sign and verify attestations with.
type keygenCommand struct {
	Dir string `arg:"" name:"dir" help:"Folder for signoff.key, which is to be kept secret, and signoff.pub; neither is overwritten."`
}

// Run writes the pair and says what each half is for.
func (k *keygenCommand) Run(out command.Streams) error {
	private, public, err := attest.GenerateKey(k.Dir)
	if err != nil {
		return exitcode.With(exitcode.Usage, err)
	}
	fmt.Fprintf(out.Out, "%s: keep it secret; signoff attest --key signs with it\n", private)
	fmt.Fprintf(out.Out, "%s: hand it out; signoff verify --public-key asks for its signature\n", public)
	return nil
}
