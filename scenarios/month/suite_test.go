package month

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/loadgen"
	"tollgate/reports"
	"tollgate/reports/exitcode"
	"tollgate/system/config"
)

// pretend answers tasks without living through them, and keeps them.
type pretend struct {
	t *testing.T

	mu    sync.Mutex
	tasks []Task
}

func (p *pretend) simulate(_ context.Context, task Task, progress func(Progress)) (Observation, error) {
	p.mu.Lock()
	p.tasks = append(p.tasks, task)
	p.mu.Unlock()
	billed := int64(task.Length.Hours() * 230)
	switch {
	case task.Stage == config.StageLegacy || task.Stage == config.StagePhase1:
		billed = int64(task.Length.Seconds() * 58)
	case task.Idle:
		billed = int64(task.Length.Hours() * 12.5)
	case task.Length < time.Hour:
		billed = 720
	}
	progress(Progress{Simulated: task.Length / 2, Length: task.Length, Billed: billed / 2})
	o := observed(p.t, task.Stage, task.Length, billed)
	o.Task = task
	o.Jobs.Total.Accepted = max(1, int64(task.Length.Hours()*8))
	o.Jobs.Total.Succeeded = o.Jobs.Total.Accepted
	return o, nil
}

func options(t *testing.T, p *pretend) Options {
	return Options{
		Profile: reference(t), Days: 30, Seeds: 2, Hours: 3, Window: time.Minute, RTT: 5 * time.Millisecond, Failures: 0.03,
		Simulate: p.simulate, Live: p.simulate, Parallel: 2,
	}
}

func TestSuiteAsksForWhatItJudgesBy(t *testing.T) {
	p := &pretend{t: t}
	opts := options(t, p)
	var shown bytes.Buffer
	opts.Progress = NewDisplay(&shown, loadgen.Style{})
	suite, err := NewSuite(opts)
	require.NoError(t, err)
	result, err := suite.Run(t.Context(), config.StagePhase2)
	require.NoError(t, err)
	require.Equal(t, "month-phase2", result.Scenario)
	require.Equal(t, "virtual", result.Clock)
	require.False(t, result.Partial)
	require.NoError(t, reports.WriteHTML(io.Discard, result))
	for _, title := range []string{"Billed commands of the month, by cause", "Seeds", "The method against itself", "Price on each plan", "Days", "Queues", "API latency"} {
		require.True(t, hasTable(result, title), title)
	}
	var charts []string
	for _, c := range result.Charts {
		charts = append(charts, c.Title)
	}
	require.Equal(t, []string{
		"The month's bill", "Billed commands by day", "Billed commands by hour", "Redis connections", "Jobs of phase2 by queue", "Billed commands of phase2 by name",
	}, charts)
	require.Equal(t, "legacy", result.Histograms[0].Series)
	require.Equal(t, "phase2", result.Histograms[len(result.Histograms)-1].Series)
	require.Len(t, result.Inputs, 4, "the profile and three files of criteria")

	count := map[string]int{}
	for _, task := range p.tasks {
		count[task.String()]++
		require.NoError(t, task.Validate())
	}
	require.Equal(t, map[string]int{
		"phase2, seed 20240601, 30 days": 1, "phase2, seed 20240602, 30 days": 1, "phase2, without load, 30 days": 1,
		"phase2, without load, 1 day": 1, "phase2, seed 20240601, 1 day": 1,
		"phase2, without load, 1m0s from hour 0": 1, "legacy, without load, 1m0s from hour 0": 1,
		"phase2, seed 20240601, 1m0s from hour 0":  2, // on the real clock and in virtual time
		"legacy, without load, 1h0m0s from hour 0": 1, "phase1, without load, 1h0m0s from hour 0": 1,
		"legacy, seed 20240601, 1h0m0s from hour 0": 1, "legacy, seed 20240601, 1h0m0s from hour 248": 1, "legacy, seed 20240601, 1h0m0s from hour 496": 1,
		"phase1, seed 20240601, 1h0m0s from hour 0": 1, "phase1, seed 20240601, 1h0m0s from hour 248": 1, "phase1, seed 20240601, 1h0m0s from hour 496": 1,
	}, count)
	require.Equal(t, len(p.tasks), strings.Count(shown.String(), ": done, "))

	p.tasks = nil
	_, err = suite.Run(t.Context(), config.StagePhase3)
	require.NoError(t, err)
	for _, task := range p.tasks {
		require.True(t, task.Stage == config.StagePhase3 || task.Length == time.Minute, "the other stages' hours are simulated once: %s", task)
	}
}

