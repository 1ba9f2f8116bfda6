package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"tollgate/loadgen"
	"tollgate/loadgen/profiles"
	"tollgate/reports"
	"tollgate/reports/exitcode"
	"tollgate/scenarios"
	"tollgate/system/tcpredis"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)                  // a second signal ends the program at once
	tcpredis.LogTo(slog.New(slog.DiscardHandler)) // failed dials are counted and judged
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// arguments are the command line.
type arguments struct {
	Scenario []string      `arg:"" help:"Scenarios to run: ${scenarios}." placeholder:"SCENARIO"`
	Profile  string        `help:"Load: a built-in profile (${profiles}) or a YAML file." default:"${profile}"`
	Seed     uint64        `help:"Seed of the load and of the provider failures; 0 takes the profile's." default:"0"`
	Jobs     int           `help:"Scale the load to this many jobs; 0 leaves it as it is." default:"0"`
	Duration time.Duration `help:"Spread the same load over another time; 0 takes the profile's." default:"0s"`
	RTT      time.Duration `help:"Network round trip added to every connection of the service." default:"${rtt}"`
	Failures float64       `help:"Share of provider calls that fail, 0 to 1." default:"${failures}"`
	Idle     time.Duration `help:"Length of the window without load that the month is projected from." default:"${idle}"`
	Out      string        `help:"Folder for result.json and report.html of each scenario." default:"reports/out"`
}

// run carries out a command line and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr *os.File) (code int) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(stderr, "verify: internal error: %v\n%s", r, debug.Stack())
			code = exitcode.Internal
		}
	}()
	code, err := verify(ctx, args, stdout, stderr)
	if err != nil {
		text := err.Error()
		if code != exitcode.Usage { // the problems of a profile have a line each, joined errors share one
			text = strings.ReplaceAll(text, "\n", "; ")
		}
		fmt.Fprintf(stderr, "verify: %s\n", text)
	}
	return code
}

func verify(ctx context.Context, args []string, stdout, stderr *os.File) (int, error) {
	var a arguments
	exited := -1
	parser, err := kong.New(&a, kong.Name("verify"),
		kong.Description("Run the service's stages on the same load against fakes and judge what was counted."),
		kong.Writers(stdout, stderr), kong.Exit(func(code int) { exited = code }),
		kong.Vars{
			"scenarios": strings.Join(scenarios.Names(), ", "), "profiles": strings.Join(profiles.Names(), ", "),
			"profile": scenarios.DefaultProfile, "rtt": scenarios.DefaultRTT.String(),
			"failures": fmt.Sprint(scenarios.DefaultFailures), "idle": scenarios.DefaultIdle.String(),
		})
	if err != nil {
		return exitcode.Internal, err
	}
	_, err = parser.Parse(args)
	if exited >= 0 { // --help was printed
		return exited, nil
	}
	if err != nil {
		return exitcode.Usage, fmt.Errorf("%w; see verify --help", err)
	}
	suite, err := a.suite(stderr)
	if err != nil {
		return exitcode.Usage, err
	}
	return a.runAll(ctx, suite, stdout)
}

// suite checks everything that can be checked before anything runs.
func (a arguments) suite(stderr *os.File) (*scenarios.Suite, error) {
	for _, name := range a.Scenario {
		if _, err := scenarios.Criteria(name); err != nil {
			return nil, err
		}
	}
	profile, err := a.profile()
	if err != nil {
		return nil, err
	}
	suite, err := scenarios.NewSuite(scenarios.Options{
		Profile: profile, RTT: a.RTT, Failures: a.Failures, Idle: a.Idle,
		Progress: scenarios.NewProgress(stderr, loadgen.DetectStyle(stderr, os.Getenv)),
	})
	if err != nil {
		return nil, err
	}
	for _, name := range a.Scenario {
		if err := writable(filepath.Join(a.Out, name)); err != nil {
			return nil, fmt.Errorf("cannot write reports: %w; choose another --out", err)
		}
	}
	return suite, nil
}

// writable makes a folder, unless it is there, and tries to write to it: better
// now than after the run.
func writable(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".writable-*")
	if err != nil {
		return err
	}
	err = errors.Join(f.Close(), os.Remove(f.Name()))
	_ = os.Remove(dir) // unless there are reports in it; a run that is stopped leaves no empty folder
	return err
}

// profile loads the profile and applies the flags that change it.
func (a arguments) profile() (profiles.Profile, error) {
	p, err := profiles.Load(a.Profile, loadgen.Queues())
	if err == nil && a.Seed != 0 {
		p.Seed = a.Seed
	}
	if err == nil && a.Jobs != 0 {
		p, err = p.WithJobs(a.Jobs)
	}
	if err == nil && a.Duration != 0 {
		p, err = p.Over(a.Duration)
	}
	return p, err
}

// runAll runs the scenarios one after another and reports each.
func (a arguments) runAll(ctx context.Context, suite *scenarios.Suite, stdout *os.File) (int, error) {
	worst := exitcode.Passed
	for _, name := range a.Scenario {
		result, runErr := suite.Run(ctx, name)
		if runErr != nil && !result.Partial {
			return exitcode.Worst(worst, codeOf(runErr)), runErr
		}
		if err := a.report(result, stdout); err != nil {
			return exitcode.Internal, errors.Join(runErr, err)
		}
		if runErr != nil {
			return exitcode.Interrupted, runErr
		}
		worst = exitcode.Worst(worst, result.ExitCode())
	}
	return worst, nil
}

// report writes the files first: they are there even when nobody reads the table.
func (a arguments) report(result reports.Result, stdout *os.File) error {
	dir := filepath.Join(a.Out, result.Scenario)
	if err := reports.WriteFiles(dir, result); err != nil {
		return err
	}
	if err := reports.WriteTerminal(stdout, result, reports.DetectTerminal(stdout, os.Getenv)); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "Report: %s\n\n", filepath.Join(dir, "report.html"))
	return nil
}

// codeOf is the exit code for a scenario that could not be run.
func codeOf(err error) int {
	if errors.Is(err, scenarios.ErrNotStarted) {
		return exitcode.NotStarted
	}
	return exitcode.Of(err)
}
