package month

import (
	"fmt"
	"math"
	"strings"
	"time"

	"tollgate/fakes/upstash/plan"
	"tollgate/loadgen"
	"tollgate/reports"
)

// measurements collects figures by metric.
type measurements map[string]reports.Measurement

// put stores a figure that was simulated, from n observations.
func (m measurements) put(metric, unit string, value float64, n int64, note string) {
	m[metric] = reports.Measurement{Value: value, Unit: unit, Samples: n, How: reports.Simulated, Note: note}
}

// project stores a figure that rests on a part of a month.
func (m measurements) project(metric, unit string, value float64, n int64, note string) {
	m[metric] = reports.Measurement{Value: value, Unit: unit, Samples: n, How: reports.Projected, Note: note}
}

func (m measurements) missing(metric, unit, why string) {
	m[metric] = reports.Measurement{Unit: unit, How: reports.Simulated, Missing: why}
}

// stopped marks every metric of a run that did not come to its end.
func stopped() measurements {
	m := measurements{}
	for _, metric := range Metrics() {
		m.missing(metric.Name, metric.Unit, "the run was stopped before its end")
	}
	return m
}

// measure turns the evidence into figures, each of the worst seed.
func measure(e *evidence) measurements {
	m := measurements{}
	m.commands(e)
	m.connections(e)
	m.jobs(e)
	m.traffic(e)
	if !e.opts.Troubled {
		m.method(e)
	}
	return m
}

// highest and lowest put the worst of the seeds, with all three in the note.
func (m measurements) highest(e *evidence, metric, unit string, n int64, of func(Observation) float64) {
	all := e.spread(of)
	m.put(metric, unit, all[len(all)-1], n, e.seeds(all, unit))
}

func (m measurements) lowest(e *evidence, metric, unit string, n int64, of func(Observation) float64) {
	all := e.spread(of)
	m.put(metric, unit, all[0], n, e.seeds(all, unit))
}

// seeds says what the seeds came to; nothing where there is one only or no difference.
func (e *evidence) seeds(sorted []float64, unit string) string {
	low, high := sorted[0], sorted[len(sorted)-1]
	if low == high {
		return ""
	}
	return fmt.Sprintf("the worst of %d seeds: %s / %s / %s (lowest, median, highest)", len(sorted),
		reports.Format(low, unit), reports.Format(median(sorted), unit), reports.Format(high, unit))
}

func median(sorted []float64) float64 {
	middle := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[middle]
}

func (m measurements) commands(e *evidence) {
	n := e.first().Account.Total.Billed
	billed := func(o Observation) float64 { return float64(total(o.Account)) }
	all := e.spread(billed)
	most := all[len(all)-1]
	if e.opts.Days != DefaultDays {
		why := fmt.Sprintf("%d days are no month; simulate %d", e.opts.Days, DefaultDays)
		for metric, unit := range map[string]string{metricCommands: unitCount, metricSavedSeed: unitPercent, metricPrice: unitDollars, metricHeadroom: unitPercent} {
			m.missing(metric, unit, why)
		}
	} else {
		m.highest(e, metricCommands, unitCount, n, billed)
		m.put(metricSavedSeed, unitPercent, 100*(1-most/seedMonth), n, fmt.Sprintf("%s against 294,000", reports.Format(most, unitCount)))
		cheapest, dollars := plan.Cheapest(int64(most))
		m.put(metricPrice, unitDollars, dollars, n, "plan "+cheapest.Name)
		free, _ := plan.Lookup(plan.Free)
		m.put(metricHeadroom, unitPercent, 100*(1-most/float64(free.MonthlyCommands)), n,
			fmt.Sprintf("%s of %s", reports.Format(most, unitCount), reports.Format(float64(free.MonthlyCommands), unitCount)))
	}
	if legacy, ok := e.legacy(); !ok {
		m.missing(metricSavedLegacy, unitPercent, "the legacy stage was not simulated")
	} else {
		before := legacy.billed(total)
		m.project(metricSavedLegacy, unitPercent, 100*(1-most/before), n,
			fmt.Sprintf("%s against %s of legacy (%s)", reports.Format(most, unitCount), reports.Format(before, unitCount), legacy.how()))
	}
	m.highest(e, metricDayPeak, unitRatio, int64(e.opts.Days), func(o Observation) float64 {
		daily := o.Course.Totals(day)
		var sum, most int64
		for _, n := range daily {
			sum += n
			most = max(most, n)
		}
		return float64(most) * float64(len(daily)) / float64(sum)
	})
	m.highest(e, metricUnsupported, unitCount, n, func(o Observation) float64 { return float64(o.Account.Unsupported) })
}

