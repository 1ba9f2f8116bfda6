package main

import (
	"context"
	"fmt"
	"time"

	"tollgate/loadgen"
	"tollgate/loadgen/httptarget"
	"tollgate/loadgen/profiles"
)

// healthTimeout bounds the question whether the target is there.
const healthTimeout = 5 * time.Second

// runCommand sends a profile.
type runCommand struct {
	Profile     string         `default:"phase" help:"Built-in profile, or the path of a profile file (.yaml)."`
	Target      string         `required:"" placeholder:"URL" help:"Address of the service, such as http://127.0.0.1:8080."`
	Duration    *time.Duration `xor:"pace" placeholder:"20s" help:"Spread the same arrivals over another time."`
	ASAP        bool           `name:"asap" xor:"pace" help:"Send as fast as the target answers, with --max-in-flight arrivals under way; nothing is dropped."`
	RateScale   *float64       `xor:"amount" placeholder:"2" help:"Send so many times the arrivals in the same time."`
	Jobs        *int           `xor:"amount" placeholder:"1000" help:"Scale the profile to so many jobs."`
	Seed        *uint64        `placeholder:"1000" help:"Use another seed than the profile's."`
	MaxInFlight int            `default:"${max_in_flight}" help:"Arrivals under way at once; more are dropped and counted."`
	Timeout     time.Duration  `default:"${timeout}" help:"Time one arrival may take."`
	Every       time.Duration  `default:"${every}" help:"Time between two lines of progress, where the output is no terminal."`
}

// Run implements the command.
func (c runCommand) Run(ctx context.Context, s streams) error {
	profile, err := c.profile()
	if err != nil {
		return &exitError{exitUsage, err}
	}
	cache, closeCache, err := openCache(s.getenv)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	defer closeCache()
	target, err := httptarget.New(httptarget.Config{BaseURL: c.Target, Cache: cache, MaxConns: max(0, c.MaxInFlight)})
	if err != nil {
		return &exitError{exitUsage, err}
	}
	defer target.Close()
	if cache == nil && profile.DirectCache().Sum() > 0 {
		fmt.Fprintf(s.err, "loadgen: %d cache operations are left out: %s and %s are not set\n",
			profile.DirectCache().Sum(), urlVariable, tokenVariable)
		profile = profile.WithoutCache()
	}
	runner, err := c.runner(profile, target)
	if err != nil {
		return &exitError{exitUsage, err}
	}
	checking, cancel := context.WithTimeout(ctx, healthTimeout)
	err = target.Healthy(checking)
	cancel()
	switch {
	case ctx.Err() != nil:
		return fail(exitInterrupted, "interrupted before the start: %w", context.Cause(ctx))
	case err != nil:
		return fail(exitNotStarted, "could not start: %w; is the service running there?", err)
	}
	return c.send(ctx, runner, s)
}

// profile loads the profile and applies the flags that change it.
func (c runCommand) profile() (profiles.Profile, error) {
	p, err := profiles.Load(c.Profile, loadgen.Queues())
	if err != nil {
		return p, err
	}
	if c.Seed != nil {
		p.Seed = *c.Seed
	}
	switch {
	case c.RateScale != nil:
		p, err = p.Times(*c.RateScale)
	case c.Jobs != nil:
		p, err = p.WithJobs(*c.Jobs)
	}
	if err == nil && c.Duration != nil {
		p, err = p.Over(*c.Duration)
	}
	return p, err
}

func (c runCommand) runner(p profiles.Profile, target loadgen.Target) (*loadgen.Runner, error) {
	schedule, err := loadgen.NewSchedule(p)
	if err != nil {
		return nil, err
	}
	return loadgen.NewRunner(loadgen.Config{
		Schedule: schedule, Target: target, MaxInFlight: c.MaxInFlight, AsFastAsPossible: c.ASAP, Timeout: c.Timeout,
	})
}

// send runs and prints; the table is printed however the run ended.
func (c runCommand) send(ctx context.Context, runner *loadgen.Runner, s streams) error {
	reporter, err := loadgen.StartReporter(loadgen.ReporterConfig{
		Out: s.err, Progress: runner.Progress, Every: c.Every, Style: loadgen.DetectStyle(s.err, s.getenv),
	})
	if err != nil {
		return &exitError{exitUsage, err}
	}
	summary, runErr := runner.Run(ctx)
	reporter.Stop()
	if runErr != nil && !summary.Partial {
		return runErr
	}
	fmt.Fprintln(s.out)
	if err := summary.WriteTable(s.out); err != nil {
		return err
	}
	switch {
	case runErr != nil:
		return fail(exitInterrupted, "interrupted: %w", runErr)
	case summary.Failed():
		return fail(exitFailed, "%d failed, %d dropped, %d without an end, of %d arrivals",
			summary.Errors, summary.Dropped, summary.Abandoned, summary.Planned)
	}
	return nil
}
