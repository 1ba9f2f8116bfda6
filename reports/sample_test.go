package reports_test

import (
	"flag"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/stretchr/testify/require"

	"tollgate/reports"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a file under testdata, or writes it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run go test ./reports -update to make it")
	require.Equal(t, string(want), string(got), "golden file %s", path)
}

func ptr(v float64) *float64 { return &v }

// measured is a plain measurement on the real clock.
func measured(value float64, unit string, samples int64) reports.Measurement {
	return reports.Measurement{Value: value, Unit: unit, Samples: samples, How: reports.Measured}
}

// phase2Set is a set of every operator, as a scenario would load it.
func phase2Set() reports.Set {
	criterion := func(id, requirement, metric string, op reports.Operator, limit float64, unit, text string) reports.Criterion {
		return reports.Criterion{
			ID: id, Requirement: requirement, Metric: metric, Operator: op, Limit: limit, Unit: unit, Text: text,
		}
	}
	baseline := criterion("phase2-baseline-connections", "R12", "baseline.connections.peak", reports.Between, 38, "count", "Most Redis connections the legacy stage held at once")
	baseline.Upper = ptr(46)
	stage := criterion("phase2-connections", "R12", "stage.connections.peak", reports.Between, 1, "count", "Most Redis connections this stage held at once")
	stage.Upper = ptr(3)
	return reports.Set{Scenario: "phase2", Criteria: []reports.Criterion{
		baseline,
		stage,
		criterion("phase2-commands-month", "R12", "commands.month.projected", reports.Below, 200000, "count", "Billed commands in the reference month"),
		criterion("phase2-commands", "R12", "run.commands.reduction", reports.AtLeast, 60, "percent", "Billed commands saved against the legacy stage on the same work"),
		criterion("phase2-connection-errors", "R12", "connection.errors", reports.Equal, 0, "count", "Connection errors of cache, rate limiters and queues"),
		criterion("phase2-job-success", "R12", "jobs.success_rate", reports.Above, 95, "percent", "Accepted jobs that succeeded, retries included"),
		criterion("phase2-queues-completed", "R12", "queues.completed", reports.Equal, 11, "count", "Queues that completed jobs"),
		criterion("phase2-api-p95", "R21", "api.p95.ratio", reports.AtMost, 1.1, "ratio", "API p95 latency against the legacy stage at the same round trip"),
		criterion("phase2-faults-injected", "R12", "faults.injected", reports.Above, 0, "count", "Provider calls made to fail, so that success is earned by retries"),
		criterion("phase2-cache-hit-rate", "R21", "cache.hit_rate", reports.Above, 80, "percent", "Cache reads answered by the cache"),
	}}
}

func phase2Measurements() map[string]reports.Measurement {
	return map[string]reports.Measurement{
		"baseline.connections.peak": measured(45, "count", 812),
		"stage.connections.peak":    measured(3, "count", 790),
		"commands.month.projected": {
			Value: 119_000_000, Unit: "count", Samples: 20, How: reports.Projected,
			Note:     "20 s without jobs, times 129,600 for 30 days, plus 6,000 jobs at the commands a job took",
			Evidence: "reports/out/phase2/ledger.json",
		},
		"run.commands.reduction": measured(32.41, "percent", 61_204),
		"connection.errors":      measured(0, "count", 61_204),
		"jobs.success_rate":      measured(99.7, "percent", 1000),
		"queues.completed":       measured(11, "count", 1000),
		"api.p95.ratio":          measured(1.043, "ratio", 4000),
		"faults.injected":        {Unit: "count", How: reports.Measured, Missing: "the provider fakes did not answer the final count"},
	}
}

// sample is a run with every verdict, charts, tables and notes.
func sample() reports.Result {
	started := time.Date(2026, 11, 23, 20, 50, 12, 0, time.UTC)
	judgements := reports.Judge(phase2Set(), phase2Measurements(), map[string]string{
		"phase2-cache-hit-rate": "belongs to the month scenario",
	})
	return reports.Result{
		SchemaVersion: reports.SchemaVersion,
		Scenario:      "phase2", Title: "Eleven queues on one shared set of connections",
		Stage: "phase2", Baseline: "legacy", Profile: "phase", Seed: 42, Clock: "real",
		Started: started, Finished: started.Add(41_237 * time.Millisecond),
		Decision:   reports.Decide(judgements, false),
		Judgements: judgements,
		Charts:     []reports.Chart{connectionChart(400), latencyChart(400), billedChart(40), outcomeChart()},
		Tables:     []reports.Table{componentTable(), queueTable()},
		Histograms: []reports.Histogram{latencies("legacy", 9), latencies("phase2", 4)},
		Notes: []string{
			"asynq draws its own retry jitter; the seed does not cover it.",
			"Both stages ran against the same fake with 5 ms added round trip.",
		},
		Inputs: []reports.Input{
			reports.NewInput(reports.InputProfile, "phase", []byte("jobs: 1000")),
			reports.NewInput(reports.InputCriteria, "scenarios/criteria/phase2.yaml", []byte("criteria: []")),
		},
		Build: reports.Build{
			Commit: "7d3f0c1e9ab24c5587b0f6f2a5d1f6f6f2f0a9c4", Dirty: true, Go: "go1.26.8",
			Modules: map[string]string{"github.com/hibiken/asynq": "v0.26.0", "github.com/redis/go-redis/v9": "v9.23.0"},
			OS:      "linux", Arch: "amd64", CPUs: 2, CPU: "Example CPU @ 2.50GHz", MemoryBytes: 8 << 30,
		},
	}
}

