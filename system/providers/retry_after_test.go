package providers

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func TestRetryAfter(t *testing.T) {
	for _, test := range []struct {
		value string
		want  time.Duration
	}{
		{"", 0},
		{"0", 0},
		{"7", 7 * time.Second},
		{" 7 ", 7 * time.Second},
		{"-7", 0},
		{"7.5", 0},
		{"soon", 0},
		{"86401", maxRetryAfter},
		{"99999999999999999999999", maxRetryAfter},
		{"Mon, 23 Nov 2026 12:01:30 GMT", 90 * time.Second},
		{"Monday, 23-Nov-26 12:01:30 GMT", 90 * time.Second},
		{"Mon Nov 23 12:01:30 2026", 90 * time.Second},
		{"Mon, 23 Nov 2026 11:59:00 GMT", 0},
		{"Sun, 23 Nov 2236 12:00:00 GMT", maxRetryAfter},
	} {
		require.Equal(t, test.want, retryAfter(test.value, now), "%q", test.value)
	}
}

func FuzzRetryAfter(f *testing.F) {
	f.Add("7")
	f.Add("-1")
	f.Add("18446744073709551616")
	f.Add(now.Add(time.Minute).Format(http.TimeFormat))
	f.Fuzz(func(t *testing.T, value string) {
		got := retryAfter(value, now)
		if got < 0 || got > maxRetryAfter {
			t.Fatalf("retryAfter(%q) = %v: outside 0 to %v", value, got, maxRetryAfter)
		}
	})
}
