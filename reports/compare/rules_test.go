package compare

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/reports"
)

func TestVerdictOfOneRunEach(t *testing.T) {
	lower, higher := goal{kind: GoalLower}, goal{kind: GoalHigher}
	window := goal{kind: GoalRange, low: 38, high: 46}
	tests := map[string]struct {
		unit          string
		goal          goal
		before, after float64
		basis         Basis
		verdict       Verdict
		regression    bool
	}{
		"count within 2 %":              {"count", lower, 1000, 1020, BasisNone, Same, false},
		"count beyond 2 %":              {"count", lower, 1000, 1021, BasisNone, Worse, false},
		"count at 5 %":                  {"count", lower, 1000, 1050, BasisNone, Worse, false},
		"count beyond 5 %":              {"count", lower, 1000, 1051, BasisNone, Worse, true},
		"count lower":                   {"count", lower, 1000, 900, BasisNone, Better, false},
		"count lower where higher is":   {"count", higher, 1000, 900, BasisNone, Worse, true},
		"count from 0":                  {"count", lower, 0, 1, BasisNone, Worse, true},
		"count to 0":                    {"count", lower, 1, 0, BasisNone, Better, false},
		"below 0":                       {"count", lower, -100, -90, BasisNone, Worse, true},
		"moved within the range":        {"count", window, 38, 46, BasisNone, Same, false},
		"left the range":                {"count", window, 46, 50, BasisNone, Worse, true},
		"left the range below":          {"count", window, 38, 30, BasisNone, Worse, true},
		"back into the range":           {"count", window, 50, 40, BasisNone, Better, false},
		"as far on the other side":      {"count", window, 36, 48, BasisNone, Same, false},
		"some remain":                   {"count", goal{kind: GoalSome}, 30, 3, BasisNone, Same, false},
		"none remain":                   {"count", goal{kind: GoalSome}, 30, 0, BasisNone, Worse, true},
		"share within noise":            {"percent", higher, 99, 98.5, BasisSamples, Same, false},
		"share beyond noise":            {"percent", higher, 99, 96, BasisSamples, Worse, false},
		"share beyond noise and limit":  {"percent", higher, 99, 90, BasisSamples, Worse, true},
		"share beyond noise and better": {"percent", higher, 90, 99, BasisSamples, Better, false},
		"saving":                        {"percent", higher, 32.4131, 32.1171, BasisNone, Same, false},
		"saving that shrank":            {"percent", higher, 32.4131, 22.1171, BasisNone, Worse, true},
		"ratio":                         {"ratio", lower, 1, 2, BasisTooFew, Unknown, false},
		"time":                          {"ms", lower, 10, 20, BasisTooFew, Unknown, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			figure := func(v float64) []reports.Measurement {
				return []reports.Measurement{{Value: v, Unit: tt.unit, Samples: 1000, How: reports.Measured}}
			}
			m := Metric{Unit: tt.unit, Limit: DefaultRegression}
			m.compare(figure(tt.before), figure(tt.after), tt.goal, DefaultLimits())
			require.Equal(t, tt.basis, m.Basis)
			require.Equal(t, tt.verdict, m.Verdict, m.Reason)
			require.Equal(t, tt.regression, m.Regression)
			require.Equal(t, tt.basis == BasisSamples, m.Interval != nil)
			require.Equal(t, tt.basis != BasisSamples, m.Reason != "", "what it rests on is said: %q", m.Reason)
		})
	}
}

