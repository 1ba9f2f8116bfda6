package month

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"tollgate/loadgen/profiles"
	"tollgate/reports"
	"tollgate/system/config"
)

// Defaults of Options.
const (
	DefaultProfile = "reference-month"
	DefaultDays    = 30
	DefaultSeeds   = 3
	DefaultHours   = 12
)

// minWindow is the shortest window on the real clock: fewer jobs would not reach every queue.
const minWindow = 30 * time.Second

// Simulator lives through a task somewhere; progress may be nil.
type Simulator func(ctx context.Context, task Task, progress func(Progress)) (Observation, error)

// Options are the settings of a run.
type Options struct {
	Profile  profiles.Profile       // at least as long as Days; its seed is the first one
	Days     int                    // how much of the month is simulated
	Seeds    int                    // how many months of each stage, with seeds one after another
	Hours    int                    // how many whole hours of each plain stage
	Troubled bool                   // put the service through the calendar's troubles
	RTT      time.Duration          // added network round trip on every connection of the service
	Failures float64                // share of provider calls that fail, 0 to 1
	Window   time.Duration          // of the windows on the real clock; 0 leaves them out, and with them the check of the method
	Simulate Simulator              // in virtual time
	Live     Simulator              // on the real clock
	Parallel int                    // tasks at one time; 0: one for each core
	Progress *Display               // nil: nothing is shown
	Criteria map[string]reports.Set // replace the built-in ones, by scenario
}

// Validate says everything that is wrong.
func (o Options) Validate() error {
	var problems []error
	for _, n := range []struct {
		name      string
		value     int
		low, high int
	}{
		{"days", o.Days, 1, int(o.Profile.Duration / day)},
		{"seeds", o.Seeds, 1, 20},
		{"hours", o.Hours, 1, o.Days * 24},
	} {
		if n.value < n.low || n.value > n.high {
			problems = append(problems, fmt.Errorf("%d %s are out of range; give %d to %d", n.value, n.name, n.low, n.high))
		}
	}
	if o.Window != 0 && (o.Window < minWindow || o.Window > time.Hour) {
		problems = append(problems, fmt.Errorf("window %s is out of range; use %s to 1h, or 0s for none", o.Window, minWindow))
	}
	if o.RTT < 0 || o.RTT > time.Second {
		problems = append(problems, fmt.Errorf("round trip %s is out of range; use 0s to 1s", o.RTT))
	}
	if !(o.Failures >= 0 && o.Failures <= 1) {
		problems = append(problems, fmt.Errorf("share of failing provider calls %v is out of range; use 0 to 1", o.Failures))
	}
	return errors.Join(problems...)
}

// Suite counts months. What several stages are compared with is simulated once.
type Suite struct {
	opts  Options
	plain []plainMonth // legacy and phase1, once they were simulated
}

// NewSuite checks the options.
func NewSuite(opts Options) (*Suite, error) {
	if err := opts.Validate(); err != nil {
		return nil, err
	}
	opts.Parallel = cmp.Or(opts.Parallel, runtime.NumCPU())
	return &Suite{opts: opts}, nil
}

// Run counts the month of a stage. The result is valid, and marked partial, also when ctx ended before; the error then wraps
// its cause.
func (s *Suite) Run(ctx context.Context, stage config.Stage) (reports.Result, error) {
	set, err := Criteria(stage, s.opts.Troubled)
	if err != nil {
		return reports.Result{}, err
	}
	if own, ok := s.opts.Criteria[set.Scenario]; ok {
		set = own
	}
	started := time.Now()
	e, runErr := s.gather(ctx, stage)
	if runErr != nil && ctx.Err() == nil {
		return reports.Result{}, runErr
	}
	m := stopped()
	if runErr == nil {
		m = measure(e)
	} else {
		runErr = fmt.Errorf("stage %s: %w", stage, context.Cause(ctx))
	}
	r := reports.Result{
		Scenario: set.Scenario, Title: s.title(), Stage: string(stage), Baseline: string(config.StageLegacy),
		Profile: s.opts.Profile.Name, Seed: s.opts.Profile.Seed, Clock: "virtual",
		Started: started, Finished: time.Now(), Partial: runErr != nil,
		Judgements: reports.Judge(set, m, nil), Tables: e.tables(), Charts: e.charts(), Histograms: e.histograms(), Notes: e.notes(), WayBack: wayBack(stage),
		Inputs: append([]reports.Input{s.opts.Profile.Input()}, set.Inputs...), Build: reports.ReadBuild(),
	}
	r.FillHow(reports.Simulated)
	return r, runErr
}

