package ratelimit

import (
	"context"
	"math/rand/v2"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

var anHour = Config{Limit: 5, Window: time.Hour} // written after 10 minutes

func TestNewEntriesAreWrittenAfterAnInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newBubbleModel()
		l := onLocal(t, m, anHour)
		time.Sleep(24 * time.Hour)
		require.Zero(t, m.total(), "an idle limiter is silent")
		for range 3 {
			allow(t, l, "a")
			allow(t, l, "b")
			time.Sleep(2 * time.Minute)
		}
		time.Sleep(4*time.Minute - time.Second)
		require.Zero(t, m.total())
		time.Sleep(2 * time.Second)
		require.Equal(t, map[string]int{"ZADD": 1, "EXPIRE": 1}, m.counts())
		m.total()
		time.Sleep(24 * time.Hour)
		require.Zero(t, m.total(), "and silent again")
		require.NoError(t, l.Close(t.Context()))
		require.Zero(t, m.total())
	})
}

// A crash is a process that neither flushes nor closes.
func TestACrashLosesAnIntervalAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newBubbleModel()
		l := onLocal(t, m, anHour)
		for range 3 { // the flush after 10 minutes takes two of them
			allow(t, l, "a")
			time.Sleep(7 * time.Minute)
		}
		next := onLocal(t, m, anHour)
		require.NoError(t, next.Restore(t.Context()))
		require.Equal(t, 2, allow(t, next, "a").Remaining, "two of the three, and the check itself")
		require.NoError(t, l.Close(t.Context())) // the bubble wants its timer stopped
		require.NoError(t, next.Close(t.Context()))
	})
}

func TestAShortWindowIsWrittenAtTheEndOnly(t *testing.T) {
	const early = 7 * time.Microsecond // so that neither a check nor the end comes at the very moment of a flush
	for _, tc := range []struct {
		name    string
		cfg     Config
		written bool
	}{
		{"a minute", Config{Window: time.Minute}, false},
		{"below two minutes", Config{Window: 2*time.Minute - 1}, false},
		{"two minutes", Config{Window: 2 * time.Minute}, true},
		{"a minute, by wish", Config{Window: time.Minute, FlushInterval: 30 * time.Second}, true},
		{"an hour, not wished", Config{Window: time.Hour, FlushInterval: time.Hour}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newBubbleModel()
				tc.cfg.Limit = 10_000
				l := onLocal(t, m, tc.cfg)
				for range 100 {
					allow(t, l, "a")
					time.Sleep(tc.cfg.Window/50 - early)
				}
				time.Sleep(100 * early)
				require.Equal(t, tc.written, m.counts()["ZADD"] > 0)
				m.total()
				require.NoError(t, l.Close(t.Context()))
				require.Equal(t, 1, m.counts()["ZADD"])
				next := onLocal(t, m, tc.cfg)
				require.NoError(t, next.Restore(t.Context()))
				require.Equal(t, 10_000-1-49, allow(t, next, "a").Remaining, "a window holds 50, the first of which has just left")
			})
		})
	}
}

func TestDefaultFlushInterval(t *testing.T) {
	for window, want := range map[time.Duration]time.Duration{
		time.Second: time.Minute, 6 * time.Minute: time.Minute, 12 * time.Minute: 2 * time.Minute,
		time.Hour: 10 * time.Minute, 24 * time.Hour: 10 * time.Minute,
	} {
		require.Equal(t, want, onLocal(t, newModel(), Config{Limit: 1, Window: window}).cfg.FlushInterval, window)
	}
}

func TestAFailedFlushIsRepeatedAfterAnInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newBubbleModel()
		l := onLocal(t, m, anHour)
		m.setFail("ZADD", errDown)
		allow(t, l, "a")
		time.Sleep(45 * time.Minute)
		require.Equal(t, 4, m.counts()["ZADD"])
		allow(t, l, "b")
		m.setFail("ZADD", nil)
		time.Sleep(10 * time.Minute)
		require.Equal(t, 5, m.counts()["ZADD"])
		require.Equal(t, 2, m.members(l.key(time.Now().UnixMicro()/l.bucket)))

		m.setFail("ZADD", errDown)
		allow(t, l, "a")
		time.Sleep(24 * time.Hour)
		require.Equal(t, 5+5, m.counts()["ZADD"], "what has left the window is not tried any more")
		require.NoError(t, l.Close(t.Context()))
	})
}

func TestCloseIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newBubbleModel()
		m.setDelay(time.Hour)
		l := onLocal(t, m, anHour)
		allow(t, l, "a")
		start := time.Now()
		require.ErrorIs(t, l.Restore(t.Context()), context.DeadlineExceeded)
		require.Equal(t, behindTimeout, time.Since(start))
		start = time.Now()
		require.ErrorIs(t, l.Close(t.Context()), context.DeadlineExceeded)
		require.Equal(t, behindTimeout, time.Since(start))
		require.True(t, allow(t, l, "b").Allowed)
		time.Sleep(time.Hour)
		require.Zero(t, m.counts()["ZADD"], "nothing is written after Close")
	})
}

func TestCloseEndsAFlushUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newBubbleModel()
		l := onLocal(t, m, anHour)
		allow(t, l, "a")
		m.setDelay(4 * time.Second)
		time.Sleep(10*time.Minute + time.Second) // the timed flush waits for its answer
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, l.Flush(short), context.DeadlineExceeded)
		m.setDelay(0)
		start := time.Now()
		require.NoError(t, l.Close(t.Context()))
		require.Zero(t, time.Since(start))
		require.Equal(t, 1, m.members(l.key(time.Now().UnixMicro()/l.bucket)))
	})
}

// TestMonthOfLocal counts the reference month's checks, with a start and a stop each day.
func TestMonthOfLocal(t *testing.T) {
	for _, tc := range []struct {
		name     string
		cfg      Config
		checks   int
		subjects int
		most     int
	}{
		{"24,000 API requests", Config{Limit: 100, Window: time.Minute}, 24_000, 200, 120},
		{"1,500 SMS", anHour, 1_500, 1_200, 1_350},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const month = 30 * 24 * time.Hour
				m := newBubbleModel()
				end := time.Now().Add(month)
				nextStop := time.Now().Add(24 * time.Hour)
				random := rand.New(rand.NewPCG(1, 2))
				l := onLocal(t, m, tc.cfg)
				require.NoError(t, l.Restore(t.Context()))
				for time.Now().Before(end) {
					time.Sleep(time.Duration(random.ExpFloat64() * float64(month) / float64(tc.checks)))
					allow(t, l, strconv.Itoa(random.IntN(tc.subjects)))
					if time.Now().After(nextStop) {
						l = restart(t, m, l, tc.cfg)
						nextStop = nextStop.Add(24 * time.Hour)
					}
				}
				require.NoError(t, l.Close(t.Context()))
				t.Logf("billed commands: %v", m.counts())
				require.LessOrEqual(t, m.total(), tc.most)
			})
		})
	}
}