func TestMetricWithoutAPair(t *testing.T) {
	one := []reports.Measurement{{Value: 1, Unit: "count", Samples: 1, How: reports.Measured}}
	simulated := []reports.Measurement{{Value: 1, Unit: "count", Samples: 1, How: reports.Simulated}}
	tests := map[string]struct {
		before, after []reports.Measurement
		want          string
	}{
		"neither":     {nil, nil, "no figure on either side"},
		"not before":  {nil, one, "no figure before"},
		"not after":   {one, nil, "no figure after"},
		"another how": {one, simulated, `figures of two kinds: measured in "count" and simulated in "count"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var m Metric
			m.compare(tt.before, tt.after, goal{kind: GoalLower}, DefaultLimits())
			require.Equal(t, Unknown, m.Verdict)
			require.Equal(t, tt.want, m.Reason)
			require.False(t, m.Regression)
		})
	}
}

func TestSimulationsOfOneSeedAreNotTakenForExact(t *testing.T) {
	figure := func(v float64) []reports.Measurement {
		return []reports.Measurement{{Value: v, Unit: "count", Samples: 1, How: reports.Simulated}}
	}
	var m Metric
	m.compare(figure(190_000), figure(190_012), goal{kind: GoalLower}, DefaultLimits())
	require.Equal(t, Same, m.Verdict)
	require.Equal(t, "one simulation each: noise unknown", m.Reason)
}

func TestMediansAndMeansMustAgree(t *testing.T) {
	figures := func(values ...float64) (all []reports.Measurement) {
		for _, v := range values {
			all = append(all, reports.Measurement{Value: v, Unit: "ms", Samples: 1, How: reports.Measured})
		}
		return all
	}
	var m Metric
	m.compare(figures(10, 10, 10, 10, 4, 4, 4), figures(9.9, 9.9, 9.9, 9.9, 16, 16, 16), goal{kind: GoalLower}, DefaultLimits())
	require.Positive(t, m.Interval.Low, "the mean rose")
	require.Negative(t, *m.Change, "the median fell")
	require.Equal(t, Same, m.Verdict)
}

func TestGoalOf(t *testing.T) {
	c := func(op reports.Operator, limit float64) reports.Criterion {
		return criterion("x", "x", op, limit, "count", "x")
	}
	tests := map[string]struct {
		criteria []reports.Criterion
		want     goal
	}{
		"<=":         {[]reports.Criterion{c(reports.AtMost, 3)}, goal{kind: GoalLower}},
		"<":          {[]reports.Criterion{c(reports.Below, 3)}, goal{kind: GoalLower}},
		">=":         {[]reports.Criterion{c(reports.AtLeast, 3)}, goal{kind: GoalHigher}},
		">":          {[]reports.Criterion{c(reports.Above, 3)}, goal{kind: GoalHigher}},
		"> 0":        {[]reports.Criterion{c(reports.Above, 0)}, goal{kind: GoalSome}},
		"> 0 and <":  {[]reports.Criterion{c(reports.Above, 0), c(reports.Below, 5)}, goal{kind: GoalRange, low: 0, high: 5}},
		"==":         {[]reports.Criterion{c(reports.Equal, 11)}, goal{kind: GoalRange, low: 11, high: 11}},
		"between":    {[]reports.Criterion{between(c("", 1), 3)}, goal{kind: GoalRange, low: 1, high: 3}},
		">= and <=":  {[]reports.Criterion{c(reports.AtLeast, 1), c(reports.AtMost, 3)}, goal{kind: GoalRange, low: 1, high: 3}},
		"two limits": {[]reports.Criterion{c(reports.Below, 5), c(reports.AtMost, 3)}, goal{kind: GoalLower}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := goalOf(tt.criteria)
			require.Equal(t, tt.want.kind, got.kind)
			if tt.want.kind == GoalRange {
				require.Equal(t, tt.want, got)
			}
		})
	}
}

func TestTransitions(t *testing.T) {
	side := func(verdicts ...reports.Verdict) (all []reports.Result) {
		for _, v := range verdicts {
			r := reports.Result{}
			if v != "" {
				r.Judgements = []reports.Judgement{{Criterion: criterion("x", "x", reports.AtMost, 3, "count", "X"), Verdict: v}}
			}
			all = append(all, r)
		}
		return all
	}
	const pass, fail, none, skip = reports.Pass, reports.Fail, reports.NoData, reports.Skipped
	tests := map[string]struct {
		before, after []reports.Result
		regression    bool
		want          string
	}{
		"kept":               {side(pass), side(pass), false, ""},
		"fails":              {side(pass), side(fail), true, "X: PASS before, FAIL after [x]"},
		"without data":       {side(pass), side(none), true, "X: PASS before, NO DATA after [x]"},
		"skipped":            {side(pass), side(skip), false, "X: PASS before, SKIPPED after [x]"},
		"failed before":      {side(fail), side(fail), false, ""},
		"no data, then fail": {side(none), side(fail), false, "X: NO DATA before, FAIL after [x]"},
		"holds again":        {side(fail), side(pass), false, "X: FAIL before, PASS after [x]"},
		"added":              {side(""), side(fail), false, "X: added, <= 3, FAIL [x]"},
		"removed":            {side(pass), side(""), false, "X: removed, was <= 3, PASS [x]"},
		"most fail":          {side(pass), side(fail, pass, fail), true, "X: PASS before, FAIL after (2 of 3 FAIL after) [x]"},
		"a tie fails":        {side(pass), side(pass, fail), true, "X: PASS before, FAIL after (1 of 2 FAIL after) [x]"},
		"most pass":          {side(pass), side(pass, pass, fail), false, "X: PASS as before (2 of 3 PASS after) [x]"},
		"in one run only":    {side(pass, ""), side(pass), false, "X: PASS as before (1 of 2 PASS before) [x]"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			all := transitions(tt.before, tt.after)
			require.Len(t, all, 1)
			require.Equal(t, tt.regression, all[0].Regression)
			require.Equal(t, tt.want != "", all[0].Changed())
			if tt.want != "" {
				require.Equal(t, tt.want, all[0].sentence())
			}
		})
	}
}

func TestTransitionNamesAnotherLimit(t *testing.T) {
	result := func(limit float64) []reports.Result {
		return []reports.Result{{Judgements: []reports.Judgement{
			{Criterion: criterion("x", "x", reports.AtMost, limit, "count", "X"), Verdict: reports.Pass},
		}}}
	}
	all := transitions(result(3), result(5))
	require.Equal(t, "X: PASS as before, limit <= 3 before, <= 5 after [x]", all[0].sentence())
	require.False(t, all[0].Regression)
}

func TestLimits(t *testing.T) {
	l := Limits{Regression: 5, Metrics: map[string]float64{"api.errors": 10, "api.errors{route=search}": 20}}
	require.InDelta(t, 10, l.regression("api.errors"), 0)
	require.InDelta(t, 10, l.regression("api.errors{route=contacts}"), 0)
	require.InDelta(t, 20, l.regression("api.errors{route=search}"), 0)
	require.InDelta(t, 5, l.regression("api.error"), 0)
	require.NoError(t, l.Validate())
	for _, bad := range []Limits{{MinEffect: -1}, {Regression: math.NaN()}, {Metrics: map[string]float64{"x": math.Inf(1)}}} {
		require.ErrorIs(t, bad.Validate(), ErrLimits)
		_, err := Compare(nil, nil, bad)
		require.ErrorIs(t, err, ErrLimits)
	}
}

func TestCompareRefuses(t *testing.T) {
	one := func(change func(*reports.Result)) reports.Result {
		r := run(t, 1, figuresWith(nil), 5)
		change(&r)
		return r
	}
	plain := one(func(*reports.Result) {})
	later := func(r *reports.Result) { r.Started = r.Started.Add(time.Hour) }
	tests := map[string]struct {
		before, after []reports.Result
		want          string
	}{
		"nothing before":    {nil, []reports.Result{plain}, "not comparable: no result before"},
		"nothing after":     {[]reports.Result{plain}, nil, "not comparable: no result after"},
		"another scenario":  {[]reports.Result{plain}, []reports.Result{one(func(r *reports.Result) { r.Scenario = "phase1" })}, "scenario phase2 (stage phase2) before, scenario phase1 (stage phase2) after"},
		"another stage":     {[]reports.Result{plain}, []reports.Result{one(func(r *reports.Result) { r.Stage = "phase3" })}, "compare results of one scenario and stage"},
		"mixed on one side": {[]reports.Result{plain, one(func(r *reports.Result) { r.Scenario = "phase1"; later(r) })}, []reports.Result{plain}, "are both before"},
		"a part":            {[]reports.Result{one(func(r *reports.Result) { r.Segment = &reports.Segment{Index: 1, Of: 2} })}, []reports.Result{plain}, "part 1 of 2 of a run"},
		"a copy":            {[]reports.Result{plain, plain}, []reports.Result{plain}, "a copy is no repeat"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := Compare(tt.before, tt.after, DefaultLimits())
			require.ErrorIs(t, err, ErrNotComparable)
			require.ErrorContains(t, err, tt.want)
		})
	}
	c, err := Compare([]reports.Result{plain}, []reports.Result{plain}, DefaultLimits())
	require.NoError(t, err, "the same run on both sides is fine")
	require.Zero(t, c.ExitCode())
	require.Empty(t, c.Caveats)
	_, err = Compare([]reports.Result{plain}, []reports.Result{plain}, Limits{Metrics: map[string]float64{"api.eror": 1}})
	require.ErrorContains(t, err, `there is no metric "api.eror" in these results`)
}

func TestCaveats(t *testing.T) {
	tests := map[string]struct {
		change func(*reports.Result)
		want   string
	}{
		"seed":        {func(r *reports.Result) { r.Seed = 43 }, "seed differs: 42 before, 43 after"},
		"baseline":    {func(r *reports.Result) { r.Baseline = "" }, "baseline differs: legacy before, not recorded after"},
		"profile":     {func(r *reports.Result) { r.Profile = "smoke" }, "profile differs: phase before, smoke after"},
		"clock":       {func(r *reports.Result) { r.Clock = "virtual" }, "clock differs: real before, virtual after"},
		"round trip":  {func(r *reports.Result) { r.Notes = []string{"10ms round trip"} }, "round trip differs: Every connection has 5ms added to its round trip. before, 10ms round trip after"},
		"other notes": {func(r *reports.Result) { r.Notes = append(r.Notes, "Another.") }, ""},
		"machine":     {func(r *reports.Result) { r.Build.CPUs = 8 }, "machine differs: linux/amd64 with 2 CPUs before, linux/amd64 with 8 CPUs after"},
		"go":          {func(r *reports.Result) { r.Build.Go = "go1.27" }, "Go version differs: go1.26.8 before, go1.27 after"},
		"partial":     {func(r *reports.Result) { r.Partial = true }, "completeness differs: whole before, stopped before the end after"},
		"criteria":    {func(r *reports.Result) { r.Inputs[0].SHA256 = "abc" }, "content of the criteria differs"},
		"commit":      {func(r *reports.Result) { r.Build.Commit = "another" }, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			before, after := run(t, 1, figuresWith(nil), 5), run(t, 2, figuresWith(nil), 5)
			tt.change(&after)
			found := caveats([]reports.Result{before}, []reports.Result{after})
			if tt.want == "" {
				require.Empty(t, found)
				return
			}
			require.Len(t, found, 1)
			require.Contains(t, found[0].String(), tt.want)
		})
	}
	a, b := run(t, 1, nil, 5), run(t, 2, nil, 5)
	b.Seed = 43
	both := []reports.Result{a, b}
	require.Equal(t, "seed differs between repeats: 42, 43", caveats(both, both)[0].String())
}

func TestLatenciesThatCannotBeCompared(t *testing.T) {
	few := run(t, 1, nil, 5)
	many := run(t, 2, nil, 5)
	other := run(t, 3, nil, 5)
	other.Histograms[0].Unit = "ns"
	empty := run(t, 4, nil, 5)
	empty.Histograms[0] = reports.Histogram{Name: "API request", Series: "phase2", Unit: "us"}
	virtual := run(t, 5, nil, 5)
	virtual.Clock = "virtual"
	baseline := run(t, 6, nil, 5)
	baseline.Histograms[0].Series = "legacy"
	reason := func(a, b reports.Result) string {
		all := latencies([]reports.Result{a}, []reports.Result{b}, DefaultLimits())
		require.Len(t, all, 3)
		require.Equal(t, Unknown, all[2].Verdict)
		return all[2].Reason
	}
	require.Contains(t, reason(many, other), "figures of several kinds")
	require.Contains(t, reason(many, virtual), "figures of several kinds")
	require.Equal(t, "no figure before", reason(empty, many))
	require.Equal(t, "no figure after", reason(many, baseline))
	require.Empty(t, latencies([]reports.Result{baseline}, []reports.Result{baseline}, DefaultLimits()), "of the stage only")
	require.Equal(t, Same, latencies([]reports.Result{few}, []reports.Result{many}, DefaultLimits())[0].Verdict)

	short := quantileMetric(t, 20)
	require.Equal(t, Unknown, short.Verdict)
	require.Equal(t, "too few values for this quantile: 20 before, 20 after", short.Reason)
}

// quantileMetric compares the 99th percentile of n values with itself.
func quantileMetric(t *testing.T, n int) Metric {
	t.Helper()
	d := requests(t, seeded(), n, 1)
	m := Metric{Before: quantileFigure(d, 0.99), After: quantileFigure(d, 0.99)}
	require.True(t, m.pair())
	m.compareQuantile(d, d, 0.99, DefaultLimits())
	return m
}

func TestQuantileOfOneRunEachNeedsTheLeastEffect(t *testing.T) {
	before, after := requests(t, seeded(), 200_000, 1), requests(t, seeded(), 200_000, 1.01)
	for effect, want := range map[float64]Verdict{0: Worse, DefaultMinEffect: Same} {
		m := Metric{Before: quantileFigure(before, 0.5), After: quantileFigure(after, 0.5)}
		require.True(t, m.pair())
		m.compareQuantile(before, after, 0.5, Limits{MinEffect: effect})
		require.Positive(t, m.Interval.Low, "1 % is beyond the noise within the runs")
		require.Equal(t, want, m.Verdict, "least effect %v %%", effect)
	}
}
