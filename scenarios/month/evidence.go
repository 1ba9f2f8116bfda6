package month

import (
	"slices"
	"strings"
	"time"

	"tollgate/fakes/upstash/ledger"
	"tollgate/system/config"
)

// seedMonth is what the service billed in a month before the migration, as its team counted it; idle polling is not in it.
const seedMonth = 294_000

// evidence is everything that a stage is judged by.
type evidence struct {
	opts  Options
	stage config.Stage
	// months are those of the seeds.
	months []Observation
	// idle is the month without load, idleDay a day of it, busyDay a day with load: without troubles only.
	idle, idleDay, busyDay Observation
	windows                windows
	plain                  []plainMonth
}

// length is the length of each month.
func (e *evidence) length() time.Duration { return time.Duration(e.opts.Days) * day }

// first is the month of the first seed, which tables and charts show.
func (e *evidence) first() Observation { return e.months[0] }

// legacy is the month of the legacy stage.
func (e *evidence) legacy() (plainMonth, bool) {
	i := slices.IndexFunc(e.plain, func(p plainMonth) bool { return p.stage == config.StageLegacy })
	if i < 0 {
		return plainMonth{}, false
	}
	return e.plain[i], e.plain[i].measured()
}

// spread is a figure of each month in order of size.
func (e *evidence) spread(of func(Observation) float64) []float64 {
	all := make([]float64, len(e.months))
	for i, o := range e.months {
		all[i] = of(o)
	}
	slices.Sort(all)
	return all
}

// queues is what the queues' part of an account was billed.
func queues(s ledger.Snapshot) (billed int64) {
	for component, c := range s.ByComponent {
		if isQueues(component) {
			billed += c.Billed
		}
	}
	return billed
}

// isQueues says whether a component is that of queues: one for all of them, or one for each.
func isQueues(component string) bool {
	return component == "queues" || strings.HasPrefix(component, "queue:")
}

// perJob is what a job cost on average: what the queues were billed beyond what they are without load.
func (e *evidence) perJob(o Observation) float64 {
	rest := e.idleRate() * o.Simulated.Seconds()
	return (float64(queues(o.Account)) - rest) / float64(o.Jobs.Total.Accepted)
}

// idleRate is what the service is billed a second without load, by the whole month.
func (e *evidence) idleRate() float64 {
	return float64(e.idle.Account.Total.Billed) / e.idle.Simulated.Seconds()
}

// troubleOn says whether a day of the month, from 1, had a trouble of the calendar.
func troubleOn(c Calendar, d int) bool {
	return slices.ContainsFunc(c, func(t Trouble) bool { return dayOf(t.At) == d })
}
