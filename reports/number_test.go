package reports_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/reports"
)

func TestFormat(t *testing.T) {
	tests := []struct {
		value float64
		unit  string
		want  string
	}{
		{33, "count", "33"},
		{42, "", "42"},
		{0, "count", "0"},
		{math.Copysign(0, -1), "count", "0"},
		{-12, "count", "-12"},
		{999, "count", "999"},
		{1000, "count", "1,000"},
		{119_000_000, "count", "119,000,000"},
		{-1234567, "count", "-1,234,567"},
		{32.41, "percent", "32.4 %"},
		{100, "percent", "100 %"},
		{99.97, "percent", "99.97 %"},
		{100.04, "percent", "100.04 %"},
		{0.004, "percent", "0.004 %"},
		{12.34, "ms", "12.3 ms"},
		{0.123456, "ms", "0.123 ms"},
		{1234.5678, "ms", "1,235 ms"},
		{294.6, "ms", "295 ms"},
		{1.043, "ratio", "1.04×"},
		{1e18, "count", "1e+18"},
		{1.5e-9, "s", "1.5e-09 s"},
		{math.NaN(), "ms", "NaN ms"},
		{math.Inf(-1), "ms", "-Inf ms"},
	}
	for _, tt := range tests {
		t.Run(tt.want, func(t *testing.T) {
			require.Equal(t, tt.want, reports.Format(tt.value, tt.unit))
		})
	}
}

// TestValueTextStaysOnItsSide: a printed value never seems to be on the other side
// of the limit than the value itself, nor equal to it.
func TestValueTextStaysOnItsSide(t *testing.T) {
	tests := []struct {
		limit, value float64
		unit, want   string
	}{
		{95, 95.04, "percent", "95.04 %"},
		{95, 94.999, "percent", "94.999 %"},
		{95, 95, "percent", "95 %"},
		{12.38, 12.36, "ms", "12.36 ms"},
		{12.38, 12.39, "ms", "12.4 ms"},
		{200000, 199999.7, "count", "199,999.7"},
		{1.1, math.Nextafter(1.1, 2), "ratio", "1.1000000000000003×"},
	}
	for _, tt := range tests {
		t.Run(tt.want, func(t *testing.T) {
			c := reports.Criterion{Operator: reports.AtMost, Limit: tt.limit, Unit: tt.unit}
			require.Equal(t, tt.want, c.ValueText(tt.value))
		})
	}
	between := reports.Criterion{Operator: reports.Between, Limit: 1, Upper: ptr(3), Unit: "count"}
	require.Equal(t, "3.004", between.ValueText(3.004))
}

func TestLimitText(t *testing.T) {
	tests := []struct {
		criterion reports.Criterion
		want      string
	}{
		{reports.Criterion{Operator: reports.Between, Limit: 33, Upper: ptr(36), Unit: "count"}, "33 to 36"},
		{reports.Criterion{Operator: reports.Between, Limit: 0.5, Upper: ptr(2), Unit: "ms"}, "0.5 to 2 ms"},
		{reports.Criterion{Operator: reports.AtMost, Limit: 1.1, Unit: "ratio"}, "<= 1.1×"},
		{reports.Criterion{Operator: reports.Below, Limit: 200000, Unit: "count"}, "< 200,000"},
		{reports.Criterion{Operator: reports.Above, Limit: 99.95, Unit: "percent"}, "> 99.95 %"},
		{reports.Criterion{Operator: reports.AtLeast, Limit: 1e-9, Unit: "s"}, ">= 1e-09 s"},
		{reports.Criterion{Operator: reports.Equal, Limit: 0, Unit: "count"}, "exactly 0"},
	}
	for _, tt := range tests {
		t.Run(tt.want, func(t *testing.T) {
			require.Equal(t, tt.want, tt.criterion.LimitText())
		})
	}
}

func TestMarginText(t *testing.T) {
	tests := []struct {
		op    reports.Operator
		limit float64
		upper *float64
		value float64
		want  string
	}{
		{reports.AtMost, 10, nil, 9, "+10 %"},
		{reports.AtMost, 10, nil, 12, "-20 %"},
		{reports.AtMost, 3, nil, 2, "+33.3 %"},
		{reports.AtMost, 1e6, nil, 1e6 - 1, "+0.0001 %"},
		{reports.AtMost, 10, nil, 10, "0 %"},
		{reports.Equal, 11, nil, 11, ""},
		{reports.Equal, 11, nil, 10, "-9.1 %"},
		{reports.Above, 0, nil, 5, ""},
		{reports.Between, 0, ptr(10), 9, "+10 %"},
	}
	for _, tt := range tests {
		t.Run(string(tt.op)+tt.want, func(t *testing.T) {
			got := reports.Judge(oneCriterion(tt.op, tt.limit, tt.upper, "count"),
				map[string]reports.Measurement{"m": measured(tt.value, "count", 1)}, nil)
			require.Equal(t, tt.want, got[0].MarginText())
		})
	}
}
