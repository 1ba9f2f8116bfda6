package compare

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
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, got, 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "run go test ./reports/compare -update to make it")
	require.Equal(t, string(want), string(got), "golden file %s", path)
}

func criterion(id, metric string, op reports.Operator, limit float64, unit, text string) reports.Criterion {
	return reports.Criterion{ID: id, Requirement: "R12", Metric: metric, Operator: op, Limit: limit, Unit: unit, Text: text}
}

func between(c reports.Criterion, upper float64) reports.Criterion {
	c.Operator, c.Upper = reports.Between, &upper
	return c
}

// criteria are those of the sample.
func criteria() []reports.Criterion {
	part := criterion("refresh-success", "jobs.success_rate", reports.Above, 95, "percent", "Accepted jobs of one queue that succeeded")
	part.Of = &reports.Part{Dimension: "queue", Value: "token-refresh"}
	return []reports.Criterion{
		between(criterion("connections", "connections.peak", "", 1, "count", "Most Redis connections held at once"), 3),
		criterion("month", "commands.month", reports.Below, 200_000, "count", "Billed commands in the reference month"),
		criterion("errors", "connection.errors", reports.Equal, 0, "count", "Connection errors"),
		criterion("success", "jobs.success_rate", reports.Above, 95, "percent", "Accepted jobs that succeeded"),
		part,
		criterion("p95", "api.p95.ratio", reports.AtMost, 1.1, "ratio", "API p95 latency against the legacy stage"),
		criterion("faults", "faults.injected", reports.Above, 0, "count", "Provider calls made to fail"),
	}
}

// run is result number n of the sample: the figures of the metrics, and latencies of 1,000 requests.
func run(t *testing.T, n int, values map[string]float64, latency float64) reports.Result {
	t.Helper()
	measurements := map[string]reports.Measurement{}
	for _, c := range criteria() {
		if v, ok := values[c.MeasuredAs()]; ok {
			measurements[c.MeasuredAs()] = reports.Measurement{Value: v, Unit: c.Unit, Samples: 1000, How: reports.Measured}
		}
	}
	h := hdrhistogram.New(1, 60_000_000, 3)
	for i := range 1000 {
		require.NoError(t, h.RecordValue(int64(latency*1000*math.Exp(float64(i)/700))))
	}
	encoded, err := reports.NewHistogram("API request", "phase2", "us", h)
	require.NoError(t, err)
	started := time.Date(2026, 11, 20+n, 20, 50, 0, 0, time.UTC)
	judgements := reports.Judge(reports.Set{Scenario: "phase2", Criteria: criteria()}, measurements, nil)
	return reports.Result{
		SchemaVersion: reports.SchemaVersion,
		Scenario:      "phase2", Title: "Eleven queues on one shared set of connections",
		Stage: "phase2", Baseline: "legacy", Profile: "phase", Seed: 42, Clock: "real",
		Started: started, Finished: started.Add(41 * time.Second),
		Judgements: judgements, Decision: reports.Decide(judgements, false),
		Histograms: []reports.Histogram{encoded},
		Inputs:     []reports.Input{reports.NewInput(reports.InputCriteria, "phase2.yaml", []byte("criteria"))},
		Notes:      []string{"Every connection has 5ms added to its round trip."},
		Build:      reports.Build{Commit: "7d3f0c1e9ab24c5587b0f6f2a5d1f6f6f2f0a9c4", Go: "go1.26.8", OS: "linux", Arch: "amd64", CPUs: 2},
	}
}

// figuresWith are the sample's figures with some others in their place.
func figuresWith(others map[string]float64) map[string]float64 {
	all := map[string]float64{
		"connections.peak": 3, "commands.month": 119_000, "connection.errors": 0, "jobs.success_rate": 99.7,
		"jobs.success_rate{queue=token-refresh}": 99.2, "api.p95.ratio": 1.043, "faults.injected": 31,
	}
	for name, v := range others {
		all[name] = v
	}
	return all
}

// regressed are one run before and one after in which every kind of verdict comes up.
func regressed(t *testing.T) (before, after []reports.Result) {
	t.Helper()
	b := run(t, 1, figuresWith(nil), 5)
	a := run(t, 2, figuresWith(map[string]float64{
		"connections.peak": 5, "commands.month": 142_800, "jobs.success_rate": 97.1,
		"jobs.success_rate{queue=token-refresh}": 99.9, "faults.injected": 24,
	}), 6)
	a.Seed, a.Build.Commit, a.Build.Dirty = 43, "0b9c2d4e6f8a1b3c5d7e9f0a2b4c6d8e0f1a3b5c", true
	a.Judgements = append(a.Judgements[:6:6], reports.Judge(reports.Set{Criteria: []reports.Criterion{
		criterion("faults", "faults.injected", reports.Above, 0, "count", "Provider calls made to fail"),
		criterion("hits", "cache.hit_rate", reports.Above, 80, "percent", "Cache reads | answered by the cache"),
	}}, map[string]reports.Measurement{
		"faults.injected": {Value: 24, Unit: "count", Samples: 1000, How: reports.Measured},
		"cache.hit_rate":  {Value: 91.2, Unit: "percent", Samples: 1000, How: reports.Measured},
	}, nil)...)
	a.Decision = reports.Decide(a.Judgements, false)
	return []reports.Result{b}, []reports.Result{a}
}

// repeated are five runs before and four after; of the later ones the month is dearer.
func repeated(t *testing.T) (before, after []reports.Result) {
	t.Helper()
	for i := range 5 {
		before = append(before, run(t, i, figuresWith(map[string]float64{
			"commands.month": 119_000 + 400*float64(i%3), "api.p95.ratio": 1.02 + 0.01*float64(i), "faults.injected": 28 + float64(i),
		}), 5+0.05*float64(i%2)))
	}
	for i := range 4 {
		after = append(after, run(t, 6+i, figuresWith(map[string]float64{
			"commands.month": 121_500 + 300*float64(i%3), "api.p95.ratio": 1.03 + 0.01*float64(i), "faults.injected": 27 + float64(i),
		}), 4.5+0.05*float64(i%2)))
	}
	return before, after
}
