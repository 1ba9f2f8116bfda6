package reports_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/reports"
)

// loadSet has a criterion for each way to merge.
func loadSet() reports.Set {
	criterion := func(id string, op reports.Operator, limit float64, unit string) reports.Criterion {
		return reports.Criterion{ID: id, Requirement: "R11", Metric: id, Operator: op, Limit: limit, Unit: unit, Text: id}
	}
	return reports.Set{Scenario: "load", Criteria: []reports.Criterion{
		criterion("errors", reports.AtMost, 5, "count"),
		criterion("in-flight", reports.AtMost, 100, "count"),
		criterion("ok-share", reports.AtLeast, 90, "percent"),
		criterion("lag-p99", reports.AtMost, 100, "ms"),
		criterion("odd", reports.AtMost, 1, "count"),
		criterion("left-out", reports.AtMost, 1, "count"),
	}}
}

// share is what one machine saw.
type share struct {
	lags     []int64 // in µs
	errors   int64
	inFlight float64
}

var loadBegan = time.Date(2026, 11, 29, 10, 0, 0, 0, time.UTC)

// resultOf is the result of a share; of an unsplit run where of is 0.
func resultOf(s share, index, of int) reports.Result {
	h := hdrhistogram.New(1, 60_000_000, 3)
	for _, lag := range s.lags {
		if err := h.RecordValue(lag); err != nil {
			panic(err)
		}
	}
	histogram, err := reports.NewHistogram("start lag", "load", "us", h)
	if err != nil {
		panic(err)
	}
	n := int64(len(s.lags))
	m := func(value float64, unit string, merge reports.Merge) reports.Measurement {
		return reports.Measurement{Value: value, Unit: unit, Samples: n, How: reports.Measured, Merge: merge}
	}
	lag := m(float64(h.ValueAtPercentile(99))*0.001, "ms", reports.MergeMax)
	lag.Percentile = &reports.Percentile{Histogram: "start lag", Series: "load", At: 99, Scale: 0.001}
	judgements := reports.Judge(loadSet(), map[string]reports.Measurement{
		"errors":    m(float64(s.errors), "count", reports.MergeSum),
		"in-flight": m(s.inFlight, "count", reports.MergeMax),
		"ok-share":  m(100*float64(n-s.errors)/float64(max(n, 1)), "percent", reports.MergeMean),
		"lag-p99":   lag,
		"odd":       m(1, "count", ""),
	}, map[string]string{"left-out": "belongs elsewhere"})
	r := reports.Result{
		Scenario: "load", Title: "Load", Profile: "phase", Seed: 42, Clock: "real",
		Started: loadBegan.Add(time.Duration(index) * time.Second), Finished: loadBegan.Add(time.Duration(20+index) * time.Second),
		Judgements: judgements, Decision: reports.Decide(judgements, false), Histograms: []reports.Histogram{histogram},
		Inputs: []reports.Input{reports.NewInput(reports.InputProfile, "phase", []byte("jobs: 1000"))},
		Build:  reports.Build{Commit: "abc", Go: "go1.26.8", CPUs: 2},
	}
	if of > 0 {
		r.Segment = &reports.Segment{Index: index, Of: of}
	}
	return r
}

// three are segments 1 to 3, each of 100 arrivals late by up to 10, 20 and 30 ms.
func three() []reports.Result {
	var all []reports.Result
	for index := 1; index <= 3; index++ {
		s := share{errors: int64(index - 1), inFlight: float64(10 * index)}
		for i := range int64(100) {
			s.lags = append(s.lags, 100*(i+1)*int64(index))
		}
		all = append(all, resultOf(s, index, 3))
	}
	return all
}

