package ratelimit

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// makers makes each limiter on the clock of the model.
var makers = map[string]func(t require.TestingT, m *model, cfg Config) Limiter{
	"classic": func(t require.TestingT, m *model, cfg Config) Limiter { return onClassic(t, m, cfg) },
	"lean":    func(t require.TestingT, m *model, cfg Config) Limiter { return onLean(t, m, cfg) },
	"local":   func(t require.TestingT, m *model, cfg Config) Limiter { return onLocal(t, m, cfg) },
}

// asking are those that ask Redis at each check.
var asking = []string{"classic", "lean"}

func onClassic(t require.TestingT, m *model, cfg Config) *Classic {
	cfg.Store, cfg.Name = m, "test"
	l, err := NewClassic(cfg)
	require.NoError(t, err)
	l.now = m.now
	return l
}

func onLean(t require.TestingT, m *model, cfg Config) *Lean {
	cfg.Store, cfg.Name = m, "test"
	l, err := NewLean(cfg)
	require.NoError(t, err)
	l.now = m.now
	return l
}

func onLocal(t require.TestingT, m *model, cfg Config) *Local {
	cfg.Store, cfg.Name = m, "test"
	l, err := NewLocal(cfg)
	require.NoError(t, err)
	l.now = m.now
	return l
}

func allow(t *testing.T, l Limiter, subject string) Decision {
	t.Helper()
	d, err := l.Allow(t.Context(), subject)
	require.NoError(t, err)
	return d
}

func TestWindowSlides(t *testing.T) {
	const window = 10 * time.Second
	for name, build := range makers {
		t.Run(name, func(t *testing.T) {
			m := newModel()
			l := build(t, m, Config{Limit: 2, Window: window})

			require.Equal(t, Decision{Allowed: true, Limit: 2, Window: window, Remaining: 1}, allow(t, l, "a"))
			m.advance(4 * time.Second)
			require.Equal(t, Decision{Allowed: true, Limit: 2, Window: window, Remaining: 0}, allow(t, l, "a"))
			require.True(t, allow(t, l, "b").Allowed, "another subject has its own limit")
			m.advance(time.Second)
			d := allow(t, l, "a")
			require.False(t, d.Allowed)
			require.Zero(t, d.Remaining)
			if name == "classic" {
				require.Equal(t, window, d.RetryAfter, "not known")
			} else {
				require.Equal(t, 5*time.Second, d.RetryAfter, "when the first of the two leaves")
			}
			m.advance(5*time.Second - time.Microsecond)
			require.False(t, allow(t, l, "a").Allowed, "one microsecond early")
			m.advance(time.Microsecond)
			require.True(t, allow(t, l, "a").Allowed, "a denial is not counted")
			require.False(t, allow(t, l, "a").Allowed)
		})
	}
}

func TestStoreErrorsNameTheCommand(t *testing.T) {
	commands := map[string][]string{
		"classic": {"ZREMRANGEBYSCORE", "ZCARD", "ZADD", "EXPIRE"},
		"lean":    {"ZLEXCOUNT", "ZADD"},
	}
	for _, name := range asking {
		build := makers[name]
		for _, command := range commands[name] {
			t.Run(name+" "+command, func(t *testing.T) {
				m := newModel()
				m.fail[command] = errDown
				_, err := build(t, m, Config{Limit: 1, Window: time.Second}).Allow(t.Context(), "a")
				var storeErr *StoreError
				require.ErrorAs(t, err, &storeErr)
				require.Equal(t, command, storeErr.Op)
				require.ErrorIs(t, err, errDown)
				require.ErrorContains(t, err, command+` "ratelimit`)
			})
		}
	}
}

func TestChecksOfOneSubjectTakeTurns(t *testing.T) {
	for name, build := range makers {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newModel()
				m.delay = time.Millisecond
				l := build(t, m, Config{Limit: 3, Window: time.Hour})
				results := startChecks(t, l, 20, "a")
				allowed := 0
				for range 20 {
					if <-results {
						allowed++
					}
				}
				require.Equal(t, 3, allowed, "the check-then-add race does not exist inside a process")

				start := time.Now()
				b, c := startChecks(t, l, 1, "b"), startChecks(t, l, 1, "c")
				require.True(t, <-b)
				require.True(t, <-c)
				require.LessOrEqual(t, time.Since(start), 4*time.Millisecond, "different subjects do not wait for each other")
			})
		})
	}
}

func startChecks(t *testing.T, l Limiter, n int, subject string) <-chan bool {
	results := make(chan bool, n)
	for range n {
		go func() {
			d, err := l.Allow(t.Context(), subject)
			results <- d.Allowed && err == nil
		}()
	}
	return results
}

func TestWaitingForATurnObeysTheContext(t *testing.T) {
	for _, name := range asking {
		build := makers[name]
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newModel()
				m.delay = time.Minute
				l := build(t, m, Config{Limit: 3, Window: time.Hour})
				first := startChecks(t, l, 1, "a")
				synctest.Wait()
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				start := time.Now()
				_, err := l.Allow(ctx, "a")
				require.ErrorIs(t, err, ErrBusy)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.Equal(t, time.Second, time.Since(start))
				require.True(t, <-first)
				require.True(t, <-startChecks(t, l, 1, "a"), "the turn was handed on")
			})
		})
	}
}

func TestEmptySubject(t *testing.T) {
	for name, build := range makers {
		_, err := build(t, newModel(), Config{Limit: 1, Window: time.Second}).Allow(t.Context(), "")
		require.ErrorIs(t, err, ErrNoSubject, name)
	}
}

func TestConfigProblemsAreListedTogether(t *testing.T) {
	bad := Config{Name: "Bad Name", Window: time.Second, Bucket: time.Millisecond, MaxDenials: -1, FlushInterval: -1, MaxEntries: -1}
	_, classicErr := NewClassic(bad)
	_, leanErr := NewLean(bad)
	_, localErr := NewLocal(bad)
	for _, err := range []error{classicErr, leanErr, localErr} {
		for _, part := range []string{
			"Store is nil", `Name is "Bad Name"`, "Limit is 0", "Bucket is 1ms", "MaxDenials is -1", "FlushInterval is -1ns", "MaxEntries is -1",
		} {
			require.ErrorContains(t, err, part)
		}
	}
	require.ErrorContains(t, Config{Limit: 5, MaxEntries: 4}.Validate(), "MaxEntries is 4: give at least the limit, 5")
	require.ErrorContains(t, Config{Window: time.Microsecond}.Validate(), "Window is 1µs")
	require.ErrorContains(t, Config{Window: 1_000_000 * time.Hour}.Validate(), "Window is 1000000h0m0s: give at most")
}