// wayBack says how a stage is taken back.
func wayBack(stage config.Stage) string {
	if stage == config.StagePhase3 {
		return "STAGE=phase2 and SOLE_PROCESS=false, and a restart: phase3 keeps no data of its own."
	}
	return "STAGE=phase1 and a restart: the jobs lie in the same keys."
}

func (s *Suite) title() string {
	title := fmt.Sprintf("%s of the service in virtual time, every command counted", days(s.length()))
	if s.opts.Troubled {
		title += ", with a calendar of troubles"
	}
	return title
}

func (s *Suite) length() time.Duration { return time.Duration(s.opts.Days) * day }

// gather simulates everything that a stage is judged by. On an error the evidence is what there is.
func (s *Suite) gather(ctx context.Context, stage config.Stage) (*evidence, error) {
	e := &evidence{opts: s.opts, stage: stage, plain: s.plain, months: make([]Observation, s.opts.Seeds)}
	if !s.opts.Troubled && s.opts.Window > 0 {
		if err := s.live(ctx, stage, &e.windows); err != nil {
			return e, err
		}
	}
	err := s.side(ctx, s.opts.Parallel, func(run func(Task, Simulator, *Observation)) {
		simulate := func(t Task, into *Observation) { run(t, s.opts.Simulate, into) }
		s.months(e, simulate)
		if e.plain == nil {
			e.plain = s.plainMonths(simulate)
		}
	})
	if err == nil {
		s.plain = e.plain
	}
	return e, err
}

// months simulates the stage's months and what they are checked against.
func (s *Suite) months(e *evidence, simulate func(Task, *Observation)) {
	for i := range e.months {
		t := s.task(e.stage, 0, s.length())
		t.Profile.Seed += uint64(i)
		if s.opts.Troubled {
			t.Calendar = Troubled()
		}
		simulate(t, &e.months[i])
	}
	if s.opts.Troubled {
		return
	}
	simulate(idle(s.task(e.stage, 0, s.length())), &e.idle)
	simulate(idle(s.task(e.stage, 0, day)), &e.idleDay)
	simulate(s.task(e.stage, s.middle(), day), &e.busyDay)
	if e.windows.jobs.Simulated > 0 {
		simulate(e.windows.jobs.Task, &e.windows.virtual)
	}
}

// side runs tasks side by side, so many at one time.
func (s *Suite) side(ctx context.Context, atATime int, tasks func(run func(Task, Simulator, *Observation))) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atATime)
	tasks(func(t Task, by Simulator, into *Observation) {
		group.Go(func() (err error) {
			*into, err = s.run(ctx, t, by)
			return err
		})
	})
	return group.Wait()
}

// middle is the start of a working day in the middle of the simulated time.
func (s *Suite) middle() time.Duration {
	at := time.Duration(s.opts.Days/2) * day
	for weekday := int(at/day) % 7; weekday > 4 && at > 0; weekday = int(at/day) % 7 {
		at -= day
	}
	return at
}

// run lives through one task.
func (s *Suite) run(ctx context.Context, t Task, by Simulator) (Observation, error) {
	line, began := s.opts.Progress.begin(t), time.Now()
	o, err := by(ctx, t, line.update)
	if err != nil {
		return Observation{}, fmt.Errorf("%s: %w", t, err)
	}
	o.Took = time.Since(began)
	line.end(o)
	if o.Partial {
		return o, fmt.Errorf("%s: %w", t, ErrPartial)
	}
	return o, nil
}

// ErrPartial is wrapped by the error for a task that was stopped before its end.
var ErrPartial = errors.New("stopped before its end")

// task is a stretch of the month with load.
func (s *Suite) task(stage config.Stage, from, length time.Duration) Task {
	return Task{Stage: stage, Profile: s.opts.Profile, From: from, Length: length, Warm: Warm, RTT: s.opts.RTT, Failures: s.opts.Failures}
}

// idle is a task without its load.
func idle(t Task) Task {
	t.Idle = true
	return t
}

// ParseStages reads the stages to be judged: names with commas between, or "all".
func ParseStages(text string) ([]config.Stage, error) {
	if text == "all" {
		return Stages(), nil
	}
	var all []config.Stage
	for name := range strings.SplitSeq(text, ",") {
		stage := config.Stage(strings.TrimSpace(name))
		if !slices.Contains(Stages(), stage) {
			return nil, fmt.Errorf("stage %q has no month of its own to judge; use %s or all (the others' months are in the report for comparison)", stage, joined(Stages()))
		}
		all = append(all, stage)
	}
	return all, nil
}

func joined(stages []config.Stage) string {
	names := make([]string, len(stages))
	for i, s := range stages {
		names[i] = string(s)
	}
	return strings.Join(names, ", ")
}
