package main

import (
	"cmp"
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
	"tollgate/scenarios/month"
	"tollgate/system/tcpredis"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == month.ChildArgument {
		month.Child()
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop)                  // a second signal ends the program at once
	tcpredis.LogTo(slog.New(slog.DiscardHandler)) // failed dials are counted and judged
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// arguments are the command line.
type arguments struct {
	Scenario []string      `arg:"" help:"Scenarios to run: ${scenarios}." placeholder:"SCENARIO"`
	Profile  string        `help:"Load: a built-in profile (${profiles}) or a YAML file; empty takes ${profile} for a phase and ${monthprofile} for month." placeholder:"PROFILE"`
	Seed     uint64        `help:"Seed of the load and of the provider failures; 0 takes the profile's." default:"0"`
	Jobs     int           `help:"Scale the load to this many jobs; 0 leaves it as it is." default:"0"`
	Duration time.Duration `help:"Spread the same load over another time; 0 takes the profile's." default:"0s"`
	RTT      time.Duration `help:"Network round trip added to every connection of the service." default:"${rtt}"`
	Failures float64       `help:"Share of provider calls that fail, 0 to 1." default:"${failures}"`
	Redis    string        `help:"Redis behind the fake Upstash: embedded, container, or the redis:// URL of an EMPTY database, which is emptied again after each stage." default:"embedded" placeholder:"REDIS"`
	Out      string        `help:"Folder for result.json and report.html of each scenario." default:"reports/out"`

	Month monthFlags `embed:"" group:"Month"`
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
			"scenarios": strings.Join(append(scenarios.Names(), monthScenario), ", "), "profiles": strings.Join(profiles.Names(), ", "),
			"profile": scenarios.DefaultProfile, "monthprofile": month.DefaultProfile, "rtt": scenarios.DefaultRTT.String(),
			"failures": fmt.Sprint(scenarios.DefaultFailures),
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
	redis, err := scenarios.ParseRedis(a.Redis)
	if err != nil {
		return exitcode.Usage, err
	}
	runs, suite, err := a.runs(stderr)
	if err != nil {
		return exitcode.Usage, err
	}
	if suite == nil { // no phase, so nothing that needs a Redis
		return a.runAll(ctx, runs, stdout)
	}
	store, err := redis.Open(ctx)
	if err != nil {
		return codeOf(err), err
	}
	suite.UseRedis(store)
	code, err := a.runAll(ctx, runs, stdout)
	if closeErr := store.Close(); closeErr != nil {
		return exitcode.Worst(code, exitcode.Internal), errors.Join(err, closeErr)
	}
	return code, err
}

// scenarioRun is one scenario that is ready to run.
type scenarioRun struct {
	name string // its folder
	seed uint64 // the first one
	run  func(context.Context) (reports.Result, error)
}

// runs checks everything that can be checked before anything runs. The suite is that of the phases, nil without any.
func (a arguments) runs(stderr *os.File) (runs []scenarioRun, suite *scenarios.Suite, err error) {
	for _, name := range a.Scenario {
		if name == monthScenario {
			months, err := a.months(stderr)
			if err != nil {
				return nil, nil, err
			}
			runs = append(runs, months...)
			continue
		}
		if suite == nil {
			if suite, err = a.suite(name, stderr); err != nil {
				return nil, nil, err
			}
		}
		if _, err := scenarios.Criteria(name); err != nil {
			return nil, nil, err
		}
		runs = append(runs, scenarioRun{name, suite.Seed(), func(ctx context.Context) (reports.Result, error) { return suite.Run(ctx, name) }})
	}
	for _, r := range runs {
		if err := writable(filepath.Join(a.Out, r.name)); err != nil {
			return nil, nil, fmt.Errorf("cannot write reports: %w; choose another --out", err)
		}
	}
	return runs, suite, nil
}

// suite prepares the phases; name is the first of them.
func (a arguments) suite(name string, stderr *os.File) (*scenarios.Suite, error) {
	if _, err := scenarios.Criteria(name); err != nil { // an unknown name is what is wrong, whatever else is
		return nil, fmt.Errorf("%w and %s", err, monthScenario)
	}
	profile, err := a.profile(scenarios.DefaultProfile)
	if err != nil {
		return nil, err
	}
	return scenarios.NewSuite(scenarios.Options{
		Profile: profile, RTT: a.RTT, Failures: a.Failures, Month: a.countMonth(stderr),
		Progress: scenarios.NewProgress(stderr, loadgen.DetectStyle(stderr, os.Getenv)),
	})
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

// profile loads the profile, fallback unless one was named, and applies the flags that change it.
func (a arguments) profile(fallback string) (profiles.Profile, error) {
	p, err := profiles.Load(cmp.Or(a.Profile, fallback), loadgen.Queues())
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
func (a arguments) runAll(ctx context.Context, runs []scenarioRun, stdout *os.File) (int, error) {
	worst := exitcode.Passed
	for _, r := range runs {
		fmt.Fprintf(stdout, "%s: %s\n", r.name, origin(r.seed, reports.ReadBuild()))
		result, runErr := r.run(ctx)
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
	fmt.Fprintf(stdout, "Report: %s (%s)\n\n", filepath.Join(dir, "report.html"), origin(result.Seed, result.Build))
	return nil
}

// shortCommit is how many characters of a commit are shown.
const shortCommit = 12

// origin is what it takes to run the same again.
func origin(seed uint64, b reports.Build) string {
	text := fmt.Sprintf("seed %d, commit %s", seed, b.Commit[:min(shortCommit, len(b.Commit))])
	if b.Dirty {
		text += " and changes"
	}
	return text
}

// codeOf is the exit code for a scenario that could not be run.
func codeOf(err error) int {
	if errors.Is(err, scenarios.ErrNotStarted) {
		return exitcode.NotStarted
	}
	return exitcode.Of(err)
}
