package ratelimit

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDenialsCostNothingUntilTheNextSlot(t *testing.T) {
	m := newModel()
	l := onLean(t, m, Config{Limit: 1, Window: 10 * time.Second})
	require.True(t, allow(t, l, "a").Allowed)
	m.advance(2 * time.Second)
	m.total()
	require.Equal(t, 8*time.Second, allow(t, l, "a").RetryAfter)
	require.Equal(t, 2, m.total(), "ZLEXCOUNT, ZRANGEBYLEX")
	m.advance(3 * time.Second)
	for range 100 {
		require.Equal(t, 5*time.Second, allow(t, l, "a").RetryAfter)
	}
	require.Zero(t, m.total())
}

func TestTwoProcessesShareTheLimit(t *testing.T) {
	m := newModel()
	cfg := Config{Limit: 3, Window: 10 * time.Second}
	one, two := onLean(t, m, cfg), onLean(t, m, cfg)
	for i, l := range []Limiter{one, two, one} {
		require.Equal(t, 2-i, allow(t, l, "a").Remaining)
	}
	require.False(t, allow(t, one, "a").Allowed)
	require.False(t, allow(t, two, "a").Allowed)
}

// TestExcessIsPaidBack: when the race between processes let in more than the limit, the next slot comes when enough have left,
// wherever the border between two buckets is.
func TestExcessIsPaidBack(t *testing.T) {
	for before := range 5 {
		t.Run(fmt.Sprintf("%d of 4 in the bucket before", before), func(t *testing.T) {
			m := newModel()
			m.clock = time.Unix(1_800_000_000-int64(before), 0) // a bucket begins at 1,800,000,000
			cfg := Config{Limit: 4, Window: 10 * time.Second, Bucket: 20 * time.Second}
			loose := onLean(t, m, cfg)
			for range 4 {
				require.True(t, allow(t, loose, "a").Allowed)
				m.advance(time.Second)
			}
			cfg.Limit = 2
			strict := onLean(t, m, cfg)
			for range 2 {
				require.Equal(t, 8*time.Second, allow(t, strict, "a").RetryAfter, "the third of the four must leave")
			}
		})
	}
}

func TestWaitingChecksLearnOfADenial(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newModel()
		m.delay = time.Millisecond
		l := onLean(t, m, Config{Limit: 3, Window: time.Hour})
		results := startChecks(t, l, 20, "a")
		for range 20 {
			<-results
		}
		require.Equal(t, map[string]int{"ZLEXCOUNT": 4, "ZADD": 3, "EXPIRE": 1, "ZRANGEBYLEX": 1}, m.calls)
	})
}

// TestNextSlotAcrossBuckets has the oldest entries in the previous bucket, in the current one, and in both.
func TestNextSlotAcrossBuckets(t *testing.T) {
	for before := range 4 {
		t.Run(fmt.Sprintf("%d of 3 before", before), func(t *testing.T) {
			m := newModel()
			m.clock = time.Unix(1_800_000_000, 0) // the start of a bucket of 20 s
			m.advance(-time.Duration(before)*time.Second + 500*time.Millisecond)
			l := onLean(t, m, Config{Limit: 3, Window: 10 * time.Second, Bucket: 20 * time.Second})
			first := m.clock
			for range 3 {
				require.True(t, allow(t, l, "a").Allowed)
				m.advance(time.Second)
			}
			require.Equal(t, first.Add(10*time.Second), m.clock.Add(allow(t, l, "a").RetryAfter))
			if before == 1 || before == 2 {
				require.Len(t, m.sets, 2)
			}
		})
	}
}

func TestBucketsExpireOnceEach(t *testing.T) {
	m := newModel()
	l := onLean(t, m, Config{Limit: 1000, Window: time.Second}) // buckets of 30 s
	for range 90 {
		allow(t, l, "a")
		m.advance(time.Second)
	}
	require.Equal(t, 4, m.calls["EXPIRE"], "90 s touch 4 buckets")
	require.Len(t, m.expires, len(m.sets), "no bucket lives for ever")
	for bucket := m.clock.Unix()/30 - 2; bucket <= (m.clock.Unix()-1)/30; bucket++ {
		at := m.expires[l.key(bucket)]
		require.GreaterOrEqual(t, at.Unix(), (bucket+1)*30+1, "the window reaches into a bucket until a second after its end")
		require.LessOrEqual(t, at.Unix(), (bucket+1)*30+1+60+30)
	}
}

