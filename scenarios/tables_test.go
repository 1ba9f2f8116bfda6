package scenarios

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/ledger"
	"tollgate/loadgen"
	"tollgate/reports"
	"tollgate/system/config"
	"tollgate/system/queue"
)

func titles(tables []reports.Table) []string {
	var all []string
	for _, table := range tables {
		all = append(all, table.Title)
	}
	return all
}

// rowOf finds a row by its first cell.
func rowOf(t *testing.T, table reports.Table, first string) []string {
	t.Helper()
	for _, row := range table.Rows {
		require.Len(t, row, len(table.Columns), table.Title)
		if row[0] == first {
			return row
		}
	}
	require.Failf(t, "no such row", "%q in table %q", first, table.Title)
	return nil
}

func TestTables(t *testing.T) {
	t.Parallel()
	base := observation(config.StageLegacy, 50_000, 45, 40*time.Millisecond)
	stage := observation(config.StagePhase2, 30_000, 3, 30*time.Millisecond)
	base.Load.ByCommand = map[string]ledger.Counts{"GET": {Wire: 100, Billed: 100}, "PING": {Wire: 5}}
	stage.Load.ByCommand = map[string]ledger.Counts{"EVALSHA": {Wire: 300, Billed: 300}, "GET": {Wire: 10, Inner: 7, Billed: 17}}
	base.Load.ByComponent = map[string]ledger.Counts{"queue:a": {Billed: 20}, "queue:b": {Billed: 30}, "cache": {Billed: 4}}
	base.Whole.ConnectionsByComponent = map[string]ledger.ConnCounts{"queue:a": {Peak: 3}, "queue:b": {Peak: 3}, "cache": {Peak: 5}}
	stage.Whole.ConnectionsByComponent = map[string]ledger.ConnCounts{"queues": {Peak: 3}}

	got := tables(base, stage)
	require.Equal(t, []string{"Commands", "Latency", "Jobs of phase2", "By component", "Billed commands by name", "Probes of phase2"}, titles(got))
	cost, latency, jobs, components, commands, probes := got[0], got[1], got[2], got[3], got[4], got[5]

	require.Equal(t, []string{"billed, in the run", "50,000", "30,000"}, rowOf(t, cost, "billed, in the run"))
	require.Equal(t, []string{"cache hits", "90 %", "90 %"}, rowOf(t, cost, "cache hits"))
	require.Equal(t, []string{"API request", "500", "0.0", "40.0", "0.0", "0.0", "30.0", "0.0"}, rowOf(t, latency, "API request"))
	require.Equal(t, []string{"all", "1,000", "990", "30", "10", "0", "0 ms"}, rowOf(t, jobs, "all"))
	require.Len(t, jobs.Rows, len(queue.Specs())+1)
	require.Equal(t, []string{"queues", "6", "50", "3", "0"}, rowOf(t, components, "queues"))
	require.Equal(t, []string{"cache", "5", "4", "0", "0"}, rowOf(t, components, "cache"))
	require.Equal(t, [][]string{{"EVALSHA", "0", "0", "300", "0"}, {"GET", "100", "0", "17", "7"}}, commands.Rows,
		"by cost; what is not billed is left out")
	require.Equal(t, []string{"token-refresh", "yes", "yes", "1", "2", "3"}, rowOf(t, probes, "token-refresh"))

	stage.Probes = nil
	require.NotContains(t, titles(tables(base, stage)), "Probes of phase2")
}

// A stage that a stopped run never came to shows as not measured, not as nought.
func TestTablesOfAStoppedRun(t *testing.T) {
	t.Parallel()
	got := tables(observation(config.StageLegacy, 50_000, 45, time.Millisecond), Observation{Stage: config.StagePhase1})
	require.Equal(t, []string{"Commands"}, titles(got))
	require.Equal(t, "phase1", got[0].Columns[2].Name)
	for _, row := range got[0].Rows {
		require.Equal(t, notMeasured, row[2], row[0])
	}
}