// A run split in any way merges to what the unsplit one found: the same histogram, to the byte, and the same figures.
func TestSegmentsMergeToTheUnsplitRun(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		of := rapid.IntRange(1, 6).Draw(t, "machines")
		lags := rapid.SliceOfN(rapid.Int64Range(0, 60_000_000), of, 300).Draw(t, "lags")
		whole := share{lags: lags}
		parts := make([]share, of)
		for i, lag := range lags {
			parts[i%of].lags = append(parts[i%of].lags, lag)
			if i%7 == 3 {
				parts[i%of].errors++
				whole.errors++
			}
		}
		segments := make([]reports.Result, of)
		for i := range parts {
			segments[i] = resultOf(parts[i], i+1, of)
		}
		rand.Shuffle(of, func(i, j int) { segments[i], segments[j] = segments[j], segments[i] })
		got, err := reports.MergeSegments(segments)
		require.NoError(t, err)
		want := resultOf(whole, 0, 0)
		require.Equal(t, want.Histograms, got.Histograms)
		for _, i := range []int{0, 3} { // the sum and the percentile
			require.Equal(t, want.Judgements[i], got.Judgements[i])
		}
		require.InDelta(t, want.Judgements[2].Measurement.Value, got.Judgements[2].Measurement.Value, 1e-9)
		require.Equal(t, want.Judgements[2].Measurement.Samples, got.Judgements[2].Measurement.Samples)
		require.NoError(t, got.Validate())
	})
}

func TestMergeSegments(t *testing.T) {
	segments := three()
	segments[1].Notes, segments[2].Notes = []string{"a"}, []string{"a", "b"}
	whole, err := reports.MergeSegments([]reports.Result{segments[2], segments[0], segments[1]})
	require.NoError(t, err)
	require.Nil(t, whole.Segment)
	require.Equal(t, segments[0].Started, whole.Started)
	require.Equal(t, segments[2].Finished, whole.Finished)
	require.Equal(t, segments[0].Inputs, whole.Inputs)
	require.False(t, whole.Partial)
	require.Equal(t, []string{"a", "b"}, whole.Notes[:2])
	require.Contains(t, whole.Notes[2], "Put together from 3 segments")
	verdicts := map[string]string{}
	for _, j := range whole.Judgements {
		verdicts[j.ID] = fmt.Sprintf("%s %s of %d: %s", j.Verdict, j.ValueText(), j.Measurement.Samples, j.Reason)
	}
	require.Equal(t, map[string]string{
		"errors":    "PASS 3 of 300: ",
		"in-flight": "PASS 30 of 300: ",
		"ok-share":  "PASS 99 % of 300: ",
		"lag-p99":   "PASS 29.1 ms of 300: ",
		"odd":       "NO DATA none of 300: the figures of segments cannot be put together: it is neither a sum, a highest value nor a mean",
		"left-out":  "SKIPPED none of 0: belongs elsewhere",
	}, verdicts)
	require.Equal(t, reports.DecisionNoData, whole.Decision)
	require.Len(t, whole.Tables, 1)
	require.Equal(t, []string{"2", "2026-11-29 10:00:02.000", "20 s", "1", "20", "99 %", "19.8 ms", "1", "none"}, whole.Tables[0].Rows[1])
	var b bytes.Buffer
	require.NoError(t, reports.WriteJSON(&b, whole))
	back, err := reports.ReadJSON(&b)
	require.NoError(t, err)
	require.Equal(t, whole.Judgements, back.Judgements)
}

// Sums can fail where no segment did.
func TestTheWholeIsJudgedAnew(t *testing.T) {
	var segments []reports.Result
	for index := 1; index <= 2; index++ {
		segments = append(segments, resultOf(share{lags: make([]int64, 100), errors: 3}, index, 2))
		require.Equal(t, reports.Pass, segments[index-1].Judgements[0].Verdict)
	}
	whole, err := reports.MergeSegments(segments)
	require.NoError(t, err)
	require.Equal(t, reports.Fail, whole.Judgements[0].Verdict)
	require.Equal(t, "measured 6, wanted <= 5: 1 above 5 (20 %)", whole.Judgements[0].Reason)
	require.Equal(t, reports.DecisionFail, whole.Decision)
}

func TestPartialSegmentsMakeAPartialWhole(t *testing.T) {
	segments := three()
	segments[1].Partial, segments[1].Decision = true, reports.DecisionInterrupted
	whole, err := reports.MergeSegments(segments)
	require.NoError(t, err)
	require.True(t, whole.Partial)
	require.Equal(t, reports.DecisionInterrupted, whole.Decision)
}

