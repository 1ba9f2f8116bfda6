package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"tollgate/fakes/redisserver"
	"tollgate/reports/atomicfile"
	"tollgate/reports/exitcode"
	"tollgate/scenarios/benchthrift"
	"tollgate/system/tcpredis"
)

const description = "Measure plain asynq and every level of thrift side by side. The exit code says whether it could be measured: " +
	"a target that is missed is in the table only."

func main() {
	tcpredis.LogTo(slog.New(slog.DiscardHandler)) // the measurements say what went wrong
	if len(os.Args) == 2 && os.Args[1] == benchthrift.ChildArgument {
		benchthrift.Child()
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// arguments are the command line.
type arguments struct {
	Only       []string      `help:"Sections to run: ${sections}. All unless given." placeholder:"SECTION"`
	JSON       string        `name:"json" help:"File for the figures as JSON." placeholder:"FILE"`
	Month      time.Duration `help:"Virtual time at rest of governed asynq." default:"${month}"`
	PlainRest  time.Duration `help:"Virtual time at rest of plain asynq." default:"${plain_rest}"`
	Jobs       int           `help:"Jobs one at a time, and at once." default:"${jobs}"`
	Throughput int           `help:"Jobs of each round of throughput." default:"${throughput}"`
	Rounds     int           `help:"Rounds of throughput, of which the median counts." default:"${rounds}"`
	Distance   int           `help:"Jobs at a distance." default:"${distance}"`
	RTT        time.Duration `name:"rtt" help:"The distance: a network round trip." default:"${rtt}"`
	Samples    int           `help:"Sparse jobs, for latency." default:"${samples}"`
	CPUWindow  time.Duration `name:"cpu-window" help:"Time over which an idle process is watched." default:"${cpu_window}"`
}

// run carries out a command line and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	a, code, err := parse(args, stdout, stderr)
	if err == nil && code < 0 {
		err = a.measure(ctx, stdout, stderr)
		code = codeOf(err)
	}
	if err != nil {
		fmt.Fprintf(stderr, "benchthrift: %s\n", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return code
}

// parse returns a code below 0 when there is something to do.
func parse(args []string, stdout, stderr io.Writer) (a arguments, code int, err error) {
	exited := -1
	parser, err := kong.New(&a, kong.Name("benchthrift"), kong.Description(description),
		kong.Writers(stdout, stderr), kong.Exit(func(code int) { exited = code }),
		kong.Vars{
			"sections": strings.Join(benchthrift.Sections(), ", "), "month": benchthrift.DefaultMonth.String(),
			"plain_rest": benchthrift.DefaultPlainRest.String(), "jobs": fmt.Sprint(benchthrift.DefaultJobs),
			"throughput": fmt.Sprint(benchthrift.DefaultThroughput), "rounds": fmt.Sprint(benchthrift.DefaultRounds),
			"distance": fmt.Sprint(benchthrift.DefaultDistance), "rtt": benchthrift.DefaultRTT.String(),
			"samples": fmt.Sprint(benchthrift.DefaultSamples), "cpu_window": benchthrift.DefaultCPUWindow.String(),
		})
	if err != nil {
		return a, exitcode.Internal, err
	}
	if _, err = parser.Parse(args); exited >= 0 { // --help was printed
		return a, exited, nil
	}
	if err != nil {
		return a, exitcode.Usage, fmt.Errorf("%w; see benchthrift --help", err)
	}
	return a, -1, nil
}

func (a arguments) measure(ctx context.Context, stdout, stderr io.Writer) (err error) {
	options := benchthrift.Options{
		Sections: a.Only, Month: a.Month, PlainRest: a.PlainRest, Jobs: a.Jobs, Throughput: a.Throughput, Rounds: a.Rounds,
		Distance: a.Distance, RTT: a.RTT, Samples: a.Samples, CPUWindow: a.CPUWindow, Run: benchthrift.InChild, Progress: stderr,
	}
	if err := options.Validate(); err != nil {
		return err
	}
	if a.JSON != "" {
		if err := writable(a.JSON); err != nil {
			return exitcode.With(exitcode.Usage, err)
		}
	}
	report, err := benchthrift.Measure(ctx, options)
	if err != nil {
		return err
	}
	if a.JSON != "" {
		err = atomicfile.Write(a.JSON, report.WriteJSON)
	}
	return errors.Join(report.WriteTable(stdout), err)
}

// writable says why a file cannot be written: better now than after the run. The file is as it was before.
func writable(path string) error {
	_, missing := os.Stat(path)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	err = file.Close()
	if missing != nil {
		err = errors.Join(err, os.Remove(path))
	}
	return err
}

// codeOf is the exit code for what ended a run.
func codeOf(err error) int {
	switch {
	case errors.Is(err, benchthrift.ErrOptions):
		return exitcode.Usage
	case errors.Is(err, redisserver.ErrNotInstalled):
		return exitcode.NotStarted
	default:
		return exitcode.Of(err)
	}
}
