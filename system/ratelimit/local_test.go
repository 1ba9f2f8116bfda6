package ratelimit

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// restart stops a limiter and starts the next on the same Redis.
func restart(t *testing.T, m *model, old *Local, cfg Config) *Local {
	t.Helper()
	require.NoError(t, old.Close(t.Context()))
	next := onLocal(t, m, cfg)
	require.NoError(t, next.Restore(t.Context()))
	return next
}

func TestLocalChecksCostNothing(t *testing.T) {
	m := newModel()
	l := onLocal(t, m, Config{Limit: 2, Window: time.Minute})
	for i := range 1000 {
		allow(t, l, fmt.Sprint("s", i%10))
		m.advance(10 * time.Millisecond)
	}
	require.Zero(t, m.total())
}

func TestLocalNeedsNoRedis(t *testing.T) {
	m := newModel()
	for _, command := range []string{"ZADD", "EXPIRE", "ZRANGEBYLEX"} {
		m.fail[command] = errDown
	}
	cfg := Config{Limit: 1, Window: time.Minute}
	l := onLocal(t, m, cfg)
	var storeErr *StoreError
	require.ErrorAs(t, l.Restore(t.Context()), &storeErr)
	require.Equal(t, "ZRANGEBYLEX", storeErr.Op)
	require.True(t, allow(t, l, "a").Allowed)
	require.ErrorAs(t, l.Flush(t.Context()), &storeErr)
	require.Equal(t, "ZADD", storeErr.Op)
	require.ErrorIs(t, storeErr, errDown)
	require.False(t, allow(t, l, "a").Allowed)
	require.ErrorIs(t, l.Close(t.Context()), errDown)
	require.False(t, allow(t, l, "a").Allowed, "also after Close")

	clear(m.fail)
	require.NoError(t, l.Close(t.Context()), "closing again writes what was left")
	require.False(t, allow(t, restart(t, m, l, cfg), "a").Allowed)
}

func TestFlushIsOneCommandForAllSubjects(t *testing.T) {
	m := newModel()
	m.clock = border.Add(-2 * time.Second)
	l := onLocal(t, m, Config{Limit: 5, Window: time.Minute})
	for i := range 20 {
		allow(t, l, fmt.Sprint("s", i%7))
	}
	require.NoError(t, l.Flush(t.Context()))
	require.Equal(t, map[string]int{"ZADD": 1, "EXPIRE": 1}, m.calls)
	require.Len(t, m.sets[l.key(border.UnixMicro()/l.bucket-1)].members, 20)
	m.total()

	require.NoError(t, l.Flush(t.Context()))
	require.Zero(t, m.total(), "nothing is new")

	allow(t, l, "s0")
	m.advance(2 * time.Second) // another bucket
	allow(t, l, "s0")
	require.NoError(t, l.Flush(t.Context()))
	require.Equal(t, 2, m.calls["ZADD"])
	require.Len(t, m.sets, 2)
	require.Len(t, m.expires, 2)
}

func TestOnlyTheWindowIsWritten(t *testing.T) {
	m := newModel()
	l := onLocal(t, m, Config{Limit: 5, Window: time.Minute})
	allow(t, l, "old")
	m.advance(time.Minute)
	require.NoError(t, l.Flush(t.Context()))
	require.Zero(t, m.total())
	allow(t, l, "new")
	require.NoError(t, l.Close(t.Context()))
	require.Len(t, m.sets, 1)
	for _, set := range m.sets {
		require.Len(t, set.members, 1)
	}
}

// lossy is a store whose ZADDs are carried out, and some of whose answers are lost.
type lossy struct {
	*model
	lose bool
}

func (s *lossy) ZAdd(ctx context.Context, key string, score float64, members ...string) (int64, error) {
	n, err := s.model.ZAdd(ctx, key, score, members...)
	if s.lose {
		return 0, errDown
	}
	return n, err
}

