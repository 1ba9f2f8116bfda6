package reports_test

import (
	"bytes"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"tollgate/reports"
)

func encoded(t testing.TB, r reports.Result) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, reports.WriteJSON(&b, r))
	return b.String()
}

func TestJSONRoundTrip(t *testing.T) {
	text := encoded(t, sample())
	got, err := reports.ReadJSON(strings.NewReader(text))
	require.NoError(t, err)
	require.Equal(t, sample(), got)
	require.Equal(t, text, encoded(t, got))
	require.True(t, strings.HasSuffix(text, "}\n"))
	require.Contains(t, text, `"operator": "<"`, "readable, not \\u003c")
}

func TestWriteJSONFillsIn(t *testing.T) {
	got, err := reports.ReadJSON(strings.NewReader(encoded(t, reports.Result{Scenario: "phase1"})))
	require.NoError(t, err)
	require.Equal(t, reports.SchemaVersion, got.SchemaVersion)
	require.Equal(t, reports.DecisionNoData, got.Decision)
	require.Equal(t, []reports.Judgement{}, got.Judgements)
}

func TestWriteJSONLeavesOutPointsThatAreNotFinite(t *testing.T) {
	r := sample()
	chart := reports.Chart{
		Title: "c", Lines: []reports.Line{{Name: "l", Points: []reports.Point{
			{X: 1, Y: 2}, {X: 2, Y: math.NaN()}, {X: math.Inf(1), Y: 3}, {X: 4, Y: 5},
		}}},
		Limits: []reports.LimitLine{{Name: "a", Y: 1}, {Name: "b", Y: math.Inf(1)}},
	}
	r.Charts = []reports.Chart{chart}
	got, err := reports.ReadJSON(strings.NewReader(encoded(t, r)))
	require.NoError(t, err)
	require.Equal(t, []reports.Point{{X: 1, Y: 2}, {X: 4, Y: 5}}, got.Charts[0].Lines[0].Points)
	require.Equal(t, []reports.LimitLine{{Name: "a", Y: 1}}, got.Charts[0].Limits)
	require.Len(t, r.Charts[0].Lines[0].Points, 4, "the caller's chart is untouched")
	require.Len(t, r.Charts[0].Limits, 2)
}

// contradictions are results that must be neither written nor read.
func contradictions() map[string]struct {
	spoil func(*reports.Result)
	want  string
} {
	return map[string]struct {
		spoil func(*reports.Result)
		want  string
	}{
		"other version":   {func(r *reports.Result) { r.SchemaVersion = -1 }, "schema_version is -1, not 1"},
		"no scenario":     {func(r *reports.Result) { r.Scenario = "" }, "scenario is empty"},
		"false decision":  {func(r *reports.Result) { r.Decision = reports.DecisionPass }, `decision is "PASS", the judgements say "FAIL"`},
		"unknown verdict": {func(r *reports.Result) { r.Judgements[0].Verdict = "FINE" }, `criterion "phase2-baseline-connections": unknown verdict "FINE"`},
		"unknown op":      {func(r *reports.Result) { r.Judgements[0].Operator = "~" }, `criterion "phase2-baseline-connections": unknown operator "~"`},
		"between":         {func(r *reports.Result) { r.Judgements[0].Upper = nil }, `criterion "phase2-baseline-connections": the operator "between" has no upper`},
		"no reason":       {func(r *reports.Result) { r.Judgements[8].Reason = "" }, `criterion "phase2-faults-injected": NO DATA without a reason`},
		"false pass":      {func(r *reports.Result) { r.Judgements[3].Verdict = reports.Pass }, `criterion "phase2-commands": PASS with value 32.4 % and limit >= 60 %`},
		"pass on nothing": {func(r *reports.Result) { r.Judgements[0].Measurement.Samples = 0 }, `criterion "phase2-baseline-connections": PASS with value 45 and limit 38 to 46`},
		"false fail": {func(r *reports.Result) {
			r.Judgements[0].Verdict, r.Judgements[0].Reason = reports.Fail, "x"
		}, `criterion "phase2-baseline-connections": FAIL with value 45 and limit 38 to 46`},
		"judged twice":     {func(r *reports.Result) { r.Judgements[1].ID = r.Judgements[0].ID }, `criterion "phase2-baseline-connections" is judged twice`},
		"row does not fit": {func(r *reports.Result) { r.Tables[0].Rows[1] = []string{"x"} }, `table "Billed commands by component": row 2 has 1 cells for 4 columns`},
	}
}