func connectionChart(n int) reports.Chart {
	return reports.Chart{
		Title: "Redis connections open", Unit: "count", XLabel: "seconds since start",
		Lines: []reports.Line{
			{Name: "legacy", Points: points(n, func(x float64) float64 { return math.Min(45, 8+x*4) })},
			{Name: "phase2", Points: points(n, func(x float64) float64 { return math.Min(3, 1+math.Floor(x/3)) })},
		},
		Limits: []reports.LimitLine{{Name: "lowest allowed 1", Y: 1}, {Name: "highest allowed 3", Y: 3}},
	}
}

func latencyChart(n int) reports.Chart {
	wave := func(base, swing float64) func(float64) float64 {
		return func(x float64) float64 { return base + swing*math.Sin(x*1.7)*math.Cos(x*0.31) + swing*math.Sin(x*11)/3 }
	}
	return reports.Chart{
		Title: "API p95 by second", Unit: "ms", XLabel: "seconds since start",
		Lines: []reports.Line{
			{Name: "legacy", Points: points(n, wave(12.3, 1.4))},
			{Name: "phase2", Points: points(n, wave(12.9, 1.2))},
		},
	}
}

// billedChart stacks what two components spent in each second.
func billedChart(n int) reports.Chart {
	return reports.Chart{
		Title: "Billed commands by component", Kind: reports.ChartStacked, How: reports.Measured, Unit: "count", XLabel: "seconds since start",
		Lines: []reports.Line{
			{Name: "queues", Points: points(n, func(x float64) float64 { return 300 - 5*x })},
			{Name: "cache", Points: points(n, func(x float64) float64 { return 100 + 20*math.Sin(x) })},
		},
	}
}

func outcomeChart() reports.Chart {
	return reports.Chart{
		Title: "Jobs by queue", Kind: reports.ChartBars, Unit: "count", XLabel: "jobs",
		Categories: []string{"webhook-health-check", "token-refresh", "calendar-sync"},
		Lines: []reports.Line{
			{Name: "succeeded at once", Points: []reports.Point{{X: 0, Y: 115}, {X: 1, Y: 113}, {X: 2, Y: 111}}},
			{Name: "succeeded on a retry", Points: []reports.Point{{X: 0, Y: 4}, {X: 1, Y: 6}, {X: 2, Y: 5}}},
			{Name: "given up", Points: []reports.Point{{X: 1, Y: 1}, {X: 2, Y: 1}}},
		},
	}
}

// latencies are 1,000 request times in microseconds, with a tail.
func latencies(series string, median int64) reports.Histogram {
	h := hdrhistogram.New(1, 60_000_000, 3)
	for i := range int64(1000) {
		v := median*1000 + i*median/2
		if i%100 == 99 {
			v *= 1 + i/200
		}
		if err := h.RecordValue(v); err != nil {
			panic(err)
		}
	}
	out, err := reports.NewHistogram("request", series, "us", h)
	if err != nil {
		panic(err)
	}
	return out
}

// points spreads n points over 40 seconds.
func points(n int, y func(x float64) float64) []reports.Point {
	out := make([]reports.Point, n)
	for i := range out {
		x := 40 * float64(i) / float64(n)
		out[i] = reports.Point{X: x, Y: y(x)}
	}
	return out
}

func componentTable() reports.Table {
	right := func(name string) reports.Column { return reports.Column{Name: name, Align: reports.AlignRight} }
	return reports.Table{
		Title: "Billed commands by component", Note: "Counted by the fake, the same work on both stages.",
		Columns: []reports.Column{{Name: "Component"}, right("legacy"), right("phase2"), right("Change")},
		Rows: [][]string{
			{"cache", "8,412", "4,120", "-51 %"},
			{"ratelimit", "16,000", "8,021", "-49.9 %"},
			{"sms", "1,000", "502", "-49.8 %"},
			{"queues", "35,792", "28,728", "-19.7 %"},
		},
	}
}

func queueTable() reports.Table {
	right := func(name string) reports.Column { return reports.Column{Name: name, Align: reports.AlignRight} }
	return reports.Table{
		Title:   "Jobs by queue",
		Columns: []reports.Column{{Name: "Queue"}, {Name: "Tier"}, right("Accepted"), right("Completed"), right("Retried"), right("Gave up"), right("p95")},
		Rows: [][]string{
			{"webhook-health-check", "non-critical", "120", "119", "4", "1", "31.2 ms"},
			{"token-refresh", "critical", "120", "119", "6", "1", "42 ms"},
			{"calendar-sync", "critical", "117", "116", "5", "1", "88.4 ms"},
		},
	}
}
