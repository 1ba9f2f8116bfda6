package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestParseRate(t *testing.T) {
	for text, want := range map[string]float64{"50/s": 50, "90/m": 1.5, "3600/h": 1, "0.5/s": 0.5} {
		got, err := parseRate(text)
		require.NoError(t, err)
		require.InDelta(t, want, float64(got), 1e-9)
	}
	for _, bad := range []string{"", "50", "/s", "0/s", "-1/s", "50/d", "50 /s", "1e9/s", "12345678/s", "NaN/s"} {
		_, err := parseRate(bad)
		require.ErrorContains(t, err, "is no rate; write it like 50/s", bad)
	}
}

func FuzzParseRate(f *testing.F) {
	for _, seed := range []string{"50/s", "0.000001/h", "9999999.999999/s", "0/m", "1./s"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rate, err := parseRate(text)
		if err != nil {
			return
		}
		require.Positive(t, float64(rate))
		require.GreaterOrEqual(t, rate.time(1000), time.Duration(0))
		require.GreaterOrEqual(t, rate.jobs(time.Hour), 0.0)
	})
}

// A number of jobs and the time that they take at a rate are the same three figures again.
func TestAmountsAgree(t *testing.T) {
	for _, rate := range []string{"50/s", "7/m", "333/h"} {
		jobs := 1000
		n, within, err := runCommand{Jobs: &jobs, Rate: rate}.amount()
		require.NoError(t, err)
		require.Equal(t, 1000, n)
		again, same, err := runCommand{Jobs: &jobs, Rate: rate, Duration: &within}.amount()
		require.NoError(t, err, rate)
		require.Equal(t, jobs, again)
		require.Equal(t, within, same)
		byRate, _, err := runCommand{Rate: rate, Duration: &within}.amount()
		require.NoError(t, err)
		require.Equal(t, jobs, byRate)
	}
}

// A time that is past, or too far away, is refused before anything is asked of the target.
func TestCheckStart(t *testing.T) {
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	at := now.Add(time.Minute)
	c := runCommand{StartAt: &at}
	require.NoError(t, c.checkStart(now))
	require.ErrorContains(t, c.checkStart(now.Add(2*time.Minute)), "--start-at 2026-12-01T09:01:00Z is 1m0s past")
	require.ErrorContains(t, c.checkStart(now.Add(-25*time.Hour)), "is more than 24h0m0s away")
	require.NoError(t, runCommand{}.checkStart(now))
}
