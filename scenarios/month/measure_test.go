package month

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/ledger"
	"tollgate/loadgen"
	"tollgate/loadgen/profiles"
	"tollgate/reports"
	"tollgate/system/cache"
	"tollgate/system/config"
	"tollgate/system/service"
)

// latencies are n requests of the same duration.
func latencies(t *testing.T, n int, d time.Duration) loadgen.Latency {
	t.Helper()
	h, err := loadgen.Latency{}.Decode()
	require.NoError(t, err)
	require.NoError(t, h.RecordValues(d.Microseconds(), int64(n)))
	l, err := loadgen.LatencyOf(h)
	require.NoError(t, err)
	return l
}

// observed is a month of so many billed commands, evenly over its days, in which all went well.
func observed(t *testing.T, stage config.Stage, length time.Duration, billed int64) Observation {
	t.Helper()
	minutes := int(length / time.Minute)
	o := Observation{Task: Task{Stage: stage, Length: length}, Simulated: length, Took: time.Second}
	o.Account = ledger.Snapshot{
		Total:       ledger.Counts{Wire: billed, Billed: billed},
		ByComponent: map[string]ledger.Counts{"queues": {Billed: billed / 2}, "cache": {Billed: billed / 2}},
		Connections: ledger.ConnCounts{Peak: 3},
	}
	o.Course.Components = []string{"queues", "cache"}
	for i := range minutes {
		o.Course.Billed = append(o.Course.Billed, []int64{billed*int64(i+1)/int64(minutes) - billed*int64(i)/int64(minutes)})
		o.Course.Open = append(o.Course.Open, 2+int64(i%2))
	}
	o.ErrorsByHour = make([]int64, int(length.Hours()))
	requests := loadgen.Group{Kind: loadgen.KindRequest, FromIntended: latencies(t, 1000, 20*time.Millisecond)}
	requests.Planned, requests.Sent, requests.OK = 1000, 1000, 1000
	o.Summary = loadgen.Summary{Kinds: []loadgen.Group{requests}, Counts: requests.Counts}
	o.Jobs.Total = loadgen.QueueOutcome{Accepted: 1000, Succeeded: 990, Archived: 10}
	o.Cache, o.Injected = cache.Stats{Hits: 850, Misses: 150}, 30
	return o
}

// evident is evidence in which everything passes.
func evident(t *testing.T) *evidence {
	t.Helper()
	length := DefaultDays * day
	e := &evidence{
		opts:  Options{Days: DefaultDays, Seeds: 3, RTT: 5 * time.Millisecond, Profile: profiles.Profile{Duration: length}},
		stage: config.StagePhase2,
		idle:  observed(t, config.StagePhase2, length, 9_000), idleDay: observed(t, config.StagePhase2, day, 300),
	}
	for _, billed := range []int64{150_000, 170_000, 160_000} {
		e.months = append(e.months, observed(t, config.StagePhase2, length, billed))
	}
	e.busyDay = observed(t, config.StagePhase2, day, 4_700)
	e.busyDay.Jobs.Total.Accepted = 31
	e.windows = windows{
		idle:       observed(t, config.StagePhase2, time.Minute, 0),
		legacyIdle: observed(t, config.StageLegacy, time.Minute, 3_500),
		jobs:       observed(t, config.StagePhase2, time.Minute, 720), virtual: observed(t, config.StagePhase2, time.Minute, 720),
	}
	for _, stage := range []config.Stage{config.StageLegacy, config.StagePhase1} {
		p := plainMonth{stage: stage, days: DefaultDays, idle: observed(t, stage, time.Hour, 210_000)}
		for range 12 {
			p.hours = append(p.hours, observed(t, stage, time.Hour, 210_000))
		}
		e.plain = append(e.plain, p)
	}
	return e
}

func verdictsOf(t *testing.T, e *evidence) map[string]reports.Judgement {
	t.Helper()
	set, err := Criteria(e.stage, e.opts.Troubled)
	require.NoError(t, err)
	all := map[string]reports.Judgement{}
	for _, j := range reports.Judge(set, measure(e), nil) {
		all[j.ID] = j
	}
	return all
}

func TestAGoodMonthPasses(t *testing.T) {
	for id, j := range verdictsOf(t, evident(t)) {
		require.Equal(t, reports.Pass, j.Verdict, "%s: %s", id, j.Reason)
	}
}

