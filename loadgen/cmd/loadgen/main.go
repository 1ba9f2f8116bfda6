package main

import (
	"context"
	"errors"
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
)

// Exit codes; see the package comment.
const (
	exitOK = iota
	exitFailed
	exitUsage
	exitNotStarted
	exitInterrupted
	exitInternal
)

// exitError is an error with the exit code that it stands for.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

// fail returns an exitError; format is as in fmt.Errorf.
func fail(code int, format string, args ...any) *exitError {
	return &exitError{code: code, err: fmt.Errorf(format, args...)}
}

// streams are what a command writes to and reads its environment from.
type streams struct {
	out, err io.Writer
	getenv   func(string) string
}

// commands is the command line.
type commands struct {
	Run      runCommand      `cmd:"" help:"Send a profile at a running service."`
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
			code = exitInternal
		}
	}()
	var cli commands
	defaults := kong.Vars{
		"max_in_flight": strconv.Itoa(loadgen.DefaultMaxInFlight),
		"timeout":       loadgen.DefaultTimeout.String(),
		"every":         loadgen.DefaultReportEvery.String(),
	}
	left := -1 // set when kong has printed help and wants to leave
	parser, err := kong.New(&cli, kong.Name("loadgen"), defaults,
		kong.Description("Sends a workload profile at a running service and measures the answers."),
		kong.Writers(s.out, s.err), kong.Exit(func(c int) { left = c }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(s))
	if err != nil {
		fmt.Fprintf(s.err, "loadgen: internal error: %v\n", err)
		return exitInternal
	}
	parsed, err := parser.Parse(args)
	if left >= 0 {
		return left
	}
	if err != nil {
		fmt.Fprintf(s.err, "loadgen: %v; see loadgen --help\n", err)
		return exitUsage
	}
	return report(parsed.Run(), s.err)
}

// report prints err, if any, each of its lines under the command's name, and returns the code it stands for.
func report(err error, w io.Writer) int {
	if err == nil {
		return exitOK
	}
	fmt.Fprintf(w, "loadgen: %s\n", strings.ReplaceAll(err.Error(), "\n", "\nloadgen: "))
	if coded := (*exitError)(nil); errors.As(err, &coded) {
		return coded.code
	}
	return exitInternal
}
