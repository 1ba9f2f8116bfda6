package scenarios

import (
	"strings"

	"tollgate/loadgen"
	"tollgate/reports"
)

// histograms are the latencies of both stages: of each kind of arrival from its intended start, of the API by route, and of
// the jobs from their acceptance to their end.
func histograms(base, stage Observation) []reports.Histogram {
	var all []reports.Histogram
	for _, o := range []Observation{base, stage} {
		all = append(all, Latencies(string(o.Stage), o.Summary, o.Jobs)...)
	}
	return all
}

// Latencies are the histograms of a run as a report keeps them. Parts without a value are left out.
func Latencies(series string, s loadgen.Summary, jobs loadgen.Outcomes) []reports.Histogram {
	var all []reports.Histogram
	add := func(name string, l loadgen.Latency) {
		if l.Count > 0 {
			all = append(all, reports.Histogram{Name: name, Series: series, Unit: "us", Count: l.Count, HDR: l.Histogram})
		}
	}
	for _, g := range s.Kinds {
		add(KindName(g.Kind), g.FromIntended)
	}
	for _, g := range s.Labels {
		if g.Kind == loadgen.KindRequest {
			add(KindName(g.Kind)+" "+g.Label, g.FromIntended)
		}
	}
	add("job from acceptance to end", jobs.Total.Completion)
	return all
}

// KindName is a kind as a reader sees it.
func KindName(k loadgen.Kind) string {
	switch k {
	case loadgen.KindJob:
		return "job handed in"
	case loadgen.KindRequest:
		return "API request"
	default:
		return strings.ReplaceAll(string(k), "_", " ")
	}
}