func TestARepeatedFlushCountsNothingTwice(t *testing.T) {
	m := newModel()
	store := &lossy{model: m, lose: true}
	l, err := NewLocal(Config{Store: store, Name: "test", Limit: 9, Window: time.Minute})
	require.NoError(t, err)
	l.now = m.now
	allow(t, l, "a")
	require.ErrorIs(t, l.Flush(t.Context()), errDown)
	allow(t, l, "a") // in the same microsecond
	store.lose = false
	require.NoError(t, l.Flush(t.Context()))
	require.Equal(t, 6, allow(t, onLean(t, m, Config{Limit: 9, Window: time.Minute}), "a").Remaining, "two entries and the check itself")
}

func TestLongLogsAreWrittenAndReadInParts(t *testing.T) {
	m := newModel()
	cfg := Config{Limit: 10_000, Window: time.Hour}
	l := onLocal(t, m, cfg)
	for range 6000 {
		allow(t, l, "a")
		allow(t, l, "b")
	}
	require.NoError(t, l.Flush(t.Context()))
	require.Equal(t, map[string]int{"ZADD": 3, "EXPIRE": 1}, m.calls)
	m.total()
	next := onLocal(t, m, cfg)
	require.NoError(t, next.Restore(t.Context()))
	require.Equal(t, map[string]int{"ZRANGEBYLEX": 3}, m.calls)
	require.Equal(t, 3999, allow(t, next, "a").Remaining)
	require.Equal(t, 3999, allow(t, next, "b").Remaining)
}

func TestRestoreIsBounded(t *testing.T) {
	m := newModel()
	lean := onLean(t, m, Config{Limit: 1, Window: time.Hour})
	members := make([]string, maxPages*maxMembers)
	for i := range members {
		members[i] = member(fmt.Sprintf("s%06d", i), m.clock.UnixMicro(), "x-1")
	}
	_, err := m.ZAdd(t.Context(), lean.key(m.clock.UnixMicro()/lean.bucket), 0, members...)
	require.NoError(t, err)
	m.total()

	l := onLocal(t, m, Config{Limit: 1, Window: time.Hour, MaxEntries: 10})
	require.ErrorContains(t, l.Restore(t.Context()), "holds more than 100000 entries")
	require.Equal(t, maxPages, m.total())
	require.Equal(t, 10, l.memory.entries.len())
}

func TestRestoreTakesWhatIsAnEntryOfTheWindow(t *testing.T) {
	m := newModel()
	cfg := Config{Limit: 10, Window: time.Minute}
	l := onLocal(t, m, cfg)
	key := l.key(m.clock.UnixMicro() / l.bucket)
	now := m.clock.UnixMicro()
	_, err := m.ZAdd(t.Context(), key, 0,
		"", "no member", "a\x00123\x00x-1", "a\x00"+strings.Repeat("x", 16)+"\x00x-1", "\x00"+stamp(now)+"\x00x-1",
		member("a", now-time.Minute.Microseconds(), "x-1"),   // has just left
		member("a", now-time.Minute.Microseconds()+1, "x-1"), // is the oldest
		member("a", now+time.Second.Microseconds(), "x-1"),   // by a clock that is ahead
		member("a", now, l.unique.next()),                    // is in memory already
	)
	require.NoError(t, err)
	require.NoError(t, l.Restore(t.Context()))
	require.Equal(t, 2, l.memory.entries.len())
	require.Equal(t, 7, allow(t, l, "a").Remaining)
	m.advance(time.Minute)
	require.Equal(t, 9, allow(t, l, "a").Remaining, "what came from the future left with the present")
}

func TestRestoreAfterTheFirstCheck(t *testing.T) {
	m := newModel()
	cfg := Config{Limit: 3, Window: 10 * time.Second}
	old := onLocal(t, m, cfg)
	allow(t, old, "a")
	require.NoError(t, old.Close(t.Context()))
	m.advance(time.Second)
	l := onLocal(t, m, cfg)
	require.Equal(t, 2, allow(t, l, "a").Remaining)
	m.advance(time.Second)
	require.NoError(t, l.Flush(t.Context()))
	require.NoError(t, l.Restore(t.Context()))
	require.Zero(t, allow(t, l, "a").Remaining)
	require.Equal(t, 8*time.Second, allow(t, l, "a").RetryAfter)
}

