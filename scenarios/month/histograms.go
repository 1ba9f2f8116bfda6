package month

import (
	"tollgate/loadgen"
	"tollgate/reports"
	"tollgate/scenarios"
)

// histograms are the latencies by kind, from the intended start: those of the legacy stage's hours put together, and those of
// all months of the stage. A histogram that cannot be read is left out, as is one without a value.
func (e *evidence) histograms() []reports.Histogram {
	var all []reports.Histogram
	if legacy, ok := e.legacy(); ok {
		all = byKind(string(legacy.stage), legacy.hours)
	}
	return append(all, byKind(string(e.stage), e.months)...)
}

func byKind(series string, observations []Observation) []reports.Histogram {
	var all []reports.Histogram
	for _, kind := range loadgen.Kinds() {
		l, err := kindLatency(kind, observations...)
		if err == nil && l.Count > 0 {
			all = append(all, reports.Histogram{Name: scenarios.KindName(kind), Series: series, Unit: "us", Count: l.Count, HDR: l.Histogram})
		}
	}
	return all
}
