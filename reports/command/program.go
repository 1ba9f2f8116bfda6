package command

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"tollgate/reports"
	"tollgate/reports/exitcode"
)

// Program is one command of Tollgate.
type Program struct {
	// Name is what it is called by, Description what it does, in a sentence or two.
	Name, Description string
	// Examples are shown by --help.
	Examples []Example
	// Codes are the exit codes that --help lists, each with what it means here: "stopped as asked" for a server's 0. The numbers
	// mean what package exitcode says; nil lists all of them in its words.
	Codes map[int]string
	// Grammar is a pointer to the struct of flags and subcommands, as kong takes it.
	Grammar any
	// Vars are interpolated into the grammar's tags.
	Vars kong.Vars
	// Before, when not nil, is called with the arguments and may carry out the whole call itself: it then does not return.
	Before func(args []string)
}

// Streams are what a command writes to and reads its environment from.
type Streams struct {
	Out, Err io.Writer
	Getenv   func(string) string
}

// Terminal says how to write to standard output: plainly where it is no file.
func (s Streams) Terminal() reports.TerminalOptions {
	if f, ok := s.Out.(*os.File); ok {
		return reports.DetectTerminal(f, s.Getenv)
	}
	return reports.TerminalOptions{Width: reports.DefaultWidth}
}

// common are the flags of every program.
type common struct {
	Version    bool   `help:"Print the version and exit."`
	Completion string `help:"Print what makes a shell complete this command: bash, zsh or fish." placeholder:"SHELL"`
}

// Main runs the program on the process's arguments and ends the process.
func (p Program) Main() {
	if p.Before != nil {
		p.Before(os.Args[1:])
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(p.Run(ctx, os.Args[1:], Streams{Out: os.Stdout, Err: os.Stderr, Getenv: os.Getenv}))
}

// Run carries out a command line and returns the exit code. A grammar whose tags are wrong is an internal error.
func (p Program) Run(ctx context.Context, args []string, s Streams) (code int) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(s.Err, "%s: internal error: %v\n%s", p.Name, r, debug.Stack())
			code = exitcode.Internal
		}
	}()
	var extra common
	left := -1 // set when kong has printed help and wants to leave
	parser, err := p.parser(&extra, s, func(c int) { left = c })
	if err != nil {
		return p.report(exitcode.With(exitcode.Internal, err), s.Err)
	}
	if line := s.Getenv(lineVariable); line != "" {
		return p.report(exitcode.With(exitcode.Internal, complete(parser.Model, line, s.Getenv(pointVariable), s.Out)), s.Err)
	}
	if done, err := p.answer(args, s); done {
		return p.report(err, s.Err)
	}
	parsed, err := parser.Parse(args)
	if left >= 0 {
		return left
	}
	if err != nil {
		return p.report(exitcode.With(exitcode.Usage, fmt.Errorf("%w; see %s --help", err, p.Name)), s.Err)
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	return p.report(parsed.Run(s), s.Err)
}

// parser builds kong's parser of the grammar.
func (p Program) parser(extra *common, s Streams, exit func(int)) (*kong.Kong, error) {
	return kong.New(p.Grammar, kong.Name(p.Name), kong.Description(p.help()), kong.Writers(s.Out, s.Err), kong.Exit(exit),
		kong.Embed(extra), p.Vars)
}

// answer carries out the flags that every program has and that need nothing else of the command line.
func (p Program) answer(args []string, s Streams) (done bool, err error) {
	for i, arg := range args {
		name, value, given := strings.Cut(arg, "=")
		switch name {
		case "--":
			return false, nil
		case "--version":
			b := reports.ReadBuild()
			_, err := fmt.Fprintf(s.Out, "%s %s, %s %s/%s\n", p.Name, b.ShortCommit(), b.Go, b.OS, b.Arch)
			return true, exitcode.With(exitcode.Internal, err)
		case "--completion":
			if !given && i+1 < len(args) {
				value = args[i+1]
			}
			return true, p.completion(value, s.Out)
		}
	}
	return false, nil
}

// report prints an error, each line under the program's name, and returns the code that it stands for. A line that begins with
// the name, as the errors of a package of that name do, does not get it twice.
func (p Program) report(err error, w io.Writer) int {
	if code, ok := wordless(err); ok {
		return code
	}
	if err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			fmt.Fprintf(w, "%s: %s\n", p.Name, strings.TrimPrefix(line, p.Name+": "))
		}
	}
	return exitcode.Of(err)
}

// wordless returns the code of an error of [Judged]. One that is joined with others is not without words; kong joins what a command
// returns with nothing.
func wordless(err error) (code int, ok bool) {
	switch e := err.(type) { //nolint:errorlint // errors.As would look into joined errors, too
	case *judgedError:
		return e.code, true
	case interface{ Unwrap() error }:
		return wordless(e.Unwrap())
	case interface{ Unwrap() []error }:
		if all := e.Unwrap(); len(all) == 1 {
			return wordless(all[0])
		}
	}
	return 0, false
}

// judgedError is an exit code without words.
type judgedError struct{ code int }

// Error is for those who print it all the same.
func (e *judgedError) Error() string { return exitcode.Text(e.code) }

// Judged ends a command with an exit code and prints nothing: its verdict has been shown. It is nil for 0. Joined with
// other errors it is one among them, and they are printed.
func Judged(code int) error {
	if code == exitcode.Passed {
		return nil
	}
	return &judgedError{code}
}
