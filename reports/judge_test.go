package reports_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/reports"
)

func oneCriterion(op reports.Operator, limit float64, upper *float64, unit string) reports.Set {
	return reports.Set{Scenario: "s", Criteria: []reports.Criterion{{
		ID: "c", Requirement: "R6", Metric: "m", Operator: op, Limit: limit, Upper: upper, Unit: unit, Text: "What is measured",
	}}}
}

func TestJudgeOperators(t *testing.T) {
	tests := []struct {
		op     reports.Operator
		limit  float64
		upper  *float64
		value  float64
		want   reports.Verdict
		margin float64
	}{
		{reports.AtMost, 10, nil, 9, reports.Pass, 0.1},
		{reports.AtMost, 10, nil, 10, reports.Pass, 0},
		{reports.AtMost, 10, nil, math.Nextafter(10, 11), reports.Fail, -1.7763568394002505e-16},
		{reports.AtLeast, 10, nil, 12, reports.Pass, 0.2},
		{reports.AtLeast, 10, nil, 10, reports.Pass, 0},
		{reports.AtLeast, 10, nil, 9.5, reports.Fail, -0.05},
		{reports.Below, 10, nil, 9, reports.Pass, 0.1},
		{reports.Below, 10, nil, 10, reports.Fail, 0},
		{reports.Below, 10, nil, 11, reports.Fail, -0.1},
		{reports.Above, 10, nil, 11, reports.Pass, 0.1},
		{reports.Above, 10, nil, 10, reports.Fail, 0},
		{reports.Above, 10, nil, 9, reports.Fail, -0.1},
		{reports.Equal, 10, nil, 10, reports.Pass, 0},
		{reports.Equal, 10, nil, 9, reports.Fail, -0.1},
		{reports.Equal, 10, nil, 11, reports.Fail, -0.1},
		{reports.Equal, 0, nil, 0, reports.Pass, 0},
		{reports.Equal, 0, nil, 3, reports.Fail, 0},
		{reports.Between, 20, ptr(40), 20, reports.Pass, 0},
		{reports.Between, 20, ptr(40), 30, reports.Pass, 0.5},
		{reports.Between, 20, ptr(40), 36, reports.Pass, 0.1},
		{reports.Between, 20, ptr(40), 40, reports.Pass, 0},
		{reports.Between, 20, ptr(40), 19, reports.Fail, -0.05},
		{reports.Between, 20, ptr(40), 41, reports.Fail, -0.025},
		{reports.Between, -10, ptr(10), -11, reports.Fail, -0.1},
		{reports.Between, 20, nil, 20, reports.Fail, 0},
		{"~", 10, nil, 10, reports.Fail, 0},
	}
	for _, tt := range tests {
		t.Run(string(tt.op)+" "+reports.Format(tt.value, ""), func(t *testing.T) {
			got := reports.Judge(oneCriterion(tt.op, tt.limit, tt.upper, "count"),
				map[string]reports.Measurement{"m": measured(tt.value, "count", 1)}, nil)
			require.Len(t, got, 1)
			require.Equal(t, tt.want, got[0].Verdict)
			require.InDelta(t, tt.margin, got[0].Margin, 1e-12)
			require.Equal(t, tt.margin < 0, got[0].Margin < 0, "the sign of a missed limit")
			require.Equal(t, tt.want == reports.Pass, got[0].Reason == "", "a reason unless it passed")
		})
	}
}

func TestJudgeNeverPassesWithoutData(t *testing.T) {
	good := measured(1, "ms", 5)
	with := func(change func(*reports.Measurement)) map[string]reports.Measurement {
		m := good
		change(&m)
		return map[string]reports.Measurement{"m": m}
	}
	tests := map[string]struct {
		measurements map[string]reports.Measurement
		reason       string
	}{
		"absent":            {nil, "m was not measured"},
		"missing":           {with(func(m *reports.Measurement) { m.Missing = "the fake was gone" }), "the fake was gone"},
		"no samples":        {with(func(m *reports.Measurement) { m.Samples = 0 }), "m has no samples"},
		"negative samples":  {with(func(m *reports.Measurement) { m.Samples = -1 }), "m has no samples"},
		"NaN":               {with(func(m *reports.Measurement) { m.Value = math.NaN() }), "m is not a finite number (NaN)"},
		"+Inf":              {with(func(m *reports.Measurement) { m.Value = math.Inf(1) }), "m is not a finite number (+Inf)"},
		"-Inf":              {with(func(m *reports.Measurement) { m.Value = math.Inf(-1) }), "m is not a finite number (-Inf)"},
		"other unit":        {with(func(m *reports.Measurement) { m.Unit = "s" }), `m was measured in "s", the criterion is in "ms"`},
		"no unit":           {with(func(m *reports.Measurement) { m.Unit = "" }), `m was measured in "", the criterion is in "ms"`},
		"does not say how":  {with(func(m *reports.Measurement) { m.How = "" }), `m does not say how it was got (""): measured, simulated or projected`},
		"unknown how":       {with(func(m *reports.Measurement) { m.How = "guessed" }), `m does not say how it was got ("guessed"): measured, simulated or projected`},
		"projected, no why": {with(func(m *reports.Measurement) { m.How = reports.Projected }), "m is projected without a note that names the window and the factor"},
	}
	set := oneCriterion(reports.AtMost, 10, nil, "ms")
	pass := reports.Judge(set, map[string]reports.Measurement{"m": good}, nil)
	require.Equal(t, reports.Pass, pass[0].Verdict, "the measurement the cases start from must pass")
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := reports.Judge(set, tt.measurements, nil)[0]
			require.Equal(t, reports.NoData, got.Verdict)
			require.Equal(t, tt.reason, got.Reason)
			require.Equal(t, tt.reason, got.Measurement.Missing)
			require.Zero(t, got.Margin)
			require.Equal(t, "none", got.ValueText())
			require.Empty(t, got.MarginText())
			require.Empty(t, got.HowText())
		})
	}
}