func hasTable(r reports.Result, title string) bool {
	for _, table := range r.Tables {
		if table.Title == title {
			return true
		}
	}
	return false
}

func TestSuiteWithTroubles(t *testing.T) {
	p := &pretend{t: t}
	opts := options(t, p)
	opts.Troubled = true
	suite, err := NewSuite(opts)
	require.NoError(t, err)
	result, err := suite.Run(t.Context(), config.StagePhase2)
	require.NoError(t, err)
	require.Equal(t, "month-phase2-faults", result.Scenario)
	require.True(t, hasTable(result, "Troubles"))
	require.False(t, hasTable(result, "The method against itself"))
	for _, task := range p.tasks {
		require.Equal(t, task.Stage == config.StagePhase2, len(task.Calendar) > 0, task.String())
	}
}

// TestSuiteStopped: what was known by then is shown, marked partial, and passes nothing.
func TestSuiteStopped(t *testing.T) {
	p := &pretend{t: t}
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("stopped by the user")
	opts := options(t, p)
	opts.Window = 0
	opts.Simulate = func(ctx context.Context, task Task, progress func(Progress)) (Observation, error) {
		o, err := p.simulate(ctx, task, progress)
		if task.Length == 30*day {
			cancel(cause)
			o = observed(t, task.Stage, 3*day, 700)
			o.Partial = true
		}
		return o, err
	}
	suite, err := NewSuite(opts)
	require.NoError(t, err)
	result, err := suite.Run(ctx, config.StagePhase2)
	require.ErrorIs(t, err, cause)
	require.True(t, result.Partial)
	require.Equal(t, exitcode.Interrupted, result.ExitCode())
	require.NotEmpty(t, result.Tables, "what was simulated is shown")
	for _, j := range result.Judgements {
		require.Equal(t, reports.NoData, j.Verdict, j.ID)
	}
	require.NoError(t, reports.WriteHTML(io.Discard, result))
}

func TestSuiteFails(t *testing.T) {
	p := &pretend{t: t}
	opts := options(t, p)
	opts.Simulate = func(context.Context, Task, func(Progress)) (Observation, error) {
		return Observation{}, io.ErrUnexpectedEOF
	}
	suite, err := NewSuite(opts)
	require.NoError(t, err)
	_, err = suite.Run(t.Context(), config.StagePhase2)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.ErrorContains(t, err, "phase2, seed ", "it names the task")
}

func TestOptionsAreChecked(t *testing.T) {
	for name, change := range map[string]func(*Options){
		"31 days of 30": func(o *Options) { o.Days = 31 }, "no days": func(o *Options) { o.Days = 0 }, "no seed": func(o *Options) { o.Seeds = 0 },
		"no hours": func(o *Options) { o.Hours = 0 }, "a short window": func(o *Options) { o.Window = time.Second },
		"negative round trip": func(o *Options) { o.RTT = -1 }, "failures above 1": func(o *Options) { o.Failures = 1.1 },
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t, &pretend{t: t})
			change(&o)
			_, err := NewSuite(o)
			require.Error(t, err)
		})
	}
}

func TestParseStages(t *testing.T) {
	all, err := ParseStages("all")
	require.NoError(t, err)
	require.Equal(t, Stages(), all)
	one, err := ParseStages("phase3, phase2")
	require.NoError(t, err)
	require.Equal(t, []config.Stage{config.StagePhase3, config.StagePhase2}, one)
	for _, text := range []string{"", "legacy", "phase2,", "phase4"} {
		_, err := ParseStages(text)
		require.ErrorContains(t, err, "use phase2, phase3 or all", text)
	}
}

func TestDisplayOnATerminal(t *testing.T) {
	var shown bytes.Buffer
	d := NewDisplay(&shown, loadgen.Style{Terminal: true})
	a, b := d.begin(Task{Stage: config.StagePhase2, Length: 30 * day}), d.begin(Task{Stage: config.StageLegacy, Length: time.Hour})
	a.update(Progress{Simulated: 15 * day, Length: 30 * day, Billed: 98_765})
	require.Contains(t, shown.String(), "[############............] phase2, seed 0, 30 days  2000-01-18 00:00  ")
	require.Contains(t, shown.String(), "  98,765 billed  ")
	b.end(Observation{Partial: true, Simulated: 30 * time.Minute})
	require.Contains(t, shown.String(), "legacy, seed 0, 1h0m0s from hour 0: stopped after 30m0s, 0 billed, in ")
	a.end(Observation{})
	require.Equal(t, 0, d.shown)
}