func TestASegmentWithoutDataLeavesTheWholeWithoutData(t *testing.T) {
	segments := three()
	segments[1] = resultOf(share{}, 2, 3)
	whole, err := reports.MergeSegments(segments)
	require.NoError(t, err)
	require.Equal(t, reports.NoData, whole.Judgements[0].Verdict)
	require.Equal(t, "segment 2: errors has no samples", whole.Judgements[0].Reason)
}

// Without the histogram, the highest of the percentiles stands for that of the whole, and no longer claims to be one.
func TestAPercentileWithoutItsHistogramIsMergedAsItSays(t *testing.T) {
	segments := three()
	for i := range segments {
		segments[i].Histograms = nil
	}
	whole, err := reports.MergeSegments(segments)
	require.NoError(t, err)
	lag := whole.Judgements[3]
	require.InDelta(t, 29.711, lag.Measurement.Value, 1e-9)
	require.Nil(t, lag.Measurement.Percentile)
}

func TestWhatAreNoSegmentsOfOneRun(t *testing.T) {
	for name, tc := range map[string]struct {
		spoil func(segments []reports.Result) []reports.Result
		want  string
	}{
		"none":      {func([]reports.Result) []reports.Result { return nil }, "there is none"},
		"a whole":   {func(s []reports.Result) []reports.Result { s[1].Segment = nil; return s }, "result 2 (load) is a whole run, no segment"},
		"missing":   {func(s []reports.Result) []reports.Result { return s[1:2] }, "of 3 segments missing are 1, 3"},
		"doubled":   {func(s []reports.Result) []reports.Result { return append(s, s[1]) }, "of 3 segments given more than once are 2"},
		"both":      {func(s []reports.Result) []reports.Result { s[0] = s[1]; return s }, "of 3 segments missing are 1; given more than once are 2"},
		"other of":  {func(s []reports.Result) []reports.Result { s[1].Segment.Of = 4; return s }, "segment 2 is one of 4, others are of 3"},
		"beyond":    {func(s []reports.Result) []reports.Result { s[1].Segment.Index = 4; return s }, "there is no segment 4 of 3"},
		"scenario":  {func(s []reports.Result) []reports.Result { s[1].Scenario = "x"; return s }, "segment 2 has scenario x, segment 1 has load"},
		"seed":      {func(s []reports.Result) []reports.Result { s[2].Seed = 1; return s }, "segment 3 has seed 1, segment 1 has 42"},
		"profile":   {func(s []reports.Result) []reports.Result { s[2].Profile = "y"; return s }, "segment 3 has profile y, segment 1 has phase"},
		"commit":    {func(s []reports.Result) []reports.Result { s[2].Build.Commit = "d"; return s }, "segment 3 has commit d, segment 1 has abc"},
		"dirty":     {func(s []reports.Result) []reports.Result { s[2].Build.Dirty = true; return s }, "uncommitted changes true"},
		"no inputs": {func(s []reports.Result) []reports.Result { s[2].Inputs = nil; return s }, "segment 3 has no inputs, segment 1 has profile phase ("},
		"criteria":  {func(s []reports.Result) []reports.Result { s[2].Judgements[0].Limit = 6; return s }, "segment 3 was judged by other criteria"},
		"unit":      {func(s []reports.Result) []reports.Result { s[2].Histograms[0].Unit = "ns"; return s }, `segment 3: not the segments of one run: histogram start lag of load is in "ns"`},
		"bounds": {func(s []reports.Result) []reports.Result {
			narrow := hdrhistogram.New(1, 1000, 3)
			require.NoError(t, narrow.RecordValue(5))
			h, err := reports.NewHistogram("start lag", "load", "us", narrow)
			require.NoError(t, err)
			s[0].Histograms[0] = h
			return s
		}, "beyond the bounds of the others'"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := reports.MergeSegments(tc.spoil(three()))
			require.ErrorIs(t, err, reports.ErrSegments)
			require.ErrorContains(t, err, tc.want)
		})
	}
}

func TestFiguresMeasuredInAnotherWayAreNotMerged(t *testing.T) {
	segments := three()
	segments[2].Judgements[0].Measurement.How = reports.Simulated
	whole, err := reports.MergeSegments(segments)
	require.NoError(t, err)
	require.Equal(t, "segment 3 was measured in another way than segment 1 (simulated in count, not measured in count)", whole.Judgements[0].Reason)
}
