package main

import (
	"context"
	"errors"
	"fmt"

	"tollgate/reports/command"
	"tollgate/reports/exitcode"
)

const description = "Rates of redis-benchmark directly at a local redis-server, through the fake Upstash, " +
	"and through toxiproxy."

// options are the flags.
type options struct {
	Rounds   int   `default:"5"      placeholder:"N"  help:"Rounds, of which the median counts (${default})."`
	Clients  int   `default:"50"     placeholder:"N"  help:"Connections of redis-benchmark (${default})."`
	Depths   []int `default:"1,16"   placeholder:"N"  help:"Pipeline depths (${default})."`
	Requests int   `default:"100000" placeholder:"N"  help:"Requests a test, at depth 1; more at larger depths (${default})."`
	JSON     bool  `name:"json" help:"Print the rates as JSON instead of a table, those of each round as well."`
}

// Validate is called by kong once the flags are read.
func (o options) Validate() error {
	for _, n := range append([]int{o.Rounds, o.Clients, o.Requests}, o.Depths...) {
		if n < 1 {
			return fmt.Errorf("%d: give whole numbers of at least 1", n)
		}
	}
	return nil
}

func main() { program().Main() }

func program() command.Program {
	return command.Program{
		Name: "bench", Description: description, Grammar: &options{},
		Examples: []command.Example{
			{Line: "bench", Text: "five rounds at depths 1 and 16: some minutes"},
			{Line: "bench --rounds 1 --depths 1 --requests 10000", Text: "a quick look"},
			{Line: "bench --json > rates.json", Text: "for a machine"},
		},
		Codes: map[int]string{
			exitcode.Passed: "measured", exitcode.Usage: exitcode.Text(exitcode.Usage), exitcode.NotStarted: exitcode.Text(exitcode.NotStarted),
			exitcode.Interrupted: exitcode.Text(exitcode.Interrupted), exitcode.Internal: "a measurement failed, or another internal error",
		},
	}
}

// Run measures and prints the rates.
func (o *options) Run(ctx context.Context, s command.Streams) error {
	measured, err := measure(ctx, *o, s.Err)
	switch {
	case ctx.Err() != nil:
		return exitcode.With(exitcode.Interrupted, errors.New("interrupted"))
	case err != nil:
		return err
	case o.JSON:
		return measured.printJSON(s.Out)
	default:
		return measured.print(s.Out)
	}
}