func TestContradictionsAreRefused(t *testing.T) {
	for name, tt := range contradictions() {
		t.Run(name, func(t *testing.T) {
			r := sample()
			tt.spoil(&r)
			var b bytes.Buffer
			for _, err := range []error{reports.WriteJSON(&b, r), reports.WriteHTML(&b, r), r.Validate()} {
				require.ErrorIs(t, err, reports.ErrInvalid)
				require.ErrorContains(t, err, tt.want)
			}
			require.Zero(t, b.Len(), "nothing is written")
		})
	}
	r := sample()
	r.Judgements[0].Margin = math.NaN()
	require.ErrorContains(t, r.Validate(), "a number in it is not finite")
}

func TestReadJSONRefuses(t *testing.T) {
	good := encoded(t, sample())
	tests := map[string]struct {
		text, want string
		is         error
	}{
		"empty":           {"", "not a result.json: line 1: unexpected end of JSON input", reports.ErrNotResult},
		"no JSON":         {"<html>", "not a result.json: line 1: invalid character '<' looking for beginning of value", reports.ErrNotResult},
		"cut off":         {good[:len(good)/2], "unexpected end of JSON input", reports.ErrNotResult},
		"broken line 3":   {"{\n\"schema_version\": 1,\n!}", "not a result.json: line 3: invalid character '!'", reports.ErrNotResult},
		"a list":          {"[]", "not a result.json: line 1: json: cannot unmarshal array", reports.ErrNotResult},
		"null":            {"null", "not a result.json: schema_version is missing", reports.ErrNotResult},
		"no version":      {"{}", "not a result.json: schema_version is missing", reports.ErrNotResult},
		"unknown field":   {strings.Replace(good, `"seed"`, `"sead"`, 1), `not a result.json: json: unknown field "sead"`, reports.ErrNotResult},
		"wrong type":      {strings.Replace(good, `"seed": 42`, `"seed": "42"`, 1), "not a result.json: line 8: json: cannot unmarshal string", reports.ErrNotResult},
		"second document": {good + "{}", "not a result.json", reports.ErrNotResult},
		"false decision":  {strings.Replace(good, `"decision": "FAIL"`, `"decision": "PASS"`, 1), `invalid result: decision is "PASS", the judgements say "FAIL"`, reports.ErrInvalid},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := reports.ReadJSON(strings.NewReader(tt.text))
			require.ErrorIs(t, err, tt.is)
			require.ErrorContains(t, err, tt.want)
			require.Zero(t, got)
		})
	}
}

func TestReadJSONNewerSchema(t *testing.T) {
	_, err := reports.ReadJSON(strings.NewReader(`{"schema_version": 3, "something": {"new": true}}`))
	var newer *reports.NewerSchemaError
	require.ErrorAs(t, err, &newer)
	require.Equal(t, 3, newer.Version)
	require.EqualError(t, err, "the result has schema version 3, this program reads version 2: use the version of Tollgate that wrote it, or a later one")
}

func TestIOErrorsAreReported(t *testing.T) {
	broken := errors.New("the disk is full")
	_, err := reports.ReadJSON(iotest.ErrReader(broken))
	require.ErrorIs(t, err, broken)
	require.ErrorIs(t, reports.WriteJSON(failingWriter{broken}, sample()), broken)
	require.ErrorIs(t, reports.WriteHTML(failingWriter{broken}, sample()), broken)
	for _, write := range papers() {
		require.ErrorIs(t, write(failingWriter{broken}, sample()), broken)
	}
	require.ErrorIs(t, reports.WriteTerminal(failingWriter{broken}, sample(), reports.TerminalOptions{}), broken)
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

func FuzzReadJSON(f *testing.F) {
	small := sample()
	small.Judgements, small.Charts, small.Tables = small.Judgements[:3], []reports.Chart{connectionChart(2)}, small.Tables[1:]
	f.Add([]byte(encoded(f, small)))
	f.Add([]byte(`{"schema_version":1,"scenario":"s","decision":"NO DATA","judgements":[]}`))
	f.Add([]byte(`{"schema_version":1e0}`))
	f.Add([]byte(`{"schema_version":99}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := reports.ReadJSON(bytes.NewReader(data))
		if err != nil {
			return
		}
		require.NoError(t, r.Validate())
		again, err := reports.ReadJSON(strings.NewReader(encoded(t, r)))
		require.NoError(t, err)
		require.Equal(t, r.ExitCode(), again.ExitCode())
		require.NoError(t, reports.WriteTerminal(&bytes.Buffer{}, r, reports.TerminalOptions{Color: true, Width: 72}))
		require.NoError(t, reports.WriteHTML(&bytes.Buffer{}, r))
		for _, write := range papers() {
			require.NoError(t, write(&bytes.Buffer{}, r))
		}
	})
}
