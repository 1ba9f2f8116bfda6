package scenarios

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/ledger"
	"tollgate/loadgen"
	"tollgate/reports"
	"tollgate/system/config"
	"tollgate/system/queue"
)

func billed(n int64) ledger.Snapshot { return ledger.Snapshot{Total: ledger.Counts{Billed: n}} }

// observation is one with a figure for every metric.
func observation(stage config.Stage, billedInRun, peak int64, p95 time.Duration) Observation {
	o := Observation{
		Stage: stage, KV: config.Config{Stage: stage}.Plan().KV, Load: billed(billedInRun), LoadFor: 20 * time.Second,
		Whole:  ledger.Snapshot{Total: ledger.Counts{Wire: billedInRun}, Connections: ledger.ConnCounts{Peak: peak, Opened: peak}},
		Faults: 12,
		Probes: map[queue.Name]Probe{},
	}
	o.Summary.Planned, o.Summary.Sent = 2000, 2000
	o.Summary.Kinds = []loadgen.Group{{
		Kind: loadgen.KindRequest, Counts: loadgen.Counts{Sent: 500, OK: 490, Limited: 10},
		FromIntended: loadgen.Latency{Count: 500, P95: p95},
	}}
	for _, route := range loadgen.Routes() {
		o.Summary.Labels = append(o.Summary.Labels, loadgen.Group{
			Kind: loadgen.KindRequest, Label: route, Counts: loadgen.Counts{Sent: 160, OK: 160}, FromIntended: loadgen.Latency{Count: 160, P95: p95},
		})
	}
	o.Jobs.Total = loadgen.QueueOutcome{Accepted: 1000, Succeeded: 990, Archived: 10, Retried: 30, Retries: 40}
	for _, spec := range queue.Specs() {
		o.Jobs.Queues = append(o.Jobs.Queues, loadgen.QueueOutcome{Queue: string(spec.Name), Accepted: 90, Succeeded: 90})
		o.Probes[spec.Name] = Probe{Completed: true, Retried: true, GaveUp: true, CompletedEvents: 1, FailedEvents: 2, ProgressEvents: 3}
	}
	o.Cache.Hits, o.Cache.Misses = 90, 10
	return o
}

func TestMeasure(t *testing.T) {
	t.Parallel()
	base := observation(config.StageLegacy, 50_000, 45, 40*time.Millisecond)
	stage := observation(config.StagePhase2, 30_000, 3, 30*time.Millisecond)
	got := measure(base, stage)

	for metric, want := range map[string]float64{
		metricBaselinePeak: 45, metricStagePeak: 3, metricRefused: 0, metricReopened: 0, metricConnErrors: 0, metricUnsupported: 0,
		metricReduction: 40, metricAPIRatio: 0.75, metricAPIp95: 30, metricAPIErrors: 0,
		metricAccepted: 1000, metricUnfinished: 0, metricSuccess: 99, metricDropped: 0, metricLoadErrors: 0, metricFaults: 12,
		metricHitRate: 90, metricQueuesCompleted: 11, metricQueuesRetried: 11, metricQueuesGaveUp: 11,
		metricQueuesEventsCompleted: 11, metricQueuesEventsFailed: 11, metricQueuesEventsProgress: 11,
	} {
		require.Contains(t, got, metric)
		require.Empty(t, got[metric].Missing, metric)
		require.Positive(t, got[metric].Samples, metric)
		require.InDelta(t, want, got[metric].Value, 1e-6, metric)
	}
	require.Equal(t, reports.Measured, got[metricReduction].How)
}

// Every metric that a scenario can name is measured, in the unit it is announced in.
func TestMeasureCoversTheMetrics(t *testing.T) {
	t.Parallel()
	got := measure(observation(config.StageLegacy, 10, 45, time.Millisecond), observation(config.StagePhase2, 10, 3, time.Millisecond))
	got.missing(metricMonth, unitCount, "the month is counted elsewhere")
	names := 0
	for _, metric := range Metrics() {
		for _, name := range withParts(metric) {
			require.Contains(t, got, name)
			require.Equal(t, metric.Unit, got[name].Unit, name)
			names++
		}
	}
	require.Len(t, got, names)
}

// A run in which nothing happened yields no figure that a criterion could pass on.
func TestMeasureNothing(t *testing.T) {
	t.Parallel()
	got := measure(Observation{Stage: config.StageLegacy}, Observation{Stage: config.StagePhase2})
	for name, m := range got {
		require.True(t, m.Missing != "" || m.Samples == 0, "%s passes for a figure: %+v", name, m)
	}
}

