package scenarios

import (
	"fmt"
	"strings"
	"time"

	"tollgate/loadgen"
	"tollgate/reports"
	"tollgate/system/queue"
)

// measurements collects figures by metric, or by metric and part (see reports.MetricOf).
type measurements map[string]reports.Measurement

// put stores a figure taken on the real clock from n observations.
func (m measurements) put(metric, unit string, value float64, n int64, note string) {
	m[metric] = reports.Measurement{Value: value, Unit: unit, Samples: n, How: reports.Measured, Note: note}
}

// missing says why a metric has no figure.
func (m measurements) missing(metric, unit, why string) {
	m[metric] = reports.Measurement{Unit: unit, How: reports.Measured, Missing: why}
}

// stopped marks every metric of a run that did not come to its end.
func (m measurements) stopped() {
	for _, metric := range Metrics() {
		for _, name := range withParts(metric) {
			m.missing(name, metric.Unit, "the run was stopped before its end")
		}
	}
}

// measure turns two observations of the same load into figures.
func measure(base, stage Observation) measurements {
	m := measurements{}
	m.connections(base, stage)
	m.commands(base, stage)
	m.api(base, stage)
	m.jobs(stage)
	m.load(stage)
	m.queues(stage.Probes, stage.Jobs)
	return m
}

func (m measurements) connections(base, stage Observation) {
	const counted = "counted by the fake Redis from the start of the service until it was stopped"
	before, after := base.Whole.Connections, stage.Whole.Connections
	m.put(metricBaselinePeak, unitCount, float64(before.Peak), before.Opened, counted)
	m.put(metricStagePeak, unitCount, float64(after.Peak), after.Opened, counted)
	m.put(metricReopened, unitCount, float64(after.Opened-after.Peak), after.Opened,
		fmt.Sprintf("%d opened in all, %d at once; counted by the fake Redis", after.Opened, after.Peak))
	m.put(metricRefused, unitCount, float64(after.Refused), after.Opened, counted)
	m.connectionErrors(stage)
	m.put(metricUnsupported, unitCount, float64(stage.Whole.Unsupported), stage.Whole.Total.Wire, "")
}

// incomparable says why the figures of the stages must not be compared, or nothing
// when they may. Flaws of the stage under test are judged by criteria of their
// own; a baseline that did less, or had to do it again, would make the stage look
// better or worse than it is without anyone noticing.
func incomparable(base, stage Observation) (why string) {
	s := base.Summary
	lost := s.Errors + s.Dropped + s.Abandoned
	refused := base.Load.Rejected + base.Load.Unsupported + stage.Load.Rejected + stage.Load.Unsupported
	switch {
	case base.Load.Total.Billed == 0 || stage.Load.Total.Billed == 0:
		return fmt.Sprintf("the ledger holds %d billed commands of the baseline and %d of the stage",
			base.Load.Total.Billed, stage.Load.Total.Billed)
	case lost > 0 || base.Jobs.Total.Outstanding > 0:
		return fmt.Sprintf("no baseline to compare with: %s failed or lost %d arrivals and left %d jobs unfinished",
			base.Stage, lost, base.Jobs.Total.Outstanding)
	case base.Load.Gaps+stage.Load.Gaps > 0:
		return fmt.Sprintf("commands inside scripts may be missing: the fake Redis missed %d times what scripts called", base.Load.Gaps+stage.Load.Gaps)
	case refused > 0:
		return fmt.Sprintf("the fake Redis refused %d commands, so less was done than was asked for", refused)
	}
	return ""
}

// disturbed says why the latencies of the baseline are not its own, or nothing
// when they are: against a baseline that something else slowed down, any stage is
// quick. A stage that was slowed down gains nothing by it.
func disturbed(base Observation) (why string) {
	errs := base.Errors.KeyValue + base.Errors.Queues
	switch lag := base.Summary.StartLag.P99; {
	case lag > slowMachine:
		return fmt.Sprintf("no baseline to compare with: the machine was too busy with other things in the run of %s (arrivals started up to %s late); run again",
			base.Stage, lag.Round(time.Millisecond))
	case errs > 0:
		return fmt.Sprintf("no baseline to compare with: %s had %d connection errors, and what waited for them was slow", base.Stage, errs)
	}
	return ""
}

func (m measurements) commands(base, stage Observation) {
	before, after := base.Load.Total.Billed, stage.Load.Total.Billed
	if why := incomparable(base, stage); why != "" {
		m.missing(metricReduction, unitPercent, why)
	} else {
		m.put(metricReduction, unitPercent, 100*(1-float64(after)/float64(before)), before+after,
			fmt.Sprintf("%d billed by %s, %d by %s", before, base.Stage, after, stage.Stage))
	}
}

func (m measurements) load(stage Observation) {
	m.put(metricDropped, unitCount, float64(stage.Summary.Dropped+stage.Summary.Abandoned), stage.Summary.Planned, "")
	m.put(metricLoadErrors, unitCount, float64(stage.Summary.Errors), stage.Summary.Sent, examples(stage.Summary))
	if stage.Faults > 0 {
		m.put(metricFaults, unitCount, float64(stage.Faults), stage.Jobs.Total.Accepted, "")
	} else {
		m.missing(metricFaults, unitCount, "no provider call was made to fail")
	}
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

// examples is one error of each class, for the reader who wants to know.
func examples(s loadgen.Summary) string {
	var all []string
	for _, e := range s.ErrorCounts {
		all = append(all, fmt.Sprintf("%d %s (%s)", e.Count, e.Class, e.Example))
	}
	return strings.Join(all, "; ")
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
