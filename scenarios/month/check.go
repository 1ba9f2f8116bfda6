package month

import (
	"fmt"
	"math"
)

// check is a figure that a shorter window says of a month, beside the one that was simulated.
type check struct {
	what                 string
	perJob               bool // commands of a job; else of a month without load
	projected, simulated float64
	// refused says why no figure is taken in this way, whatever the gap; "" where the gap is judged.
	refused string
}

// gap is by how much the projection misses, in percent.
func (c check) gap() float64 { return 100 * math.Abs(c.projected-c.simulated) / c.simulated }

// checks are all ways to learn of a month in less time.
func (e *evidence) checks() []check {
	idleMonth := e.idleRate() * e.length().Seconds()
	perJob := e.perJob(e.first())
	all := []check{
		{
			what:      fmt.Sprintf("%s: 24 virtual hours without load, times %d", e.stage, e.opts.Days),
			projected: float64(total(e.idleDay.Account)) * e.length().Hours() / e.idleDay.Simulated.Hours(), simulated: idleMonth,
		},
		{what: fmt.Sprintf("%s: a job in 24 virtual hours", e.stage), perJob: true, projected: e.perJob(e.busyDay), simulated: perJob},
	}
	w := e.windows
	if !w.observed() {
		return all
	}
	seconds := w.idle.Simulated.Seconds()
	all = append(all,
		check{
			what:      fmt.Sprintf("%s: %.0f s of real time without load, times %.0f", e.stage, seconds, e.length().Seconds()/seconds),
			projected: float64(total(w.idle.Account)) / seconds * e.length().Seconds(), simulated: idleMonth,
			refused: "what the stage does at rest it does at intervals of many minutes",
		},
		check{
			what:   fmt.Sprintf("%s: a job in %.0f s of real time at a job a second", e.stage, seconds),
			perJob: true, projected: windowJob(w.jobs), simulated: perJob,
			refused: "at a month's pace jobs are further apart, share fewer commands, and some are retried",
		},
		check{
			what:   fmt.Sprintf("%s: the same window, on the real clock and in virtual time", e.stage),
			perJob: true, projected: windowJob(w.jobs), simulated: windowJob(w.virtual),
		},
	)
	if legacy, ok := e.legacy(); ok {
		all = append(all, check{
			what:      fmt.Sprintf("%s: %.0f s of real time without load, times %.0f", legacy.stage, seconds, e.length().Seconds()/seconds),
			projected: float64(total(w.legacyIdle.Account)) / seconds * e.length().Seconds(), simulated: legacy.atRest(),
		})
	}
	return all
}

// windowJob is what a job cost in a window in which nothing else was done.
func windowJob(o Observation) float64 {
	return float64(queues(o.Account)) / float64(o.Jobs.Total.Accepted)
}
