package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"tollgate/fakes/redisserver"
	"tollgate/reports/atomicfile"
	"tollgate/reports/command"
	"tollgate/reports/exitcode"
	"tollgate/scenarios/benchthrift"
	"tollgate/system/tcpredis"
)

const description = "Measure plain asynq and every level of thrift side by side. The exit code says whether it could be measured: " +
	"a target that is missed is in the table only."

func main() {
	tcpredis.LogTo(slog.New(slog.DiscardHandler)) // the measurements say what went wrong
	program().Main()
}

func program() command.Program {
	return command.Program{
		Name: "benchthrift", Description: description, Grammar: &arguments{},
		Examples: []command.Example{
			{Line: "benchthrift --json figures.json", Text: "everything: the table, and the figures in a file"},
			{Line: "benchthrift --only rest", Text: "a month without jobs, in virtual time; needs no redis-server"},
			{Line: "benchthrift --only throughput,distance --rtt 50ms", Text: "speed alone, with a Redis that is further away"},
		},
		Vars: kong.Vars{
			"sections": strings.Join(benchthrift.Sections(), ", "), "month": benchthrift.DefaultMonth.String(),
			"plain_rest": benchthrift.DefaultPlainRest.String(), "jobs": fmt.Sprint(benchthrift.DefaultJobs),
			"throughput": fmt.Sprint(benchthrift.DefaultThroughput), "rounds": fmt.Sprint(benchthrift.DefaultRounds),
			"distance": fmt.Sprint(benchthrift.DefaultDistance), "rtt": benchthrift.DefaultRTT.String(),
			"samples": fmt.Sprint(benchthrift.DefaultSamples), "cpu_window": benchthrift.DefaultCPUWindow.String(),
		},
		Codes: map[int]string{
			exitcode.Passed: "measured", exitcode.Usage: exitcode.Text(exitcode.Usage), exitcode.NotStarted: exitcode.Text(exitcode.NotStarted),
			exitcode.Interrupted: exitcode.Text(exitcode.Interrupted), exitcode.Internal: "a measurement failed, or another internal error",
		},
		Before: func(args []string) {
			if len(args) == 1 && args[0] == benchthrift.ChildArgument {
				benchthrift.Child()
			}
		},
	}
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

// Run measures, and prints the table.
func (a *arguments) Run(ctx context.Context, s command.Streams) error {
	options := benchthrift.Options{
		Sections: a.Only, Month: a.Month, PlainRest: a.PlainRest, Jobs: a.Jobs, Throughput: a.Throughput, Rounds: a.Rounds,
		Distance: a.Distance, RTT: a.RTT, Samples: a.Samples, CPUWindow: a.CPUWindow, Run: benchthrift.InChild, Progress: s.Err,
	}
	if err := options.Validate(); err != nil {
		return exitcode.With(exitcode.Usage, err)
	}
	if a.JSON != "" {
		if err := writable(a.JSON); err != nil {
			return exitcode.With(exitcode.Usage, err)
		}
	}
	report, err := benchthrift.Measure(ctx, options)
	if errors.Is(err, redisserver.ErrNotInstalled) {
		return exitcode.With(exitcode.NotStarted, err)
	}
	if err != nil {
		return err
	}
	if a.JSON != "" {
		err = atomicfile.Write(a.JSON, report.WriteJSON)
	}
	return errors.Join(report.WriteTable(s.Out), err)
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