func TestCharts(t *testing.T) {
	t.Parallel()
	at := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	base, stage := Observation{Stage: config.StageLegacy}, observation(config.StagePhase1, 30, 33, time.Millisecond)
	base.Seconds = []ledger.Second{{At: at, Open: 45}, {At: at.Add(2 * time.Second), Open: 44}}
	stage.Seconds = []ledger.Second{{At: at.Add(time.Minute), Open: 33}}
	stage.Samples = []Sample{
		{By: map[string]int64{"cache": 5, "idle": 2}},
		{Since: time.Second, By: map[string]int64{"cache": 8, "idle": 2, "queues": 20}},
	}
	stage.Jobs.Queues[0] = loadgen.QueueOutcome{Queue: stage.Jobs.Queues[0].Queue, Accepted: 10, Succeeded: 8, Recovered: 3, Archived: 1, Outstanding: 1}
	stage.Load.ByCommand = map[string]ledger.Counts{"GET": {Billed: 10}, "EVALSHA": {Billed: 15}, "HSET": {Billed: 5, Inner: 4}}

	got := map[string]reports.Chart{}
	for _, c := range charts(base, stage) {
		got[c.Title] = c
	}
	require.Equal(t, []reports.Line{
		{Name: "legacy", Points: []reports.Point{{X: 0, Y: 45}, {X: 2, Y: 44}}},
		{Name: "phase1", Points: []reports.Point{{X: 0, Y: 33}}},
	}, got["Redis connections"].Lines)
	require.Equal(t, []reports.Line{
		{Name: "queues", Points: []reports.Point{{X: 0, Y: 0}, {X: 1, Y: 20}}},
		{Name: "cache", Points: []reports.Point{{X: 0, Y: 0}, {X: 1, Y: 3}}},
	}, got["Billed commands of phase1 by component"].Lines, "the dearest first, from the first arrival on, without what cost nothing")
	jobs := got["Jobs of phase1 by queue"]
	require.Len(t, jobs.Categories, 11)
	parts := map[string]float64{}
	for _, line := range jobs.Lines {
		if line.Points[0].X == 0 {
			parts[line.Name] = line.Points[0].Y
		}
	}
	require.Equal(t, map[string]float64{"done at once": 5, "done after retries": 3, "given up": 1, "unfinished": 1}, parts)
	require.Equal(t, []string{"EVALSHA", "GET", "HSET"}, got["Billed commands of phase1 by name"].Categories)
	require.Equal(t, []reports.Line{
		{Name: "sent by clients", Points: []reports.Point{{X: 0, Y: 15}, {X: 1, Y: 10}, {X: 2, Y: 1}}},
		{Name: "called from scripts", Points: []reports.Point{{X: 2, Y: 4}}},
	}, got["Billed commands of phase1 by name"].Lines)

	require.Empty(t, charts(Observation{}, Observation{})[0].Lines)
	require.Len(t, charts(Observation{}, Observation{}), 1)
}

func TestNotes(t *testing.T) {
	t.Parallel()
	suite, err := NewSuite(Options{Profile: small(t), RTT: DefaultRTT, Failures: DefaultFailures})
	require.NoError(t, err)
	base, stage := observation(config.StageLegacy, 50_000, 45, time.Millisecond), observation(config.StagePhase2, 30_000, 3, time.Millisecond)
	has := func(part string) bool {
		return slices.ContainsFunc(suite.notes(base, stage), func(note string) bool { return strings.Contains(note, part) })
	}
	require.True(t, has("60 jobs"))
	require.True(t, has("has 5ms added to its round trip; 3 % of provider calls fail"))
	require.False(t, has("slow"))
	require.False(t, has("did not end its jobs"))

	stage.Undrained = "3 accepted jobs have not ended"
	base.Summary.StartLag = loadgen.Latency{Count: 1, P99: 50 * time.Millisecond}
	require.True(t, has("Stage phase2 did not end its jobs within 45s: 3 accepted jobs have not ended"))
	require.True(t, has("arrivals started up to 50ms late"))
}
