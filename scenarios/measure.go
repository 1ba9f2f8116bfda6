package scenarios

import (
	"fmt"
	"time"

	"tollgate/loadgen"
	"tollgate/reports"
	"tollgate/system/queue"
)

// measurements collects figures by metric.
type measurements map[string]reports.Measurement

// put stores a figure taken on the real clock from n observations.
func (m measurements) put(metric, unit string, value float64, n int64, note string) {
	m[metric] = reports.Measurement{Value: value, Unit: unit, Samples: n, How: reports.Measured, Note: note}
}

// missing says why a metric has no figure.
func (m measurements) missing(metric, unit, why string) {
	m[metric] = reports.Measurement{Unit: unit, How: reports.Measured, Missing: why}
}

// measure turns two observations of the same load into figures. scale is the
// factor from the load to the reference month.
func measure(base, stage Observation, scale float64) measurements {
	m := measurements{}
	m.connections(base, stage)
	m.commands(base, stage, scale)
	m.api(base, stage)
	m.jobs(stage)
	m.queues(stage.Probes, stage.Jobs)
	return m
}

func (m measurements) connections(base, stage Observation) {
	const counted = "counted by the fake Redis over the whole life of the service"
	m.put(metricBaselinePeak, unitCount, float64(base.Connections.Peak), base.Connections.Opened, counted)
	m.put(metricStagePeak, unitCount, float64(stage.Connections.Peak), stage.Connections.Opened, counted)
	m.put(metricRefused, unitCount, float64(stage.Connections.Refused), stage.Connections.Opened, counted)
	m.put(metricConnErrors, unitCount, float64(stage.Errors.KeyValue+stage.Errors.Queues), stage.Load.Total.Wire,
		fmt.Sprintf("counted by the clients: cache and limiters %d, queues %d", stage.Errors.KeyValue, stage.Errors.Queues))
	m.put(metricUnsupported, unitCount, float64(stage.Unsupported), stage.Load.Total.Wire, "")
}

func (m measurements) commands(base, stage Observation, scale float64) {
	before, after := base.Load.Total.Billed, stage.Load.Total.Billed
	if before == 0 || after == 0 {
		m.missing(metricReduction, unitPercent, fmt.Sprintf("the ledger holds %d billed commands of the baseline and %d of the stage", before, after))
	} else {
		m.put(metricReduction, unitPercent, 100*(1-float64(after)/float64(before)), before+after,
			fmt.Sprintf("%d billed by %s, %d by %s", before, base.Stage, after, stage.Stage))
	}
	p, err := project(stage, scale)
	if err != nil {
		m.missing(metricMonth, unitCount, err.Error())
		return
	}
	m[metricMonth] = reports.Measurement{
		Value: p.total(), Unit: unitCount, Samples: p.samples, How: reports.Projected, Note: p.note,
	}
}

func (m measurements) api(base, stage Observation) {
	before, okBefore := base.Summary.Kind(loadgen.KindRequest)
	after, okAfter := stage.Summary.Kind(loadgen.KindRequest)
	if !okBefore || !okAfter || before.FromIntended.Count == 0 || after.FromIntended.Count == 0 {
		for metric, unit := range map[string]string{metricAPIRatio: unitRatio, metricAPIp95: unitMillis, metricAPIErrors: unitCount} {
			m.missing(metric, unit, "no API request was answered")
		}
		return
	}
	m.put(metricAPIRatio, unitRatio, float64(after.FromIntended.P95)/float64(before.FromIntended.P95),
		before.FromIntended.Count+after.FromIntended.Count,
		fmt.Sprintf("%.1f ms against %.1f ms, from the intended start", millis(after.FromIntended.P95), millis(before.FromIntended.P95)))
	m.put(metricAPIp95, unitMillis, millis(after.FromIntended.P95), after.FromIntended.Count, "from the intended start")
	m.put(metricAPIErrors, unitCount, float64(after.Errors), after.Sent,
		fmt.Sprintf("%d requests were refused by the rate limiter, which is a correct answer", after.Limited))
}

func (m measurements) jobs(stage Observation) {
	total := stage.Jobs.Total
	m.put(metricAccepted, unitCount, float64(total.Accepted), total.Accepted, "")
	m.put(metricUnfinished, unitCount, float64(total.Outstanding), total.Accepted, stage.Undrained)
	if rate, ok := total.SuccessRate(); ok {
		m.put(metricSuccess, unitPercent, 100*rate, total.Accepted,
			fmt.Sprintf("%d jobs needed %d retries, %d were given up", total.Retried, total.Retries, total.Archived))
	} else {
		m.missing(metricSuccess, unitPercent, "no job was accepted")
	}
	m.put(metricDropped, unitCount, float64(stage.Summary.Dropped+stage.Summary.Abandoned), stage.Summary.Planned, "")
	m.put(metricFaults, unitCount, float64(stage.Faults), total.Accepted, "")
	if reads := stage.Cache.Hits + stage.Cache.Misses; reads > 0 {
		m.put(metricHitRate, unitPercent, 100*float64(stage.Cache.Hits)/float64(reads), reads, "")
	} else {
		m.missing(metricHitRate, unitPercent, "nothing was read from the cache")
	}
}

// queues counts the queues that were seen to do each thing that a queue must do.
func (m measurements) queues(probes map[queue.Name]Probe, outcomes loadgen.Outcomes) {
	completed := 0
	for _, q := range outcomes.Queues {
		if q.Succeeded > 0 {
			completed++
		}
	}
	m.put(metricQueuesCompleted, unitCount, float64(completed), outcomes.Total.Accepted, "")
	for metric, holds := range map[string]func(Probe) bool{
		metricQueuesRetried:         func(p Probe) bool { return p.Retried && p.Completed },
		metricQueuesGaveUp:          func(p Probe) bool { return p.GaveUp },
		metricQueuesEventsCompleted: func(p Probe) bool { return p.CompletedEvents > 0 },
		metricQueuesEventsFailed:    func(p Probe) bool { return p.FailedEvents > 0 },
		metricQueuesEventsProgress:  func(p Probe) bool { return p.ProgressEvents > 0 },
	} {
		n, without := 0, ""
		for _, spec := range queue.Specs() {
			if holds(probes[spec.Name]) {
				n++
			} else {
				without += " " + string(spec.Name)
			}
		}
		note := ""
		if without != "" {
			note = "not seen on:" + without
		}
		m.put(metric, unitCount, float64(n), int64(2*len(probes)), note)
	}
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
