package scenarios

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"tollgate/fakes/memnet"
	"tollgate/loadgen"
	"tollgate/loadgen/profiles"
	"tollgate/reports"
	"tollgate/system/config"
)

//go:embed criteria/*.yaml
var criteria embed.FS

// Defaults of Options.
const (
	DefaultProfile  = "phase"
	DefaultRTT      = 5 * time.Millisecond
	DefaultFailures = 0.03
)

// ErrUnknownScenario is returned for a name that Names does not list.
var ErrUnknownScenario = errors.New("unknown scenario")

// phase is one scenario: a stage compared with the legacy one.
type phase struct {
	name, title string
	stage       config.Stage
	probes      bool // send each queue a failing and a hopeless job
	month       bool // have its month counted
	wayBack     string
}

// phases are the scenarios, in the order of the migration.
var phases = []phase{
	{
		name: "phase1", stage: config.StagePhase1,
		title:   "Cache and rate limiters over REST, queues as they were",
		wayBack: "STAGE=legacy and a restart, or KV_TRANSPORT=tcp alone: the keys are the same, the limiters forget at most one window.",
	},
	{
		name: "phase2", stage: config.StagePhase2, probes: true, month: true,
		title:   "All eleven queues on one shared set of connections, asynq under thrift",
		wayBack: "THRIFT=off for plain asynq on the shared set, WORKER_SET=per-queue or STAGE=phase1 for a set per queue, and a restart: the jobs lie in the same keys.",
	},
}

// Names lists the scenarios.
func Names() []string {
	var names []string
	for _, p := range phases {
		names = append(names, p.name)
	}
	return names
}

// Options are the settings of a run; they are the same for both stages.
type Options struct {
	Profile  profiles.Profile // the load
	RTT      time.Duration    // added network round trip on every connection of the service; 0 for none
	Failures float64          // share of provider calls that fail, 0 to 1
	// Month counts the month that the profile is a part of, on a stage; nil: it is not counted.
	Month func(ctx context.Context, stage config.Stage, whole profiles.Profile) (reports.Measurement, error)
	// AbortEarly gives a stage up that can no longer pass, Grace after its first arrival at the earliest.
	AbortEarly bool
	Grace      time.Duration
	Network    memnet.Network // nil: loopback TCP
	Progress   Progress
	Logger     *slog.Logger
	// Criteria replace the built-in ones, by scenario.
	Criteria map[string]reports.Set
}

// Suite runs scenarios that share their options, and the baseline with them.
type Suite struct {
	opts     Options
	schedule *loadgen.Schedule
	baseline *Observation // of the legacy stage, once it was observed
	redis    *Store       // nil: one in this process for each stage
}

// NewSuite checks the options and lays out the load.
func NewSuite(opts Options) (*Suite, error) {
	switch {
	case opts.RTT < 0 || opts.RTT > time.Second:
		return nil, fmt.Errorf("round trip %s is out of range; use 0s to 1s", opts.RTT)
	case !(opts.Failures >= 0 && opts.Failures <= 1):
		return nil, fmt.Errorf("share of failing provider calls %v is out of range; use 0 to 1", opts.Failures)
	}
	if opts.AbortEarly && (opts.Grace < lookEvery || opts.Grace > time.Hour) {
		return nil, fmt.Errorf("grace period %s is out of range; use %s to 1h", opts.Grace, lookEvery)
	}
	schedule, err := loadgen.NewSchedule(opts.Profile)
	if err != nil {
		return nil, err
	}
	return &Suite{opts: opts, schedule: schedule}, nil
}

// Seed is the seed of the load.
func (s *Suite) Seed() uint64 { return s.opts.Profile.Seed }

// UseRedis has the stages keep their data in a Redis that stays the caller's to
// close. It is to be called before the first run.
func (s *Suite) UseRedis(store *Store) { s.redis = store }