func TestJudgeSkipped(t *testing.T) {
	set := oneCriterion(reports.AtMost, 10, nil, "ms")
	measurements := map[string]reports.Measurement{"m": measured(1, "ms", 5)}

	got := reports.Judge(set, measurements, map[string]string{"c": "needs a container"})[0]
	require.Equal(t, reports.Skipped, got.Verdict)
	require.Equal(t, "needs a container", got.Reason)
	require.Zero(t, got.Measurement.Samples, "a skipped criterion shows no value")

	got = reports.Judge(set, measurements, map[string]string{"c": ""})[0]
	require.Equal(t, reports.NoData, got.Verdict)
	require.Equal(t, "skipped without a reason", got.Reason)
}

func TestJudgeReasons(t *testing.T) {
	tests := map[string]struct {
		set    reports.Set
		value  float64
		unit   string
		reason string
	}{
		"count above a range":  {oneCriterion(reports.Between, 33, ptr(36), "count"), 47, "count", "measured 47, wanted 33 to 36: 11 above 36 (30.6 %)"},
		"count below a range":  {oneCriterion(reports.Between, 33, ptr(36), "count"), 30, "count", "measured 30, wanted 33 to 36: 3 below 33 (9.1 %)"},
		"percent in points":    {oneCriterion(reports.AtLeast, 30, nil, "percent"), 24.8, "percent", "measured 24.8 %, wanted >= 30 %: 5.2 points below 30 %"},
		"nothing but zero":     {oneCriterion(reports.Equal, 0, nil, "count"), 3, "count", "measured 3, wanted exactly 0: 3 above 0"},
		"exactly the limit":    {oneCriterion(reports.Above, 95, nil, "percent"), 95, "percent", "measured 95 %, wanted > 95 %: it is exactly the limit"},
		"a hair off the limit": {oneCriterion(reports.AtMost, 1.1, nil, "ratio"), 1.1004, "ratio", "measured 1.1004×, wanted <= 1.1×: 0.0004× above 1.1× (0.0364 %)"},
		"far off":              {oneCriterion(reports.Below, 200000, nil, "count"), 119e6, "count", "measured 119,000,000, wanted < 200,000: 118,800,000 above 200,000 (595 times as much)"},
		"latency":              {oneCriterion(reports.AtMost, 12, nil, "ms"), 12.34, "ms", "measured 12.3 ms, wanted <= 12 ms: 0.34 ms above 12 ms (2.8 %)"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := reports.Judge(tt.set, map[string]reports.Measurement{"m": measured(tt.value, tt.unit, 9)}, nil)[0]
			require.Equal(t, reports.Fail, got.Verdict)
			require.Equal(t, tt.reason, got.Reason)
		})
	}
}

func TestJudgeKeepsTheOrderAndItsArguments(t *testing.T) {
	set, measurements := phase2Set(), phase2Measurements()
	got := reports.Judge(set, measurements, nil)
	require.Len(t, got, len(set.Criteria))
	for i, j := range got {
		require.Equal(t, set.Criteria[i], j.Criterion)
	}
	require.Equal(t, phase2Set(), set)
	require.Equal(t, phase2Measurements(), measurements)
	require.NotNil(t, reports.Judge(reports.Set{}, nil, nil))
}

// TestJudgePropertySound: whatever is measured, the result can be written, and a
// passed criterion had samples and met its limit.
func TestJudgePropertySound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{0, 1, math.NaN(), math.Inf(1), math.MaxFloat64, -math.MaxFloat64, 5e-324}))
		limit := rapid.Float64().Draw(t, "limit")
		upper := rapid.Float64Min(limit).Draw(t, "upper")
		op := rapid.SampledFrom(reports.Operators()).Draw(t, "operator")
		set := oneCriterion(op, limit, nil, "ms")
		if op == reports.Between {
			set.Criteria[0].Upper = &upper
		}
		m := reports.Measurement{
			Value: number.Draw(t, "value"), Unit: rapid.SampledFrom([]string{"ms", "s"}).Draw(t, "unit"),
			Samples: rapid.Int64Range(-1, 3).Draw(t, "samples"), How: reports.Simulated,
		}
		got := reports.Judge(set, map[string]reports.Measurement{"m": m}, nil)
		if got[0].Verdict == reports.Pass {
			require.Positive(t, m.Samples)
			require.Equal(t, "ms", m.Unit)
			require.False(t, math.IsNaN(m.Value))
			require.GreaterOrEqual(t, got[0].Margin, 0.0)
		}
		require.NoError(t, reports.WriteJSON(&bytes.Buffer{}, reports.Result{Scenario: "s", Judgements: got}))
	})
}

func TestFillHow(t *testing.T) {
	r := reports.Result{
		Tables: []reports.Table{{Title: "a"}, {Title: "b", How: reports.Projected}}, Charts: []reports.Chart{{Title: "c"}},
	}
	r.FillHow(reports.Measured)
	require.Equal(t, []reports.How{reports.Measured, reports.Projected, reports.Measured}, []reports.How{r.Tables[0].How, r.Tables[1].How, r.Charts[0].How})
}
