package ratelimit

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestLeanAnswersAsClassicDoes is the proof of "same answers": any sequence of times and subjects, one process, any limit, window
// and bucket length. The model expires keys, so that a time to live which is too short would show as well.
func TestLeanAnswersAsClassicDoes(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		cfg := drawConfig(r)
		m := newModel()
		lean := onLean(r, m, cfg)
		requireSameAnswers(t, r, m, cfg, func() Limiter { return lean })
	})
}

// TestLocalAnswersAsClassicDoes: the same for Local, whose process is stopped and started at any moment, with Lean taking its
// place for a while or not.
func TestLocalAnswersAsClassicDoes(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		cfg := drawConfig(r)
		m := newModel()
		local := onLocal(r, m, cfg)
		lean := false
		next := rapid.SampledFrom([]string{"go on", "go on", "go on", "restart", "flush", "lean"})
		requireSameAnswers(t, r, m, cfg, func() Limiter {
			what := next.Draw(r, "process")
			if what == "flush" {
				require.NoError(r, local.Flush(t.Context()))
			}
			if what == "restart" || what == "lean" || lean {
				require.NoError(r, local.Close(t.Context()))
				local = onLocal(r, m, cfg)
				require.NoError(r, local.Restore(t.Context()))
			}
			if lean = what == "lean"; lean {
				return onLean(r, m, cfg)
			}
			return local
		})
	})
}

func drawConfig(r *rapid.T) Config {
	window := time.Duration(rapid.IntRange(1, 5000).Draw(r, "window ms")) * time.Millisecond
	return Config{
		Limit:      rapid.IntRange(1, 6).Draw(r, "limit"),
		Window:     window,
		Bucket:     window + time.Duration(rapid.Int64Range(0, int64(5*window)).Draw(r, "bucket beyond window")),
		MaxDenials: rapid.IntRange(1, 3).Draw(r, "max denials"),
	}
}

// requireSameAnswers draws checks and compares the answers of a Classic with those of what limiter returns for each.
func requireSameAnswers(t *testing.T, r *rapid.T, m *model, cfg Config, limiter func() Limiter) {
	classic := onClassic(r, m, cfg)
	// Subjects of which one begins like another, and which hold the bytes that members are made of.
	subject := rapid.SampledFrom([]string{"a", "ab", "a\x00", "a\x01", "a%00", "ä"})
	step := rapid.OneOf(
		rapid.Just(time.Duration(0)),
		rapid.Just(time.Microsecond),
		rapid.Just(cfg.Window/time.Duration(cfg.Limit)),
		rapid.Just(cfg.Window),
		rapid.Custom(func(r *rapid.T) time.Duration {
			return time.Duration(rapid.Int64Range(0, int64(3*cfg.Window)).Draw(r, "step"))
		}),
	)
	for range rapid.IntRange(1, 80).Draw(r, "checks") {
		m.advance(step.Draw(r, "advance"))
		who := subject.Draw(r, "subject")
		want, err := classic.Allow(t.Context(), who)
		require.NoError(r, err)
		got, err := limiter().Allow(t.Context(), who)
		require.NoError(r, err)
		require.Equal(r, want.Allowed, got.Allowed, "%q at %v", who, m.clock)
		require.Equal(r, want.Remaining, got.Remaining, "%q at %v", who, m.clock)
		if !got.Allowed {
			requireExactWait(r, m, classic, who, got.RetryAfter)
		}
	}
}

// requireExactWait checks in Classic's log that a denial lasts exactly as long as was said.
func requireExactWait(r *rapid.T, m *model, classic *Classic, who string, wait time.Duration) {
	key := "ratelimit:test:" + escape(who)
	oldest := time.UnixMicro(1 << 52)
	live := 0
	for _, score := range m.sets[key].scores {
		live++
		if at := time.UnixMicro(int64(score)); at.Before(oldest) {
			oldest = at
		}
	}
	require.Equal(r, classic.cfg.Limit, live)
	require.Equal(r, oldest.Add(classic.cfg.Window).UnixMicro(), m.clock.Add(wait).UnixMicro(), "%q", who)
}
