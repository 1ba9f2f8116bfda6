package scenarios

import (
	"tollgate/loadgen"
	"tollgate/reports"
	"tollgate/system/config"
	"tollgate/system/queue"
)

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

// Dimensions by which some metrics are measured apart.
const (
	dimensionQueue     = "queue"
	dimensionTier      = "tier"
	dimensionRoute     = "route"
	dimensionTransport = "transport"
)

// dimensions returns dimensions with all their parts.
func dimensions(names ...string) []reports.Dimension {
	var all []reports.Dimension
	for _, name := range names {
		d := reports.Dimension{Name: name}
		switch name {
		case dimensionQueue:
			for _, spec := range queue.Specs() {
				d.Values = append(d.Values, string(spec.Name))
			}
		case dimensionTier:
			for _, tier := range queue.Tiers() {
				d.Values = append(d.Values, string(tier))
			}
		case dimensionRoute:
			d.Values = loadgen.Routes()
		case dimensionTransport:
			for _, transport := range config.Transports() {
				d.Values = append(d.Values, string(transport))
			}
		}
		all = append(all, d)
	}
	return all
}

// Metrics lists what a phase scenario can measure.
func Metrics() []reports.Metric {
	return []reports.Metric{
		{Name: metricBaselinePeak, Unit: unitCount, Text: "most Redis connections that the baseline held at once"},
		{Name: metricStagePeak, Unit: unitCount, Text: "most Redis connections that the stage held at once"},
		{Name: metricReduction, Unit: unitPercent, Text: "billed commands saved against the baseline on the same work"},
		{Name: metricMonth, Unit: unitCount, Text: "billed commands of the stage in a month"},
		{Name: metricConnErrors, Unit: unitCount, Text: "failed dials, broken connections and timeouts towards Redis", Dimensions: dimensions(dimensionTransport)},
		{Name: metricReopened, Unit: unitCount, Text: "connections opened beyond the most held at once: opened anew after one was lost"},
		{Name: metricRefused, Unit: unitCount, Text: "connections that Redis refused"},
		{Name: metricAPIRatio, Unit: unitRatio, Text: "95th percentile of API latency, stage / baseline", Dimensions: dimensions(dimensionRoute)},
		{Name: metricAPIp95, Unit: unitMillis, Text: "95th percentile of API latency of the stage", Dimensions: dimensions(dimensionRoute)},
		{Name: metricAPIErrors, Unit: unitCount, Text: "API requests answered with an error or not at all", Dimensions: dimensions(dimensionRoute)},
		{Name: metricAccepted, Unit: unitCount, Text: "jobs accepted by the queues", Dimensions: dimensions(dimensionQueue, dimensionTier)},
		{Name: metricSuccess, Unit: unitPercent, Text: "accepted jobs that succeeded in the end", Dimensions: dimensions(dimensionQueue, dimensionTier)},
		{Name: metricUnfinished, Unit: unitCount, Text: "accepted jobs that did not end", Dimensions: dimensions(dimensionQueue, dimensionTier)},
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