// TestRestoredExcessIsPaidBack: two processes that overlapped may have let in more than the limit.
func TestRestoredExcessIsPaidBack(t *testing.T) {
	m := newModel()
	loose := onLocal(t, m, Config{Limit: 4, Window: 10 * time.Second})
	for range 4 {
		require.True(t, allow(t, loose, "a").Allowed)
		m.advance(time.Second)
	}
	strict := restart(t, m, loose, Config{Limit: 2, Window: 10 * time.Second})
	require.Equal(t, 8*time.Second, allow(t, strict, "a").RetryAfter, "the third of the four must leave")
}

func TestTimeStandsStillWhileTheClockIsBehind(t *testing.T) {
	m := newModel()
	l := onLocal(t, m, Config{Limit: 2, Window: 10 * time.Second})
	allow(t, l, "a")
	m.advance(-5 * time.Second)
	allow(t, l, "a")
	require.Equal(t, 10*time.Second, allow(t, l, "a").RetryAfter, "never more than a window")
	m.advance(15 * time.Second)
	require.Equal(t, 1, allow(t, l, "a").Remaining)
}

func TestFullMemoryIsNoDecision(t *testing.T) {
	m := newModel()
	l := onLocal(t, m, Config{Limit: 2, Window: time.Minute, MaxEntries: 4})
	for _, subject := range []string{"a", "a", "b", "c"} {
		require.True(t, allow(t, l, subject).Allowed)
		m.advance(time.Second)
	}
	for _, subject := range []string{"b", "d"} {
		_, err := l.Allow(t.Context(), subject)
		require.ErrorIs(t, err, ErrFull)
	}
	require.False(t, allow(t, l, "a").Allowed, "who has used up the limit is denied all the same")
	m.advance(56 * time.Second) // the first entry leaves
	require.True(t, allow(t, l, "d").Allowed)
	_, err := l.Allow(t.Context(), "b")
	require.ErrorIs(t, err, ErrFull)
}

func TestLocalForgetsWhatLeftTheWindow(t *testing.T) {
	m := newModel()
	l := onLocal(t, m, Config{Limit: 10, Window: time.Second})
	for i := range 20_000 { // 100 at a time inside the window
		allow(t, l, fmt.Sprint("s", i))
		m.advance(10 * time.Millisecond)
	}
	require.Len(t, l.memory.subjects, 100)
	require.Equal(t, 100, l.memory.entries.len())
	require.LessOrEqual(t, cap(l.memory.entries.items), 4*100)
	for range 20_000 { // one subject that never falls silent
		allow(t, l, "s")
		m.advance(time.Second / 5)
	}
	require.LessOrEqual(t, cap(l.memory.subjects["s"].times.items), 4*10)
}

func TestLocalIsSafeForConcurrentUse(t *testing.T) {
	m := newModel()
	cfg := Config{Limit: 100, Window: time.Hour}
	l := onLocal(t, m, cfg)
	var wg sync.WaitGroup
	allowed := make([]int, 8)
	for i := range allowed {
		wg.Go(func() {
			for j := range 500 {
				if d, err := l.Allow(t.Context(), fmt.Sprint("s", j%10)); err == nil && d.Allowed {
					allowed[i]++
				}
				if j%50 == 0 {
					_ = l.Flush(t.Context())
				}
			}
		})
	}
	wg.Wait()
	sum := 0
	for _, n := range allowed {
		sum += n
	}
	require.Equal(t, 10*100, sum)
	next := restart(t, m, l, cfg)
	for i := range 10 {
		require.False(t, allow(t, next, fmt.Sprint("s", i)).Allowed)
	}
	require.Equal(t, 1000, next.memory.entries.len())
}
