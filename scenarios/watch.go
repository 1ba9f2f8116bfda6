package scenarios

import (
	"context"
	"fmt"
	"time"

	"tollgate/fakes/upstash/ledger"
	"tollgate/loadgen"
	"tollgate/reports"
	"tollgate/system/config"
)

// DefaultGrace is the default of Options.Grace: the time that a stage has to get going before it may be given up.
const DefaultGrace = 5 * time.Second

// lookEvery is the time between two looks at a run.
const lookEvery = time.Second

// HopelessError ends a run that can no longer pass.
type HopelessError struct {
	Criterion reports.Criterion
	// Measurement is the figure that can only get worse, After the time since the first arrival.
	Measurement reports.Measurement
	After       time.Duration
}

// Error names the criterion and what had been measured.
func (e *HopelessError) Error() string {
	return fmt.Sprintf("given up after %s: %s can no longer be %s, it has come to %s", e.After.Round(time.Second),
		e.Criterion.MeasuredAs(), e.Criterion.LimitText(), e.Criterion.ValueText(e.Measurement.Value))
}

// judgements are those of a run that was given up: the criterion failed, and of the others nothing is known.
func (e *HopelessError) judgements(set reports.Set) []reports.Judgement {
	m := measurements{}
	for _, c := range set.Criteria {
		m.missing(c.MeasuredAs(), c.Unit, e.Error())
	}
	m[e.Criterion.MeasuredAs()] = e.Measurement
	return reports.Judge(set, m, nil)
}

// jobsOf is how many jobs a schedule has.
func jobsOf(s *loadgen.Schedule) int64 {
	n := int64(0)
	for i := range s.Arrivals {
		if s.Arrivals[i].Kind == loadgen.KindJob {
			n++
		}
	}
	return n
}

// watcher follows a run: it takes samples for the charts and gives the run up when it has become hopeless.
type watcher struct {
	world   *World
	runner  *loadgen.Runner
	tracker *loadgen.Tracker
	planned int64 // jobs
	hopes   hopes
	began   time.Time
	giveUp  context.CancelCauseFunc
	samples []Sample
}

// Sample is what had been billed at a moment.
type Sample struct {
	Since time.Duration    // since the first arrival
	By    map[string]int64 // billed by component, from the start of the service on
}

// start begins to watch; stop ends that and returns the samples.
func (w *watcher) start() (stop func() []Sample) {
	stopped, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		w.run(stopped)
	}()
	return func() []Sample {
		close(stopped)
		<-done
		return w.samples
	}
}

// run looks once a second until stop is closed, and once more then.
func (w *watcher) run(stop <-chan struct{}) {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	w.sample()
	for {
		select {
		case <-stop:
			w.sample()
			return
		case <-ticker.C:
			account := w.sample()
			if err := w.hopes.lost(time.Since(w.began), w.soFar(account)); err != nil {
				w.giveUp(err)
			}
		}
	}
}

func (w *watcher) sample() ledger.Snapshot {
	account := w.world.Upstash.Ledger().Snapshot()
	s := Sample{Since: time.Since(w.began), By: map[string]int64{}}
	for component, c := range account.ByComponent {
		s.By[group(component)] += c.Billed
	}
	w.samples = append(w.samples, s)
	return account
}

// soFar are the figures that can only get worse from now on.
func (w *watcher) soFar(account ledger.Snapshot) figures {
	f := figures{rising: measurements{}, falling: measurements{}}
	o := Observation{Stage: w.hopes.stage, KV: w.world.settings.Plan().KV, Whole: account, Errors: w.world.ConnectionErrors()}
	f.rising.connections(Observation{}, o)
	delete(f.rising, metricBaselinePeak) // another stage's
	p := w.runner.Progress()
	f.rising.put(metricDropped, unitCount, float64(p.Dropped), p.Planned, "")
	f.rising.put(metricLoadErrors, unitCount, float64(p.Errors), p.Sent, "")
	if archived := w.tracker.Archived(); w.planned > 0 {
		f.falling.put(metricSuccess, unitPercent, 100*(1-float64(archived)/float64(w.planned)), w.planned,
			fmt.Sprintf("%d of %d jobs were given up so far", archived, w.planned))
	}
	if before := w.hopes.billed; before > 0 {
		after := account.Total.Billed - w.hopes.atStart
		f.falling.put(metricReduction, unitPercent, 100*(1-float64(after)/float64(before)), before+after,
			fmt.Sprintf("%d billed by %s in all, %d by %s so far", before, config.StageLegacy, after, w.hopes.stage))
	}
	return f
}

// figures are split by how they can still change.
type figures struct{ rising, falling measurements }

// hopes are what a run is given up by.
type hopes struct {
	stage   config.Stage
	set     reports.Set
	grace   time.Duration // 0: it is never given up
	billed  int64         // by the baseline; 0 when there is none
	atStart int64         // billed before the first arrival
}

// lost returns why the run is hopeless, nil while it is not.
func (h hopes) lost(since time.Duration, f figures) error {
	if h.grace == 0 || since < h.grace {
		return nil
	}
	for _, c := range h.set.Criteria {
		for trend, m := range map[reports.Trend]measurements{reports.Rising: f.rising, reports.Falling: f.falling} {
			if got, ok := m[c.MeasuredAs()]; ok && got.Missing == "" && got.Unit == c.Unit && c.Hopeless(got.Value, trend) {
				return &HopelessError{Criterion: c, Measurement: got, After: since}
			}
		}
	}
	return nil
}
