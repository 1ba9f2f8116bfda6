package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"tollgate/loadgen"
	"tollgate/loadgen/profiles"
	"tollgate/reports"
	"tollgate/reports/command"
	"tollgate/scenarios"
	"tollgate/scenarios/month"
	"tollgate/system/config"
)

// monthScenario is the name of the scenario that counts a month.
const monthScenario = "month"

// monthFlags are those of the scenario month alone.
type monthFlags struct {
	Stage    string        `help:"Stages whose month is judged, with commas between: phase2, phase3, or all." default:"all"`
	Days     int           `help:"How much of the month to simulate; less than 30 days is no month to judge by." default:"30"`
	Seeds    int           `help:"How many months of each stage, with seeds one after another." default:"3"`
	Hours    int           `help:"How many whole hours to simulate of each stage with plain asynq." default:"12"`
	Window   time.Duration `help:"Length of the windows on the real clock that the method is checked against; 0s leaves the check out." default:"1m"`
	Troubles bool          `name:"faults" help:"Put the service through a calendar of troubles: failover, outages, deploys."`
}

// months prepares the month of each stage.
func (a *arguments) months(s command.Streams, criteria map[string]reports.Set) ([]scenarioRun, error) {
	if a.Redis != scenarios.RedisEmbedded {
		return nil, errors.New("a month is simulated on the embedded Redis, since virtual time ends at the process: leave out --redis")
	}
	if a.Duration != 0 {
		return nil, errors.New("a month has its own length: use --days instead of --duration")
	}
	stages, err := month.ParseStages(a.Month.Stage)
	if err != nil {
		return nil, err
	}
	profile, err := a.profile(month.DefaultProfile)
	if err != nil {
		return nil, err
	}
	suite, err := month.NewSuite(month.Options{
		Profile: profile, Days: a.Month.Days, Seeds: a.Month.Seeds, Hours: a.Month.Hours, Troubled: a.Month.Troubles,
		RTT: a.RTT, Failures: a.Failures, Window: a.Month.Window,
		Criteria: criteria,
		Simulate: month.InChild, Live: month.InProcess,
		Progress: month.NewDisplay(s.Err, loadgen.DetectStyle(s.Err, s.Getenv)),
	})
	if err != nil {
		return nil, fmt.Errorf("month: %w", err)
	}
	var runs []scenarioRun
	for _, stage := range stages {
		set, err := month.Criteria(stage, a.Month.Troubles)
		if err != nil {
			return nil, err
		}
		runs = append(runs, scenarioRun{set.Scenario, profile.Seed, func(ctx context.Context) (reports.Result, error) { return suite.Run(ctx, stage) }})
	}
	return runs, nil
}

// countMonth counts one month for a phase: of the phase's own seed where one was given.
func (a *arguments) countMonth(s command.Streams) func(context.Context, config.Stage, profiles.Profile) (reports.Measurement, error) {
	return func(ctx context.Context, stage config.Stage, whole profiles.Profile) (reports.Measurement, error) {
		whole.Seed = cmp.Or(a.Seed, whole.Seed)
		task := month.Task{Stage: stage, Profile: whole, Length: month.Length, Warm: month.Warm, RTT: a.RTT, Failures: a.Failures}
		return month.Count(ctx, task, month.InChild, month.NewDisplay(s.Err, loadgen.DetectStyle(s.Err, s.Getenv)))
	}
}