func (m measurements) connections(e *evidence) {
	minutes := int64(len(e.first().Course.Open))
	m.highest(e, metricConnMax, unitCount, minutes, func(o Observation) float64 { _, high := o.openRange(); return float64(high) })
	m.lowest(e, metricConnMin, unitCount, minutes, func(o Observation) float64 { low, _ := o.openRange(); return float64(low) })
	wire := e.first().Account.Total.Wire
	m.highest(e, metricConnErrors, unitCount, wire, func(o Observation) float64 { return float64(o.Errors.KeyValue + o.Errors.Queues) })
	m.highest(e, metricCalmErrors, unitCount, wire, func(o Observation) float64 {
		errors := int64(0)
		for i, n := range o.errorsByDay() {
			if !troubleOn(o.Task.Calendar, i+1) {
				errors += n
			}
		}
		return float64(errors)
	})
	m.lowest(e, metricCleanDays, unitDays, int64(e.opts.Days), func(o Observation) float64 { return float64(longestClean(o.errorsByDay())) })
	m.highest(e, metricFailed, unitCount, int64(max(1, len(e.first().Task.Calendar))), func(o Observation) float64 { return float64(len(o.Failed)) })
}

// openRange is the lowest and the highest of the minutes' most connections, without the minutes around a trouble that drops
// connections or starts a second process.
func (o Observation) openRange() (low, high int64) {
	low = math.MaxInt64
	for i, open := range o.Course.Open {
		if o.excused(time.Duration(i) * time.Minute) {
			continue
		}
		low, high = min(low, open), max(high, open)
	}
	return low, high
}

// excuse is how long after a deploy or a failover the number of connections is not judged.
const excuse = 2 * time.Minute

func (o Observation) excused(minute time.Duration) bool {
	for _, t := range o.Task.Calendar {
		if since := minute - t.At.Truncate(time.Minute); since >= 0 && since < excuse &&
			(t.What == Deploy || strings.HasPrefix(t.What, "failover")) {
			return true
		}
	}
	return false
}

// errorsByDay adds the hours up.
func (o Observation) errorsByDay() []int64 {
	daily := make([]int64, (len(o.ErrorsByHour)+23)/24)
	for i, n := range o.ErrorsByHour {
		daily[i/24] += n
	}
	return daily
}

// longestClean is the longest stretch of days without an error.
func longestClean(daily []int64) (longest int) {
	run := 0
	for _, n := range daily {
		run++
		if n > 0 {
			run = 0
		}
		longest = max(longest, run)
	}
	return longest
}

func (m measurements) jobs(e *evidence) {
	accepted := e.first().Jobs.Total.Accepted
	if accepted == 0 {
		for _, metric := range []string{metricUnfinished, metricUnexplained} {
			m.missing(metric, unitCount, "no job was accepted")
		}
		m.missing(metricSuccess, unitPercent, "no job was accepted")
		return
	}
	m.lowest(e, metricSuccess, unitPercent, accepted, func(o Observation) float64 { rate, _ := o.Jobs.Total.SuccessRate(); return 100 * rate })
	m.highest(e, metricUnfinished, unitCount, accepted, func(o Observation) float64 { return float64(o.Jobs.Total.Outstanding) })
	m.highest(e, metricUnexplained, unitCount, accepted, func(o Observation) float64 { return float64(o.Reasonless) })
	if injected := e.first().Injected; injected > 0 {
		m.lowest(e, metricInjected, unitCount, injected, func(o Observation) float64 { return float64(o.Injected) })
	} else {
		m.missing(metricInjected, unitCount, "no provider call was made to fail")
	}
}

