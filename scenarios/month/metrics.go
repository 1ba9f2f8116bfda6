package month

import (
	"embed"
	"fmt"

	"tollgate/reports"
	"tollgate/system/config"
)

//go:embed criteria/*.yaml
var criteria embed.FS

// Names of the metrics, as criteria use them.
const (
	metricCommands    = "commands.month"
	metricSavedSeed   = "commands.saved.seed"
	metricSavedLegacy = "commands.saved.legacy"
	metricDayPeak     = "commands.day.peak"
	metricUnsupported = "commands.unsupported"
	metricPrice       = "price.month"
	metricHeadroom    = "free.headroom"
	metricConnMax     = "connections.minute.max"
	metricConnMin     = "connections.minute.min"
	metricConnErrors  = "connection.errors"
	metricCalmErrors  = "connection.errors.calm_days"
	metricCleanDays   = "connection.clean_days"
	metricSuccess     = "jobs.success_rate"
	metricUnfinished  = "jobs.unfinished"
	metricUnexplained = "jobs.unexplained"
	metricHitRate     = "cache.hit_rate"
	metricAPIRatio    = "api.p95.ratio"
	metricAvailable   = "api.availability"
	metricDropped     = "load.dropped"
	metricLoadErrors  = "load.errors"
	metricInjected    = "faults.injected"
	metricFailed      = "troubles.failed"
	metricIdleGap     = "method.idle.gap"
	metricJobGap      = "method.job.gap"
)

// Units of the metrics.
const (
	unitCount   = "count"
	unitPercent = "percent"
	unitRatio   = "ratio"
	unitDollars = "USD"
	unitDays    = "days"
)

// Metrics lists what a month can measure.
func Metrics() []reports.Metric {
	return []reports.Metric{
		{Name: metricCommands, Unit: unitCount, Text: "billed commands of the month"},
		{Name: metricSavedSeed, Unit: unitPercent, Text: "saved against the month before the migration, its idle polling not counted"},
		{Name: metricSavedLegacy, Unit: unitPercent, Text: "saved against the month of the legacy stage, its idle polling counted"},
		{Name: metricDayPeak, Unit: unitRatio, Text: "billed commands of the highest day / the mean day"},
		{Name: metricUnsupported, Unit: unitCount, Text: "commands that Upstash does not have"},
		{Name: metricPrice, Unit: unitDollars, Text: "price on the cheapest plan that allows so many commands"},
		{Name: metricHeadroom, Unit: unitPercent, Text: "part of the free tier's commands that is left"},
		{Name: metricConnMax, Unit: unitCount, Text: "most connections at one time, over all minutes without a deploy"},
		{Name: metricConnMin, Unit: unitCount, Text: "the lowest of the minutes' most connections, without those of an outage"},
		{Name: metricConnErrors, Unit: unitCount, Text: "failed dials, broken connections and timeouts towards Redis"},
		{Name: metricCalmErrors, Unit: unitCount, Text: "the same on days without a trouble of the calendar"},
		{Name: metricCleanDays, Unit: unitDays, Text: "longest stretch of days without a connection error"},
		{Name: metricSuccess, Unit: unitPercent, Text: "accepted jobs that succeeded in the end"},
		{Name: metricUnfinished, Unit: unitCount, Text: "accepted jobs that did not end"},
		{Name: metricUnexplained, Unit: unitCount, Text: "jobs given up without a reason"},
		{Name: metricHitRate, Unit: unitPercent, Text: "cache reads that found their value"},
		{Name: metricAPIRatio, Unit: unitRatio, Text: "95th percentile of API latency, stage / legacy"},
		{Name: metricAvailable, Unit: unitPercent, Text: "API requests answered without an error"},
		{Name: metricDropped, Unit: unitCount, Text: "arrivals that the load could not start in time"},
		{Name: metricLoadErrors, Unit: unitCount, Text: "arrivals of any kind that ended in an error"},
		{Name: metricInjected, Unit: unitCount, Text: "provider calls that were made to fail"},
		{Name: metricFailed, Unit: unitCount, Text: "troubles of the calendar that could not be brought about"},
		{Name: metricIdleGap, Unit: unitPercent, Text: "largest gap between an idle cost from a shorter window and the simulated one"},
		{Name: metricJobGap, Unit: unitPercent, Text: "largest gap between a job's cost in a shorter window and the simulated one"},
	}
}

// Stages are the stages whose month is judged.
func Stages() []config.Stage { return []config.Stage{config.StagePhase2, config.StagePhase3} }

// Criteria returns what must hold on a stage in a month with or without troubles.
func Criteria(stage config.Stage, troubled bool) (reports.Set, error) {
	kind := "calm"
	if troubled {
		kind = "troubled"
	}
	all := reports.Set{Scenario: scenarioOf(stage, troubled)}
	for _, name := range []string{string(stage), "common", kind} {
		file := "criteria/" + name + ".yaml"
		data, err := criteria.ReadFile(file)
		if err != nil {
			return reports.Set{}, fmt.Errorf("criteria for a month of stage %s: %w", stage, err)
		}
		set, err := reports.LoadSet("scenarios/month/"+file, data, Metrics())
		if err != nil {
			return reports.Set{}, err
		}
		all.Criteria, all.Inputs = append(all.Criteria, set.Criteria...), append(all.Inputs, set.Inputs...)
	}
	return all, nil
}

// scenarioOf names the scenario in results: "month-phase2", "month-phase2-faults".
func scenarioOf(stage config.Stage, troubled bool) string {
	name := "month-" + string(stage)
	if troubled {
		name += "-faults"
	}
	return name
}