// Two runs that did not do the same work are not compared.
func TestMeasureComparesOnlyTheSameWork(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(base, stage *Observation){
		"an arrival of the baseline failed":     func(base, _ *Observation) { base.Summary.Errors = 1 },
		"the baseline dropped an arrival":       func(base, _ *Observation) { base.Summary.Dropped = 1 },
		"the baseline abandoned an arrival":     func(base, _ *Observation) { base.Summary.Abandoned = 1 },
		"the baseline left a job unfinished":    func(base, _ *Observation) { base.Jobs.Total.Outstanding = 1 },
		"a command of the baseline was refused": func(base, _ *Observation) { base.Load.Rejected = 1 },
		"a command of the stage was refused":    func(_, stage *Observation) { stage.Load.Rejected = 1 },
		"a script of the baseline was missed":   func(base, _ *Observation) { base.Load.Gaps = 1 },
		"a script of the stage was missed":      func(_, stage *Observation) { stage.Load.Gaps = 1 },
		"a command of the stage is not offered": func(_, stage *Observation) { stage.Load.Unsupported = 1 },
		"nothing was billed":                    func(_, stage *Observation) { stage.Load.Total.Billed = 0 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			base := observation(config.StageLegacy, 50_000, 45, 40*time.Millisecond)
			stage := observation(config.StagePhase2, 30_000, 3, 30*time.Millisecond)
			spoil(&base, &stage)
			got := measure(base, stage)
			require.NotEmpty(t, got[metricReduction].Missing)
			require.NotEmpty(t, got[metricAPIRatio].Missing)
		})
	}
}

// A baseline that was slowed down from outside makes any stage look quick.
func TestMeasureDoesNotCompareWithADisturbedBaseline(t *testing.T) {
	t.Parallel()
	for want, disturb := range map[string]func(base *Observation){
		"too busy":           func(base *Observation) { base.Summary.StartLag.P99 = slowMachine + 1 },
		"1 connection error": func(base *Observation) { base.Errors.KeyValue = 1 },
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			base := observation(config.StageLegacy, 50_000, 45, 400*time.Millisecond)
			stage := observation(config.StagePhase2, 30_000, 3, 30*time.Millisecond)
			disturb(&base)
			got := measure(base, stage)
			require.Contains(t, got[metricAPIRatio].Missing, want)
			require.Empty(t, got[metricReduction].Missing, "the commands are what they are")

			base = observation(config.StageLegacy, 50_000, 45, 400*time.Millisecond)
			disturb(&stage)
			require.Empty(t, measure(base, stage)[metricAPIRatio].Missing, "a slow stage is judged as it is")
		})
	}
}

// A stage whose limiter refuses what the baseline's lets through is quick for the
// wrong reason.
func TestMeasureDoesNotCompareRefusals(t *testing.T) {
	t.Parallel()
	base := observation(config.StageLegacy, 50_000, 45, 40*time.Millisecond)
	stage := observation(config.StagePhase2, 30_000, 3, 1*time.Millisecond)
	stage.Summary.Kinds[0].Limited += 6
	require.Contains(t, measure(base, stage)[metricAPIRatio].Missing, "refused 10 requests of the baseline and 16 of the stage")
}

func TestMeasureCountsWhatWasLost(t *testing.T) {
	t.Parallel()
	stage := observation(config.StagePhase2, 30_000, 3, time.Millisecond)
	stage.Whole.Connections.Opened = 5
	stage.Errors.KeyValue, stage.Errors.Queues = 1, 2
	stage.Faults = 0
	stage.Summary.Errors = 2
	stage.Summary.ErrorCounts = []loadgen.ErrorCount{{Class: loadgen.ClassTimeout, Count: 2, Example: "read: i/o timeout"}}
	got := measure(observation(config.StageLegacy, 50_000, 45, time.Millisecond), stage)
	require.InDelta(t, 2, got[metricReopened].Value, 0)
	require.Equal(t, "5 opened in all, 3 at once; counted by the fake Redis", got[metricReopened].Note)
	require.InDelta(t, 3, got[metricConnErrors].Value, 0)
	require.Equal(t, "counted by the clients: cache and limiters 1, queues 2", got[metricConnErrors].Note)
	require.InDelta(t, 2, got[metricLoadErrors].Value, 0)
	require.Equal(t, "2 timeout (read: i/o timeout)", got[metricLoadErrors].Note)
	require.Equal(t, "no provider call was made to fail", got[metricFaults].Missing)
}

func TestMeasureNamesTheQueuesThatAreMissing(t *testing.T) {
	t.Parallel()
	stage := observation(config.StagePhase2, 10, 3, time.Millisecond)
	stage.Probes[queue.TokenRefresh] = Probe{Completed: true, CompletedEvents: 1}
	got := measure(observation(config.StageLegacy, 10, 45, time.Millisecond), stage)
	require.InDelta(t, 10, got[metricQueuesRetried].Value, 0)
	require.Contains(t, got[metricQueuesRetried].Note, string(queue.TokenRefresh))
	require.InDelta(t, 11, got[metricQueuesEventsCompleted].Value, 0)
}
