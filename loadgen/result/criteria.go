package result

import (
	"encoding/json"
	"fmt"
	"time"

	"tollgate/loadgen"
	"tollgate/reports"
)

// Scenario is what the result of a load is called.
const Scenario = "load"

// DefaultMaxStartLag is the default limit of the p99 of start lag. A machine that is later than that is too slow for the load.
const DefaultMaxStartLag = 100 * time.Millisecond

// The metrics.
const (
	metricFailed   = "load.failed"
	metricDropped  = "load.dropped"
	metricUnended  = "load.unended"
	metricStartLag = "load.start_lag.p99"
)

// requirement is what every criterion comes from: load that CI runs before a deploy.
const requirement = "R11"

// The histogram of start lag; those of latencies are named after their kind.
const (
	lagName = "start lag"
	series  = "load"
	unit    = "us"
)

// microsecondsToMilliseconds turns the unit of histograms into that of the criteria.
const microsecondsToMilliseconds = 0.001

// Criteria are what a load is judged by.
func Criteria(maxStartLag time.Duration) reports.Set {
	none := func(id, metric, text string) reports.Criterion {
		return reports.Criterion{ID: id, Requirement: requirement, Metric: metric, Operator: reports.Equal, Limit: 0, Unit: "count", Text: text}
	}
	return reports.Set{Scenario: Scenario, Criteria: []reports.Criterion{
		none("load-failed", metricFailed, "Arrivals that failed"),
		none("load-dropped", metricDropped, "Arrivals dropped because too many were under way"),
		none("load-unended", metricUnended, "Arrivals sent that came to no end"),
		{
			ID: "load-start-lag", Requirement: requirement, Metric: metricStartLag, Operator: reports.AtMost,
			Limit: float64(maxStartLag) / float64(time.Millisecond), Unit: "ms",
			Text: "How late the load's own machine started arrivals, p99",
		},
	}}
}

// input is the criteria with their digest.
func input(set reports.Set) reports.Input {
	data, err := json.Marshal(set)
	if err != nil {
		panic(fmt.Sprintf("result: criteria of numbers and texts cannot be written as JSON: %v", err))
	}
	return reports.NewInput(reports.InputCriteria, "loadgen/result", data)
}

// measurements takes the figures from a summary.
func measurements(s loadgen.Summary) map[string]reports.Measurement {
	count := func(n, samples int64) reports.Measurement {
		return reports.Measurement{Value: float64(n), Unit: "count", Samples: samples, How: reports.Measured, Merge: reports.MergeSum}
	}
	return map[string]reports.Measurement{
		metricFailed:  count(s.Errors, s.Sent),
		metricDropped: count(s.Dropped, s.Sent+s.Dropped),
		metricUnended: count(s.Abandoned+s.Interrupted, s.Sent),
		metricStartLag: {
			Value: float64(s.StartLag.P99.Microseconds()) * microsecondsToMilliseconds, Unit: "ms", Samples: s.StartLag.Count,
			How: reports.Measured, Merge: reports.MergeMax,
			Percentile: &reports.Percentile{Histogram: lagName, Series: series, At: 99, Scale: microsecondsToMilliseconds},
		},
	}
}
