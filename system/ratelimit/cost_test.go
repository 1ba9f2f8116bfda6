package ratelimit

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestCommandsPerCheck measures the figures of the package's documentation.
func TestCommandsPerCheck(t *testing.T) {
	for _, tc := range []struct {
		name     string
		cfg      Config
		checks   int
		every    time.Duration
		poisson  bool
		subjects int
		classic  float64 // exact commands per check
		lean     float64 // at most
		denied   bool    // mostly
	}{
		{name: "allowed, dense", cfg: Config{Limit: 100, Window: time.Minute}, checks: 20_000, every: 300 * time.Millisecond, subjects: 50, classic: 4, lean: 2.04},
		{name: "allowed, sparse", cfg: Config{Limit: 10, Window: time.Minute}, checks: 6_000, every: 2 * time.Minute, subjects: 50, classic: 4, lean: 2.14},
		{name: "allowed, a check in each bucket", cfg: Config{Limit: 10, Window: time.Minute}, checks: 500, every: 31 * time.Minute, subjects: 50, classic: 4, lean: 3.05},
		{name: "a month of 24,000 requests", cfg: Config{Limit: 100, Window: time.Minute}, checks: 24_000, every: 108 * time.Second, poisson: true, subjects: 100, classic: 4, lean: 2.11},
		{name: "a month of 1,500 SMS", cfg: Config{Limit: 5, Window: time.Hour}, checks: 1_500, every: 1728 * time.Second, poisson: true, subjects: 100, classic: 4, lean: 2.07},
		{name: "denied, 10 times the limit", cfg: Config{Limit: 10, Window: time.Minute}, checks: 20_000, every: 600 * time.Millisecond, subjects: 1, classic: 2.2, lean: 0.45, denied: true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			perCheck := map[string]float64{}
			for _, name := range asking {
				m := newModel()
				l := makers[name](t, m, tc.cfg)
				random := rand.New(rand.NewPCG(1, 2))
				allowed := 0
				for range tc.checks {
					step := tc.every
					if tc.poisson {
						step = time.Duration(random.ExpFloat64() * float64(tc.every))
					}
					m.advance(step)
					if allow(t, l, fmt.Sprint("subject-", random.IntN(tc.subjects))).Allowed {
						allowed++
					}
				}
				require.Equal(t, tc.denied, allowed < tc.checks/2)
				perCheck[name] = float64(m.total()) / float64(tc.checks)
			}
			t.Logf("commands per check: classic %.3f, lean %.3f", perCheck["classic"], perCheck["lean"])
			require.InDelta(t, tc.classic, perCheck["classic"], 0.01)
			require.LessOrEqual(t, perCheck["lean"], tc.lean)
		})
	}
}