func TestFailedExpireIsRepeated(t *testing.T) {
	m := newModel()
	l := onLean(t, m, Config{Limit: 1000, Window: time.Second})
	m.fail["EXPIRE"] = errDown
	require.True(t, allow(t, l, "a").Allowed, "the check was counted: its answer stands")
	m.advance(time.Minute) // another bucket
	require.True(t, allow(t, l, "a").Allowed)
	require.Empty(t, m.expires)
	delete(m.fail, "EXPIRE")
	require.True(t, allow(t, l, "a").Allowed)
	require.Len(t, m.expires, 2)
	m.total()
	allow(t, l, "a")
	require.Zero(t, m.calls["EXPIRE"])
}

func TestDenialStandsWhenItsEndCannotBeAsked(t *testing.T) {
	m := newModel()
	l := onLean(t, m, Config{Limit: 1, Window: 10 * time.Second})
	require.True(t, allow(t, l, "a").Allowed)
	m.advance(time.Second)
	m.fail["ZRANGEBYLEX"] = errDown
	require.Equal(t, 10*time.Second, allow(t, l, "a").RetryAfter, "the longest it can be")
	delete(m.fail, "ZRANGEBYLEX")
	require.Equal(t, 9*time.Second, allow(t, l, "a").RetryAfter, "the guess was not remembered")
}

func TestMemoryOfDenialsIsCapped(t *testing.T) {
	m := newModel()
	l := onLean(t, m, Config{Limit: 1, Window: time.Hour, MaxDenials: 10})
	for i := range 50 {
		subject := fmt.Sprint("s", i)
		require.True(t, allow(t, l, subject).Allowed)
		require.False(t, allow(t, l, subject).Allowed)
	}
	require.Len(t, l.denials.until, 10)
	require.Empty(t, l.turns.byKey)
}

func TestClockSteppingBack(t *testing.T) {
	for name, build := range makers {
		t.Run(name, func(t *testing.T) {
			m := newModel()
			l := build(t, m, Config{Limit: 2, Window: 10 * time.Second})
			require.True(t, allow(t, l, "a").Allowed)
			m.advance(-time.Second)
			require.Zero(t, allow(t, l, "a").Remaining, "an entry of the near future counts")
			require.False(t, allow(t, l, "a").Allowed)
			m.advance(20 * time.Second)
			require.True(t, allow(t, l, "a").Allowed)
		})
	}
	for _, name := range []string{"lean", "local"} {
		t.Run(name+" does not deny for an hour", func(t *testing.T) {
			m := newModel()
			l := makers[name](t, m, Config{Limit: 1, Window: 10 * time.Second})
			require.True(t, allow(t, l, "a").Allowed)
			require.False(t, allow(t, l, "a").Allowed)
			m.advance(-time.Hour)
			require.True(t, allow(t, l, "a").Allowed)
			require.False(t, allow(t, l, "a").Allowed)
		})
		t.Run(name+" before 1970", func(t *testing.T) {
			m := newModel()
			m.clock = time.Unix(-1000, 0)
			l := makers[name](t, m, Config{Limit: 1, Window: 10 * time.Second})
			require.True(t, allow(t, l, "a").Allowed)
			require.False(t, allow(t, l, "a").Allowed)
		})
	}
}

func TestKeys(t *testing.T) {
	m := newModel()
	allow(t, onClassic(t, m, Config{Limit: 1, Window: time.Minute}), "u 1")
	require.Contains(t, m.sets, "ratelimit:test:u%201")
	require.Equal(t, m.clock.Add(time.Minute), m.expires["ratelimit:test:u%201"])
	allow(t, onLean(t, m, Config{Limit: 1, Window: time.Minute}), "u 1")
	key := fmt.Sprintf("ratelimit-lean:test:1800000000:%d", m.clock.Unix()/1800)
	require.Contains(t, m.sets, key)
	require.Equal(t, m.clock.Add(32*time.Minute), m.expires[key], "bucket, window and slack")
}