// TestOneBadFigureFailsItsCriterion: each criterion can fail, by the worst seed.
func TestOneBadFigureFailsItsCriterion(t *testing.T) {
	second := func(change func(*Observation)) func(*evidence) { return func(e *evidence) { change(&e.months[1]) } }
	for id, change := range map[string]func(*evidence){
		"month-commands":          second(func(o *Observation) { o.Account.Total.Billed = 200_000 }),
		"month-headroom":          second(func(o *Observation) { o.Account.Total.Billed = 200_001 }),
		"month-price":             second(func(o *Observation) { o.Account.Total.Billed = 500_001 }),
		"month-saved-legacy":      second(func(o *Observation) { o.Account.Total.Billed = 70_000_000 }),
		"month-job-success":       second(func(o *Observation) { o.Jobs.Total.Succeeded = 950 }),
		"month-jobs-unfinished":   second(func(o *Observation) { o.Jobs.Total.Outstanding = 1 }),
		"month-jobs-unexplained":  second(func(o *Observation) { o.Reasonless = 1 }),
		"month-availability":      second(func(o *Observation) { o.Summary.Kinds[0].OK = 998 }),
		"month-api-p95":           second(func(o *Observation) { o.Summary.Kinds[0].FromIntended = latencies(t, 10, 23*time.Millisecond) }),
		"month-cache-hits":        second(func(o *Observation) { o.Cache = cache.Stats{Hits: 80, Misses: 20} }),
		"month-day-peak":          second(func(o *Observation) { o.Course.Billed[5] = []int64{20_000} }),
		"month-connections-max":   second(func(o *Observation) { o.Course.Open[77] = 4 }),
		"month-connections-min":   second(func(o *Observation) { o.Course.Open[77] = 0 }),
		"month-connection-errors": second(func(o *Observation) { o.Errors = service.ConnectionErrors{Queues: 1} }),
		"month-clean-days": second(func(o *Observation) {
			for d := range 30 {
				o.ErrorsByHour[d*24] = int64((d + 1) % 2)
			}
		}),
		"month-load-dropped":         second(func(o *Observation) { o.Summary.Dropped = 1 }),
		"month-load-errors":          second(func(o *Observation) { o.Summary.Errors = 1 }),
		"month-commands-unsupported": second(func(o *Observation) { o.Account.Unsupported = 1 }),
		"month-method-idle":          func(e *evidence) { e.idleDay.Account.Total.Billed = 316 },
		"month-method-job":           func(e *evidence) { e.windows.virtual.Account.ByComponent["queues"] = ledger.Counts{Billed: 340} },
	} {
		t.Run(id, func(t *testing.T) {
			e := evident(t)
			change(e)
			require.Equal(t, reports.Fail, verdictsOf(t, e)[id].Verdict)
		})
	}
}

func TestWhatIsNotThereIsNoData(t *testing.T) {
	for id, change := range map[string]func(*evidence){
		"month-commands":        func(e *evidence) { e.opts.Days = 29 },
		"month-headroom":        func(e *evidence) { e.opts.Days = 29 },
		"month-saved-legacy":    func(e *evidence) { e.plain = nil },
		"month-api-p95":         func(e *evidence) { e.plain[0].hours[3].Simulated = 0 },
		"month-method-idle":     func(e *evidence) { e.windows = windows{} },
		"month-method-job":      func(e *evidence) { e.windows = windows{} },
		"month-job-success":     func(e *evidence) { e.months[0].Jobs.Total = loadgen.QueueOutcome{} },
		"month-cache-hits":      func(e *evidence) { e.months[0].Cache = cache.Stats{} },
		"month-faults-injected": func(e *evidence) { e.months[0].Injected = 0 },
		"month-availability":    func(e *evidence) { e.months[0].Summary.Kinds = nil },
	} {
		t.Run(id, func(t *testing.T) {
			e := evident(t)
			change(e)
			require.Equal(t, reports.NoData, verdictsOf(t, e)[id].Verdict)
		})
	}
}

// TestTroubledMonth: what a trouble explains is excused, and only that.
func TestTroubledMonth(t *testing.T) {
	e := evident(t)
	e.opts.Troubled = true
	for i := range e.months {
		o := &e.months[i]
		o.Task.Calendar = Troubled()
		o.ErrorsByHour[2*24+11] = 5 // the failover of day 3
		o.Errors.Queues = 5
		deploy := 4*24*60 + 15*60
		o.Course.Open[deploy], o.Course.Open[deploy+1] = 6, 6
	}
	got := verdictsOf(t, e)
	for id, j := range got {
		require.Equal(t, reports.Pass, j.Verdict, "%s: %s", id, j.Reason)
	}
	require.NotContains(t, got, "month-connection-errors")

	e.months[2].ErrorsByHour[7*24] = 1 // day 8 has no trouble
	e.months[1].Course.Open[4*24*60+15*60+2] = 4
	e.months[0].Failed = []string{"day 5"}
	got = verdictsOf(t, e)
	require.Equal(t, reports.Fail, got["month-connection-errors-calm-days"].Verdict)
	require.Equal(t, reports.Fail, got["month-connections-max"].Verdict)
	require.Equal(t, reports.Fail, got["month-troubles-failed"].Verdict)
}

func TestLongestClean(t *testing.T) {
	for _, c := range []struct {
		days []int64
		want int
	}{{nil, 0}, {[]int64{0}, 1}, {[]int64{1}, 0}, {[]int64{0, 0, 1, 0, 0, 0, 1, 0}, 3}} {
		require.Equal(t, c.want, longestClean(c.days), "%v", c.days)
	}
}
