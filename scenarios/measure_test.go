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
	"tollgate/system/service"
)

// observation is one with a figure for every metric.
func observation(stage config.Stage, billedInRun, peak int64, p95 time.Duration) Observation {
	o := Observation{
		Stage: stage, Load: billed(billedInRun), LoadFor: 20 * time.Second,
		Idle: billed(60), IdleFor: 6 * time.Second,
		Connections: ledger.ConnCounts{Peak: peak, Opened: peak},
		Errors:      service.ConnectionErrors{}, Faults: 12,
		Probes: map[queue.Name]Probe{},
	}
	o.Load.Total.Wire = billedInRun / 2
	o.Summary.Planned = 2000
	o.Summary.Kinds = []loadgen.Group{{
		Kind: loadgen.KindRequest, Counts: loadgen.Counts{Sent: 500, OK: 490, Limited: 10},
		FromIntended: loadgen.Latency{Count: 500, P95: p95},
	}}
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
	got := measure(base, stage, 6)

	for metric, want := range map[string]float64{
		metricBaselinePeak: 45, metricStagePeak: 3, metricRefused: 0, metricConnErrors: 0, metricUnsupported: 0,
		metricReduction: 40, metricAPIRatio: 0.75, metricAPIp95: 30, metricAPIErrors: 0,
		metricAccepted: 1000, metricUnfinished: 0, metricSuccess: 99, metricDropped: 0, metricFaults: 12,
		metricHitRate: 90, metricQueuesCompleted: 11, metricQueuesRetried: 11, metricQueuesGaveUp: 11,
		metricQueuesEventsCompleted: 11, metricQueuesEventsFailed: 11, metricQueuesEventsProgress: 11,
		metricMonth: 10*30*24*3600 + (30_000-10*20)*6,
	} {
		require.Contains(t, got, metric)
		require.Empty(t, got[metric].Missing, metric)
		require.Positive(t, got[metric].Samples, metric)
		require.InDelta(t, want, got[metric].Value, 1e-6, metric)
	}
	require.Equal(t, reports.Projected, got[metricMonth].How)
	require.Equal(t, reports.Measured, got[metricReduction].How)
}

// Every metric that a scenario can name is measured, in the unit it is announced in.
func TestMeasureCoversTheMetrics(t *testing.T) {
	t.Parallel()
	got := measure(observation(config.StageLegacy, 10, 45, time.Millisecond), observation(config.StagePhase2, 10, 3, time.Millisecond), 6)
	for _, metric := range Metrics() {
		require.Contains(t, got, metric.Name)
		require.Equal(t, metric.Unit, got[metric.Name].Unit, metric.Name)
	}
	require.Len(t, got, len(Metrics()))
}

// A run in which nothing happened yields no figure that a criterion could pass on.
func TestMeasureNothing(t *testing.T) {
	t.Parallel()
	got := measure(Observation{Stage: config.StageLegacy}, Observation{Stage: config.StagePhase2}, 6)
	for name, m := range got {
		require.True(t, m.Missing != "" || m.Samples == 0, "%s passes for a figure: %+v", name, m)
	}
}

func TestMeasureNamesTheQueuesThatAreMissing(t *testing.T) {
	t.Parallel()
	stage := observation(config.StagePhase2, 10, 3, time.Millisecond)
	stage.Probes[queue.TokenRefresh] = Probe{Completed: true, CompletedEvents: 1}
	got := measure(observation(config.StageLegacy, 10, 45, time.Millisecond), stage, 6)
	require.InDelta(t, 10, got[metricQueuesRetried].Value, 0)
	require.Contains(t, got[metricQueuesRetried].Note, string(queue.TokenRefresh))
	require.InDelta(t, 11, got[metricQueuesEventsCompleted].Value, 0)
}

func TestCriteriaAreValid(t *testing.T) {
	t.Parallel()
	for _, name := range Names() {
		set, err := Criteria(name)
		require.NoError(t, err)
		require.Equal(t, name, set.Scenario)
		require.NotEmpty(t, set.Criteria)
	}
	_, err := Criteria("phase9")
	require.ErrorIs(t, err, ErrUnknownScenario)
	require.ErrorContains(t, err, "phase1, phase2")
}
