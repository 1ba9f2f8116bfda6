package main

import (
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"

	"tollgate/reports"
	"tollgate/reports/exitcode"
)

// commandLine is the whole of the command line.
type commandLine struct {
	Show show `cmd:"" help:"Show results again, from the result.json of a run."`
}

// output is where a command writes to.
type output struct {
	stdout, stderr io.Writer
	terminal       reports.TerminalOptions
}

func main() {
	os.Exit(run(os.Args[1:], output{
		stdout:   os.Stdout,
		stderr:   os.Stderr,
		terminal: reports.DetectTerminal(os.Stdout, os.Getenv),
	}))
}

// run parses the arguments, runs the command they name and returns the exit code.
func run(args []string, out output) int {
	var cli commandLine
	parser, err := kong.New(&cli,
		kong.Name("signoff"),
		kong.Description("Shows what a run of Tollgate found.\n\nExit codes: 0 all passed, 1 criteria failed or had no data, "+
			"2 wrong usage or file, 4 the run had been interrupted, 5 internal error; the worst of all files."),
		kong.Writers(out.stdout, out.stderr),
	)
	if err != nil {
		return fail(out, exitcode.With(exitcode.Internal, err))
	}
	if _, err := parser.Parse(args); err != nil {
		return fail(out, exitcode.With(exitcode.Usage, fmt.Errorf("%w (see signoff --help)", err)))
	}
	return cli.Show.run(out)
}

// fail prints an error and returns its exit code.
func fail(out output, err error) int {
	fmt.Fprintf(out.stderr, "signoff: %v\n", err)
	return exitcode.Of(err)
}
