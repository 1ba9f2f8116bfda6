package ratelimit

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// border is the start of a bucket of 30 minutes.
var border = time.Unix(1_800_000_000, 0)

// TestABucketsFirstWindowCostsLittleMore: what a load costs must not depend on the minute it falls in.
func TestABucketsFirstWindowCostsLittleMore(t *testing.T) {
	for _, limit := range []int{100, 10 * maxPreviousEntries} {
		for _, start := range []time.Duration{-20 * time.Minute, -30 * time.Second, 0} {
			t.Run(fmt.Sprintf("limit %d from %s", limit, start), func(t *testing.T) {
				m := newModel()
				m.clock = border.Add(start)
				l := onLean(t, m, Config{Limit: limit, Window: time.Minute})
				for i := range 6000 { // a minute of 100 a second
					require.True(t, allow(t, l, fmt.Sprint("subject-", i%200)).Allowed)
					m.advance(10 * time.Millisecond)
				}
				require.LessOrEqual(t, m.total(), 2*6000+2+200+200, "two a check, an EXPIRE for each bucket, two seconds of counting, a look for each subject")
			})
		}
	}
}

func TestPreviousBucketIsReadOnce(t *testing.T) {
	m := newModel()
	m.clock = border.Add(-20 * time.Second)
	l := onLean(t, m, Config{Limit: 3, Window: time.Minute})
	require.Equal(t, 2, allow(t, l, "a").Remaining)
	m.advance(10 * time.Second)
	require.Equal(t, 1, allow(t, l, "a").Remaining)
	m.advance(15 * time.Second)
	require.Equal(t, 0, allow(t, l, "a").Remaining)
	require.Equal(t, 1, m.calls["ZRANGEBYLEX"])
	m.total()
	m.advance(36 * time.Second) // the first has left
	require.Equal(t, 0, allow(t, l, "a").Remaining)
	m.advance(10 * time.Second) // the second too
	require.Equal(t, 0, allow(t, l, "a").Remaining)
	require.Equal(t, map[string]int{"ZLEXCOUNT": 2, "ZADD": 2}, m.calls)
}

// TestLateEntriesOfOtherProcesses: a process whose clock is a second behind writes to a bucket that has ended here.
func TestLateEntriesOfOtherProcesses(t *testing.T) {
	m := newModel()
	behind := time.Second
	cfg := Config{Limit: 2, Window: time.Minute}
	here, there := onLean(t, m, cfg), onLean(t, m, cfg)
	there.now = func() time.Time { return m.now().Add(-behind) }

	m.clock = border.Add(500 * time.Millisecond)
	require.Equal(t, 1, allow(t, here, "a").Remaining)
	require.Equal(t, 1, allow(t, there, "a").Remaining, "it does not see what lies in a later bucket")
	require.False(t, allow(t, here, "a").Allowed)
}

func TestPreviousBucketIsAskedAgainAfterAStepBack(t *testing.T) {
	m := newModel()
	m.clock = border.Add(-50 * time.Second)
	l := onLean(t, m, Config{Limit: 2, Window: time.Minute})
	require.True(t, allow(t, l, "a").Allowed)
	m.clock = border.Add(30 * time.Second) // the entry has left
	require.True(t, allow(t, l, "a").Allowed)
	m.clock = border.Add(5 * time.Second) // and is back
	require.False(t, allow(t, l, "a").Allowed)
}

func TestBeyondWhatIsRememberedEveryCheckCounts(t *testing.T) {
	m := newModel()
	m.clock = border.Add(-20 * time.Second)
	l := onLean(t, m, Config{Limit: 1000, Window: time.Minute})
	for range 600 {
		allow(t, l, "a")
	}
	m.advance(30 * time.Second)
	m.total()
	for i := range 10 {
		require.Equal(t, 399-i, allow(t, l, "a").Remaining)
	}
	require.Equal(t, 1, m.calls["ZRANGEBYLEX"], "one look tells that there are too many")
	require.Equal(t, 2*10, m.calls["ZLEXCOUNT"], "both buckets, each time")
}

func TestMemoryOfThePreviousBucketIsCapped(t *testing.T) {
	m := newModel()
	m.clock = border.Add(5 * time.Second)
	l := onLean(t, m, Config{Limit: 10, Window: time.Minute, MaxDenials: 10})
	for i := range 50 {
		require.True(t, allow(t, l, fmt.Sprint("s", i)).Allowed)
	}
	require.Len(t, l.previous.looks, 10)
	m.advance(30 * time.Minute)
	allow(t, l, "s")
	require.Len(t, l.previous.looks, 1, "another bucket drops them")
}
