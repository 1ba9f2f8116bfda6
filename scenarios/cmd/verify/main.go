package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"tollgate/loadgen"
	"tollgate/loadgen/profiles"
	"tollgate/reports"
	"tollgate/reports/command"
	"tollgate/reports/exitcode"
	"tollgate/scenarios"
	"tollgate/scenarios/month"
	"tollgate/system/tcpredis"
)

func main() {
	tcpredis.LogTo(slog.New(slog.DiscardHandler)) // failed dials are counted and judged
	program().Main()
}

func program() command.Program {
	return command.Program{
		Name: "verify", Grammar: &arguments{},
		Description: "Run the service's stages on the same load against fakes and judge what was counted.",
		Examples: []command.Example{
			{Line: "verify phase1 phase2", Text: "both phases on 1000 jobs; reports under reports/out"},
			{Line: "verify phase2 --seed 7 --rtt 20ms --abort-early", Text: "another load, a slower network, no longer than it takes to fail"},
			{Line: "verify month --stage phase2 --seeds 1 --faults", Text: "30 days in virtual time with outages and deploys"},
		},
		Vars: kong.Vars{
			"scenarios": strings.Join(append(scenarios.Names(), monthScenario), ", "), "profiles": strings.Join(profiles.Names(), ", "),
			"profile": scenarios.DefaultProfile, "monthprofile": month.DefaultProfile, "rtt": scenarios.DefaultRTT.String(),
			"failures": fmt.Sprint(scenarios.DefaultFailures), "grace": scenarios.DefaultGrace.String(),
		},
		Before: func(args []string) {
			if len(args) == 1 && args[0] == month.ChildArgument {
				month.Child()
			}
		},
	}
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
	Out      string        `help:"Folder for the reports: result.json, report.html, report.md, junit.xml and ctrf.json of each scenario, and signoff/signoff.html over several." default:"reports/out"`
	Abort    bool          `name:"abort-early" help:"Give a phase's stage up when it can no longer pass; what failed is FAIL, the rest NO DATA."`
	Grace    time.Duration `help:"With --abort-early: how long a stage may take to get going." default:"${grace}"`
	Criteria []string      `help:"File of criteria to judge by instead of the built-in ones (scenarios/criteria is where they are); the scenario in it says for what. May be repeated." placeholder:"FILE" sep:"none"`
	JSON     bool          `name:"json" help:"Print each result as JSON instead of a table; what is said beside it goes to standard error."`

	Month monthFlags `embed:"" group:"Month"`
}

// Run runs the scenarios that were named.
func (a *arguments) Run(ctx context.Context, s command.Streams) error {
	redis, err := scenarios.ParseRedis(a.Redis)
	if err != nil {
		return exitcode.With(exitcode.Usage, err)
	}
	runs, suite, err := a.runs(s)
	if err != nil {
		return exitcode.With(exitcode.Usage, err)
	}
	if err := a.forget(runs); err != nil {
		return exitcode.With(exitcode.Usage, err)
	}
	if suite == nil { // no phase, so nothing that needs a Redis
		return a.runAll(ctx, runs, s)
	}
	store, err := redis.Open(ctx)
	switch {
	case err != nil && ctx.Err() != nil:
		return exitcode.With(exitcode.Interrupted, fmt.Errorf("interrupted before the start: %w", context.Cause(ctx)))
	case err != nil:
		return exitcode.With(codeOf(err), err)
	}
	suite.UseRedis(store)
	err = a.runAll(ctx, runs, s)
	if closeErr := store.Close(); closeErr != nil {
		return exitcode.With(exitcode.Internal, errors.Join(err, closeErr))
	}
	return err
}

// scenarioRun is one scenario that is ready to run.
type scenarioRun struct {
	name string // its folder
	seed uint64 // the first one
	run  func(context.Context) (reports.Result, error)
}

// runs checks everything that can be checked before anything runs. The suite is that of the phases, nil without any.
func (a *arguments) runs(s command.Streams) (runs []scenarioRun, suite *scenarios.Suite, err error) {
	criteria, err := a.ownCriteria()
	if err != nil {
		return nil, nil, err
	}
	for _, name := range a.Scenario {
		if name == monthScenario {
			months, err := a.months(s, criteria)
			if err != nil {
				return nil, nil, err
			}
			runs = append(runs, months...)
			continue
		}
		if suite == nil {
			if suite, err = a.suite(name, s, criteria); err != nil {
				return nil, nil, err
			}
		}
		if _, err := scenarios.Criteria(name); err != nil {
			return nil, nil, fmt.Errorf("%w and %s", err, monthScenario)
		}
		runs = append(runs, scenarioRun{name, suite.Seed(), func(ctx context.Context) (reports.Result, error) { return suite.Run(ctx, name) }})
	}
	if err := allUsed(criteria, runs); err != nil {
		return nil, nil, err
	}
	if a.Abort && suite == nil {
		return nil, nil, errors.New("--abort-early is for phases: a month runs to its end")
	}
	folders := []string{signoffFolder}
	for _, r := range runs {
		if slices.Contains(folders, r.name) {
			return nil, nil, fmt.Errorf("scenario %s is named twice", r.name)
		}
		folders = append(folders, r.name)
	}
	for _, name := range folders {
		if err := writable(filepath.Join(a.Out, name)); err != nil {
			return nil, nil, fmt.Errorf("cannot write reports: %w; choose another --out", err)
		}
	}
	return runs, suite, nil
}

// suite prepares the phases; name is the first of them.
func (a *arguments) suite(name string, s command.Streams, criteria map[string]reports.Set) (*scenarios.Suite, error) {
	if _, err := scenarios.Criteria(name); err != nil { // an unknown name is what is wrong, whatever else is
		return nil, fmt.Errorf("%w and %s", err, monthScenario)
	}
	profile, err := a.profile(scenarios.DefaultProfile)
	if err != nil {
		return nil, err
	}
	return scenarios.NewSuite(scenarios.Options{
		Profile: profile, RTT: a.RTT, Failures: a.Failures, Month: a.countMonth(s),
		AbortEarly: a.Abort, Grace: a.Grace, Criteria: criteria,
		Progress: scenarios.NewProgress(s.Err, loadgen.DetectStyle(s.Err, s.Getenv)),
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
func (a *arguments) profile(fallback string) (profiles.Profile, error) {
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

// codeOf is the exit code for a scenario that could not be run.
func codeOf(err error) int {
	if errors.Is(err, scenarios.ErrNotStarted) {
		return exitcode.NotStarted
	}
	return exitcode.Of(err)
}
