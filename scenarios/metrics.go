package scenarios

import "tollgate/reports"

// Metrics that a phase scenario measures; criteria name them.
const (
	metricBaselinePeak = "baseline.connections.peak"
	metricStagePeak    = "stage.connections.peak"
	metricReduction    = "run.commands.reduction"
	metricMonth        = "commands.month"
	metricConnErrors   = "connection.errors"
	metricReopened     = "connections.reopened"
	metricRefused      = "connections.refused"
	metricAPIRatio     = "api.p95.ratio"
	metricAPIp95       = "api.p95"
	metricAPIErrors    = "api.errors"
	metricAccepted     = "jobs.accepted"
	metricSuccess      = "jobs.success_rate"
	metricUnfinished   = "jobs.unfinished"
	metricHitRate      = "cache.hit_rate"
	metricDropped      = "load.dropped"
	metricLoadErrors   = "load.errors"
	metricUnsupported  = "commands.unsupported"
	metricFaults       = "faults.injected"

	metricQueuesCompleted       = "queues.completed"
	metricQueuesRetried         = "queues.retried"
	metricQueuesGaveUp          = "queues.gave_up"
	metricQueuesEventsCompleted = "queues.events_completed"
	metricQueuesEventsFailed    = "queues.events_failed"
	metricQueuesEventsProgress  = "queues.events_progress"
)

// Units of the metrics.
const (
	unitCount   = "count"
	unitPercent = "percent"
	unitRatio   = "ratio"
	unitMillis  = "ms"
)

// Metrics lists what a phase scenario can measure.
func Metrics() []reports.Metric {
	return []reports.Metric{
		{Name: metricBaselinePeak, Unit: unitCount, Text: "most Redis connections that the baseline held at once"},
		{Name: metricStagePeak, Unit: unitCount, Text: "most Redis connections that the stage held at once"},
		{Name: metricReduction, Unit: unitPercent, Text: "billed commands saved against the baseline on the same work"},
		{Name: metricMonth, Unit: unitCount, Text: "billed commands of the stage in a month"},
		{Name: metricConnErrors, Unit: unitCount, Text: "failed dials, broken connections and timeouts towards Redis"},
		{Name: metricReopened, Unit: unitCount, Text: "connections opened beyond the most held at once: opened anew after one was lost"},
		{Name: metricRefused, Unit: unitCount, Text: "connections that Redis refused"},
		{Name: metricAPIRatio, Unit: unitRatio, Text: "95th percentile of API latency, stage / baseline"},
		{Name: metricAPIp95, Unit: unitMillis, Text: "95th percentile of API latency of the stage"},
		{Name: metricAPIErrors, Unit: unitCount, Text: "API requests answered with an error or not at all"},
		{Name: metricAccepted, Unit: unitCount, Text: "jobs accepted by the queues"},
		{Name: metricSuccess, Unit: unitPercent, Text: "accepted jobs that succeeded in the end"},
		{Name: metricUnfinished, Unit: unitCount, Text: "accepted jobs that did not end"},
		{Name: metricHitRate, Unit: unitPercent, Text: "cache reads that found their key"},
		{Name: metricDropped, Unit: unitCount, Text: "arrivals that the load could not start in time"},
		{Name: metricLoadErrors, Unit: unitCount, Text: "arrivals of any kind that ended in an error"},
		{Name: metricUnsupported, Unit: unitCount, Text: "commands that Upstash does not have"},
		{Name: metricFaults, Unit: unitCount, Text: "provider calls that were made to fail"},
		{Name: metricQueuesCompleted, Unit: unitCount, Text: "queues that completed jobs of the load"},
		{Name: metricQueuesRetried, Unit: unitCount, Text: "queues that retried a failing job and completed it"},
		{Name: metricQueuesGaveUp, Unit: unitCount, Text: "queues that archived a hopeless job with its reason"},
		{Name: metricQueuesEventsCompleted, Unit: unitCount, Text: "queues that emitted completed events"},
		{Name: metricQueuesEventsFailed, Unit: unitCount, Text: "queues that emitted failed events"},
		{Name: metricQueuesEventsProgress, Unit: unitCount, Text: "queues that emitted progress events"},
	}
}