// Run runs one scenario. The result is valid, and marked partial, also when ctx
// ended before the run did; the error then wraps its cause.
func (s *Suite) Run(ctx context.Context, name string) (reports.Result, error) {
	set, err := Criteria(name)
	if err != nil {
		return reports.Result{}, err
	}
	if own, ok := s.opts.Criteria[name]; ok {
		set = own
	}
	p := phases[slices.IndexFunc(phases, func(p phase) bool { return p.name == name })]
	started := time.Now()
	m := measurements{}
	base, stage, runErr := s.observeBoth(ctx, p, set)
	if runErr == nil {
		m = measure(base, stage)
		runErr = s.count(ctx, p, m)
	}
	hopeless := (*HopelessError)(nil)
	switch {
	case errors.As(runErr, &hopeless):
		r := s.result(p, set, started, base, stage)
		r.Judgements, r.Notes = hopeless.judgements(set), append([]string{"The run was " + hopeless.Error() + "."}, r.Notes...)
		return r, nil
	case runErr != nil && ctx.Err() == nil:
		return reports.Result{}, runErr
	case runErr != nil:
		if cause := context.Cause(ctx); !errors.Is(runErr, cause) {
			runErr = fmt.Errorf("%w: %w", cause, runErr)
		}
		m.stopped()
	}
	r := s.result(p, set, started, base, stage)
	r.Partial, r.Judgements = runErr != nil, reports.Judge(set, m, nil)
	return r, runErr
}

// result is what there is to report of a scenario, before it is judged.
func (s *Suite) result(p phase, set reports.Set, started time.Time, base, stage Observation) reports.Result {
	r := reports.Result{
		Scenario: p.name, Title: p.title, Stage: string(p.stage), Baseline: string(config.StageLegacy),
		Profile: s.opts.Profile.Name, Seed: s.opts.Profile.Seed, Clock: "real",
		Started: started, Finished: time.Now(),
		Tables: tables(base, stage), Charts: charts(base, stage), Histograms: histograms(base, stage),
		Notes: s.notes(base, stage), WayBack: p.wayBack, Inputs: append([]reports.Input{s.opts.Profile.Input()}, set.Inputs...), Build: reports.ReadBuild(),
	}
	r.FillHow(reports.Measured)
	return r
}

// Criteria returns the criteria of a scenario, or an error that wraps
// ErrUnknownScenario.
func Criteria(name string) (reports.Set, error) {
	if !slices.Contains(Names(), name) {
		return reports.Set{}, fmt.Errorf("%w %q; there are %s", ErrUnknownScenario, name, strings.Join(Names(), ", "))
	}
	file := "criteria/" + name + ".yaml"
	data, err := criteria.ReadFile(file)
	if err != nil {
		return reports.Set{}, fmt.Errorf("criteria of %s: %w", name, err)
	}
	return reports.LoadSet("scenarios/"+file, data, Metrics())
}

// observeBoth observes the baseline, unless an earlier scenario did, and the stage.
func (s *Suite) observeBoth(ctx context.Context, p phase, set reports.Set) (base, stage Observation, err error) {
	stage.Stage = p.stage
	if s.baseline == nil {
		base, err = observe(ctx, s.world(config.StageLegacy), plan{schedule: s.schedule, progress: s.opts.Progress})
		if err != nil {
			return base, stage, err
		}
		s.baseline = &base
	}
	base = *s.baseline
	h := hopes{set: set, billed: base.Load.Total.Billed}
	if s.opts.AbortEarly {
		h.grace = s.opts.Grace
	}
	stage, err = observe(ctx, s.world(p.stage), plan{schedule: s.schedule, probes: p.probes, progress: s.opts.Progress, hopes: h})
	return base, stage, err
}

func (s *Suite) world(stage config.Stage) WorldConfig {
	return WorldConfig{
		Stage: stage, Network: s.opts.Network, Redis: s.redis, RTT: s.opts.RTT, Failures: s.opts.Failures,
		Seed: s.opts.Profile.Seed, Logger: s.opts.Logger,
	}
}

// count has the month of the phase's stage counted, where the phase is judged by it.
func (s *Suite) count(ctx context.Context, p phase, m measurements) error {
	if !p.month {
		return nil
	}
	whole := s.opts.Profile.Whole()
	switch {
	case s.opts.Month == nil:
		m.missing(metricMonth, unitCount, "no month was simulated")
		return nil
	case whole == nil:
		m.missing(metricMonth, unitCount, "the profile does not say what part of a month it is (scale), so no month follows from it")
		return nil
	}
	month, err := s.opts.Month(ctx, p.stage, *whole)
	if err != nil {
		return fmt.Errorf("month of stage %s: %w", p.stage, err)
	}
	m[metricMonth] = month
	return nil
}
