package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"tollgate/loadgen"
	"tollgate/loadgen/result"
	"tollgate/reports/exitcode"
)

// fail is an error that the command ends with that code for; format is as in fmt.Errorf.
func fail(code int, format string, args ...any) error {
	return exitcode.With(code, fmt.Errorf(format, args...))
}

// streams are what a command writes to and reads its environment from.
type streams struct {
	out, err io.Writer
	getenv   func(string) string
}

// commands is the command line.
type commands struct {
	Run      runCommand      `cmd:"" help:"Send a load at a running service or a Redis."`
	Profiles profilesCommand `cmd:"" help:"List the built-in profiles."`
	Check    checkCommand    `cmd:"" help:"Check a profile file and show what it adds up to."`
	Profile  profileCommand  `cmd:"" help:"Make a profile of what the fake Upstash recorded."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(execute(ctx, os.Args[1:], streams{out: os.Stdout, err: os.Stderr, getenv: os.Getenv}))
}

// execute runs one command line and returns the exit code. Errors go to s.err,
// one line each.
func execute(ctx context.Context, args []string, s streams) (code int) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(s.err, "loadgen: internal error: %v\n%s", r, debug.Stack())
			code = exitcode.Internal
		}
	}()
	var cli commands
	left := -1 // set when kong has printed help and wants to leave
	parser, err := newParser(&cli, kong.Writers(s.out, s.err), kong.Exit(func(c int) { left = c }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(s))
	if err != nil {
		fmt.Fprintf(s.err, "loadgen: internal error: %v\n", err)
		return exitcode.Internal
	}
	parsed, err := parser.Parse(args)
	if left >= 0 {
		return left
	}
	if err != nil {
		fmt.Fprintf(s.err, "loadgen: %v; see loadgen --help\n", err)
		return exitcode.Usage
	}
	return report(parsed.Run(), s.err)
}

// newParser makes the parser of the command line.
func newParser(cli *commands, options ...kong.Option) (*kong.Kong, error) {
	defaults := kong.Vars{
		"max_in_flight": strconv.Itoa(loadgen.DefaultMaxInFlight),
		"timeout":       loadgen.DefaultTimeout.String(),
		"every":         loadgen.DefaultReportEvery.String(),
		"max_start_lag": result.DefaultMaxStartLag.String(),
		"profile":       defaultProfile,
	}
	return kong.New(cli, append(options, kong.Name("loadgen"), defaults, kong.Description(description))...)
}

const description = `Sends a load at a running service, or straight at a Redis, and measures the answers.

Exit codes: 0 all sent and answered in time, 1 something failed, was dropped or started late, 2 wrong usage, 3 the target does not answer, ` +
	`4 interrupted, 5 internal error.`

// report prints err, if any, each of its lines under the command's name, and returns the code it stands for.
func report(err error, w io.Writer) int {
	if err == nil {
		return exitcode.Passed
	}
	fmt.Fprintf(w, "loadgen: %s\n", strings.ReplaceAll(err.Error(), "\n", "\nloadgen: "))
	return exitcode.Of(err)
}
