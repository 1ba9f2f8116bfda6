package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMetricLimit(t *testing.T) {
	var l metricLimit
	require.NoError(t, l.UnmarshalText([]byte("jobs.success_rate{queue=token-refresh}= 2.5 %")))
	require.Equal(t, metricLimit{metric: "jobs.success_rate{queue=token-refresh}", limit: percent{value: 2.5, given: true}}, l)
	for _, bad := range []string{"", "=5%", "x", "x=", "x=%", "x=5%%", "x=five"} {
		require.Error(t, new(metricLimit).UnmarshalText([]byte(bad)), bad)
	}
}

func FuzzMetricLimit(f *testing.F) {
	for _, seed := range []string{"api.errors=10%", "a{b=c}=1e3", "=", "x=%", "x=-1", "x=NaN"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var l metricLimit
		if l.UnmarshalText([]byte(text)) == nil {
			require.NotEmpty(t, l.metric)
			require.True(t, strings.HasPrefix(text, l.metric+"="))
			require.True(t, l.limit.given)
		}
	})
}