func (m measurements) traffic(e *evidence) {
	summary := e.first().Summary
	m.highest(e, metricDropped, unitCount, summary.Planned, func(o Observation) float64 { return float64(o.Summary.Dropped + o.Summary.Abandoned) })
	m.highest(e, metricLoadErrors, unitCount, summary.Sent, func(o Observation) float64 { return float64(o.Summary.Errors) })
	m.latency(e)
	if g, ok := summary.Kind(loadgen.KindRequest); !ok || g.Sent == 0 {
		m.missing(metricAvailable, unitPercent, "no API request was sent")
	} else {
		m.lowest(e, metricAvailable, unitPercent, g.Sent, func(o Observation) float64 {
			g, _ := o.Summary.Kind(loadgen.KindRequest)
			return 100 * float64(g.OK+g.Limited) / float64(g.Planned)
		})
	}
	reads := e.first().Cache.Hits + e.first().Cache.Misses
	if reads == 0 {
		m.missing(metricHitRate, unitPercent, "nothing was read from the cache")
		return
	}
	m.lowest(e, metricHitRate, unitPercent, reads, func(o Observation) float64 {
		return 100 * float64(o.Cache.Hits) / float64(o.Cache.Hits+o.Cache.Misses)
	})
}

// latency compares the API's 95th percentile with that of the legacy stage.
func (m measurements) latency(e *evidence) {
	legacy, ok := e.legacy()
	if !ok {
		m.missing(metricAPIRatio, unitRatio, "the legacy stage was not simulated")
		return
	}
	before, err := legacy.latency()
	if err != nil || before.Count == 0 {
		m.missing(metricAPIRatio, unitRatio, fmt.Sprintf("no API latency of the legacy stage (%v)", err))
		return
	}
	m.highest(e, metricAPIRatio, unitRatio, e.first().Summary.Sent, func(o Observation) float64 {
		g, _ := o.Summary.Kind(loadgen.KindRequest)
		return float64(g.FromIntended.P95) / float64(before.P95)
	})
	figure := m[metricAPIRatio]
	g, _ := e.first().Summary.Kind(loadgen.KindRequest)
	figure.Note = strings.TrimPrefix(fmt.Sprintf("%s; %.1f ms against %.1f ms of legacy (%s), a round trip is %s",
		figure.Note, millis(g.FromIntended.P95), millis(before.P95), legacy.how(), e.opts.RTT), "; ")
	m[metricAPIRatio] = figure
}

// method compares what shorter windows say with the month.
func (m measurements) method(e *evidence) {
	idleGap, jobGap := 0.0, 0.0
	var idleNotes, jobNotes []string
	if !e.windows.observed() {
		const why = "no window was observed on the real clock"
		m.missing(metricIdleGap, unitPercent, why)
		m.missing(metricJobGap, unitPercent, why)
		return
	}
	for _, c := range e.checks() {
		if c.refused != "" {
			continue
		}
		text := fmt.Sprintf("%s: %s, simulated %s", c.what, reports.Format(c.projected, unitCount), reports.Format(c.simulated, unitCount))
		if c.perJob {
			jobGap, jobNotes = max(jobGap, c.gap()), append(jobNotes, text)
		} else {
			idleGap, idleNotes = max(idleGap, c.gap()), append(idleNotes, text)
		}
	}
	m.put(metricIdleGap, unitPercent, idleGap, int64(len(idleNotes)), strings.Join(idleNotes, "; "))
	m.put(metricJobGap, unitPercent, jobGap, int64(len(jobNotes)), strings.Join(jobNotes, "; "))
}

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
