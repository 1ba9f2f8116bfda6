package scenarios

import (
	"cmp"
	"fmt"

	"tollgate/loadgen"
	"tollgate/reports"
	"tollgate/system/config"
	"tollgate/system/queue"
)

// whole stands for all parts of a metric together.
var whole reports.Part

// withParts are the names under which a metric is measured: itself, and one for each part of its dimensions.
func withParts(m reports.Metric) []string {
	names := []string{m.Name}
	for _, d := range m.Dimensions {
		for _, value := range d.Values {
			names = append(names, reports.MetricOf(m.Name, reports.Part{Dimension: d.Name, Value: value}))
		}
	}
	return names
}

// connectionErrors puts the errors of all connections and those of each transport. A transport that the stage does not use
// has none, which is no figure.
func (m measurements) connectionErrors(stage Observation) {
	errs, wire := stage.Errors, stage.Whole.Total.Wire
	m.put(metricConnErrors, unitCount, float64(errs.KeyValue+errs.Queues), wire,
		fmt.Sprintf("counted by the clients: cache and limiters %d, queues %d", errs.KeyValue, errs.Queues))
	byTransport := map[config.Transport]int64{config.TransportTCP: errs.Queues}
	byTransport[stage.KV] += errs.KeyValue
	for _, transport := range config.Transports() {
		name := reports.MetricOf(metricConnErrors, reports.Part{Dimension: dimensionTransport, Value: string(transport)})
		if n, used := byTransport[transport]; used {
			m.put(name, unitCount, float64(n), wire, "counted by the clients")
		} else {
			m.missing(name, unitCount, fmt.Sprintf("stage %s does not use %s", stage.Stage, transport))
		}
	}
}

// api puts the figures of all API requests and those of each route.
func (m measurements) api(base, stage Observation) {
	before, _ := base.Summary.Kind(loadgen.KindRequest)
	after, _ := stage.Summary.Kind(loadgen.KindRequest)
	m.requests(whole, base, stage, before, after)
	for _, route := range loadgen.Routes() {
		before, _ := base.Summary.Label(route)
		after, _ := stage.Summary.Label(route)
		m.requests(reports.Part{Dimension: dimensionRoute, Value: route}, base, stage, before, after)
	}
}

// requests puts the figures of one part of the API requests.
func (m measurements) requests(part reports.Part, base, stage Observation, before, after loadgen.Group) {
	ratio, p95, errs := reports.MetricOf(metricAPIRatio, part), reports.MetricOf(metricAPIp95, part), reports.MetricOf(metricAPIErrors, part)
	if before.FromIntended.Count == 0 || after.FromIntended.Count == 0 {
		for metric, unit := range map[string]string{ratio: unitRatio, p95: unitMillis, errs: unitCount} {
			m.missing(metric, unit, "no API request was answered")
		}
		return
	}
	if why := cmp.Or(incomparable(base, stage), disturbed(base)); why != "" {
		m.missing(ratio, unitRatio, why)
	} else if 100*max(before.Limited-after.Limited, after.Limited-before.Limited) > before.Sent {
		m.missing(ratio, unitRatio, fmt.Sprintf("the rate limiter refused %d requests of the baseline and %d of the stage: "+
			"a refusal is quicker than an answer", before.Limited, after.Limited))
	} else {
		m.put(ratio, unitRatio, float64(after.FromIntended.P95)/float64(before.FromIntended.P95),
			before.FromIntended.Count+after.FromIntended.Count,
			fmt.Sprintf("%.1f ms against %.1f ms, from the intended start", millis(after.FromIntended.P95), millis(before.FromIntended.P95)))
	}
	m.put(p95, unitMillis, millis(after.FromIntended.P95), after.FromIntended.Count, "from the intended start")
	m.put(errs, unitCount, float64(after.Errors), after.Sent,
		fmt.Sprintf("%d requests were refused by the rate limiter, which is a correct answer", after.Limited))
}

// jobs puts the figures of all jobs, and those of each queue and tier.
func (m measurements) jobs(stage Observation) {
	m.outcome(whole, stage.Jobs.Total, stage.Undrained)
	tiers := map[queue.Tier]loadgen.QueueOutcome{}
	for _, spec := range queue.Specs() {
		o := stage.Jobs.Queue(string(spec.Name))
		m.outcome(reports.Part{Dimension: dimensionQueue, Value: string(spec.Name)}, o, "")
		tiers[spec.Tier] = plus(tiers[spec.Tier], o)
	}
	for _, tier := range queue.Tiers() {
		m.outcome(reports.Part{Dimension: dimensionTier, Value: string(tier)}, tiers[tier], "")
	}
}

// plus adds the numbers of jobs up.
func plus(a, b loadgen.QueueOutcome) loadgen.QueueOutcome {
	return loadgen.QueueOutcome{
		Accepted: a.Accepted + b.Accepted, Succeeded: a.Succeeded + b.Succeeded, Archived: a.Archived + b.Archived,
		Outstanding: a.Outstanding + b.Outstanding, Retried: a.Retried + b.Retried, Retries: a.Retries + b.Retries,
	}
}

// outcome puts what became of one part of the jobs.
func (m measurements) outcome(part reports.Part, o loadgen.QueueOutcome, undrained string) {
	m.put(reports.MetricOf(metricAccepted, part), unitCount, float64(o.Accepted), o.Accepted, "")
	m.put(reports.MetricOf(metricUnfinished, part), unitCount, float64(o.Outstanding), o.Accepted, undrained)
	rate, ok := o.SuccessRate()
	if !ok {
		m.missing(reports.MetricOf(metricSuccess, part), unitPercent, "no job was accepted")
		return
	}
	m.put(reports.MetricOf(metricSuccess, part), unitPercent, 100*rate, o.Accepted,
		fmt.Sprintf("%d jobs needed %d retries, %d were given up", o.Retried, o.Retries, o.Archived))
}
