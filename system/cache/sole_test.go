package cache_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/system/cache"
)

// doubt is how long a cache that is alone goes without saying so.
const doubt = time.Minute

func sole(store cache.Store) cache.Config {
	cfg := lean(store)
	cfg.Near.Sole = true
	return cfg
}

// newSole is a cache that knows that it is alone, in a bubble.
func newSole(t *testing.T, store cache.Store, changes ...func(*cache.Config)) *cache.Cache {
	t.Helper()
	cfg := sole(store)
	for _, change := range changes {
		change(&cfg)
	}
	c := newCache(t, cfg)
	time.Sleep(doubt)
	return c
}

func TestSoleKnowsWhatItWrote(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemStore()
		c := newSole(t, store)
		require.NoError(t, c.Set(t.Context(), "k", "v", time.Hour))
		require.NoError(t, c.Set(t.Context(), "for ever", "v", 0))
		require.Equal(t, []string{"SET", "SET"}, store.commands(), "the store has it, too")

		time.Sleep(time.Hour - time.Millisecond)
		value, found := get(t, c, "k")
		require.True(t, found)
		require.Equal(t, "v", value)
		time.Sleep(time.Millisecond)
		for range 2 {
			_, found = get(t, c, "k")
			require.False(t, found, "its time to live is over")
		}
		time.Sleep(30 * 24 * time.Hour)
		_, found = get(t, c, "k")
		require.False(t, found)
		_, found = get(t, c, "for ever")
		require.True(t, found)
		require.Empty(t, store.commands())
		require.Equal(t, cache.Stats{Hits: 2, NearHits: 2, Misses: 3, Sets: 2}, c.Stats())
	})
}

func TestSoleKnowsWhatIsNotThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemStore()
		c := newSole(t, store)
		_, found := get(t, c, "never written")
		require.False(t, found)
		require.NoError(t, c.Set(t.Context(), "deleted", "v", 0))
		require.NoError(t, c.Del(t.Context(), "deleted", "too"))
		require.Equal(t, []string{"GET", "SET", "DEL"}, store.commands())

		time.Sleep(24 * time.Hour)
		for _, key := range []string{"never written", "deleted", "too"} {
			_, found := get(t, c, key)
			require.False(t, found)
		}
		require.Empty(t, store.commands())
		got, err := cache.Fetch(t.Context(), c, "deleted", time.Hour, func(context.Context) (string, error) { return "new", nil })
		require.NoError(t, err)
		require.Equal(t, "new", got)
		require.Equal(t, []string{"SET"}, store.commands())
		value, _ := get(t, c, "deleted")
		require.Equal(t, "new", value)
	})
}

// TestSoleAsksAgainForWhatItOnlyRead: an earlier process wrote it, with a time to live that nobody told.
func TestSoleAsksAgainForWhatItOnlyRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemStore()
		require.NoError(t, store.Set(t.Context(), "k", []byte(`"v"`), doubt+15*time.Second))
		c := newSole(t, store)
		store.commands()
		for range 10 {
			_, found := get(t, c, "k")
			require.True(t, found)
			time.Sleep(time.Second)
		}
		require.Equal(t, []string{"GET"}, store.commands())
		time.Sleep(5*time.Second + cache.DefaultNearTTL)
		_, found := get(t, c, "k")
		require.False(t, found)
	})
}

// TestOthersAreHeardOf: a cache that is not alone hears of other processes' writes, always; one that is, at its start, when the
// process before it may still write.
func TestOthersAreHeardOf(t *testing.T) {
	for _, tc := range []struct {
		name string
		cfg  func(cache.Store) cache.Config
		age  time.Duration
	}{
		{"lean", lean, 10 * doubt},
		{"sole, at its start", sole, doubt - time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := newMemStore()
				c := newCache(t, tc.cfg(store))
				time.Sleep(tc.age)
				require.NoError(t, c.Set(t.Context(), "set", "mine", time.Hour))
				require.NoError(t, c.Del(t.Context(), "deleted"))
				get(t, c, "missed")
				for _, key := range []string{"set", "deleted", "missed"} {
					store.put(key, `"theirs"`)
				}
				time.Sleep(cache.DefaultNearTTL)
				for _, key := range []string{"set", "deleted", "missed"} {
					value, _ := get(t, c, key)
					require.Equal(t, "theirs", value, key)
				}
			})
		})
	}
}

// TestSoleDoubtsAfterAFailure: a write that failed was not carried out, was, or will be a little later.
func TestSoleDoubtsAfterAFailure(t *testing.T) {
	fail := map[string]func(c *cache.Cache, ctx context.Context) error{
		"set": func(c *cache.Cache, ctx context.Context) error { return c.Set(ctx, "k", "new", time.Hour) },
		"del": func(c *cache.Cache, ctx context.Context) error { return c.Del(ctx, "k") },
		"delete pattern": func(c *cache.Cache, ctx context.Context) error {
			_, err := c.DeletePattern(ctx, "k*")
			return err
		},
	}
	for name, call := range fail {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := newMemStore()
				c := newSole(t, store)
				require.NoError(t, c.Set(t.Context(), "k", "old", time.Hour))
				require.NoError(t, c.Set(t.Context(), "other", "v", time.Hour))
				store.setFail(errDown)
				require.ErrorIs(t, call(c, t.Context()), errDown)
				store.setFail(nil)
				store.commands()
				value, _ := get(t, c, "k")
				require.Equal(t, "old", value, "it was not carried out")
				require.Equal(t, []string{"GET"}, store.commands())

				store.put("k", `"late"`)
				time.Sleep(cache.DefaultNearTTL)
				value, _ = get(t, c, "k")
				require.Equal(t, "late", value)
				require.NoError(t, c.Set(t.Context(), "k", "next", time.Hour))
				store.put("k", `"later still"`)
				time.Sleep(cache.DefaultNearTTL)
				value, _ = get(t, c, "k")
				require.Equal(t, "later still", value)

				time.Sleep(doubt)
				require.NoError(t, c.Set(t.Context(), "k", "sure", time.Hour))
				store.commands()
				time.Sleep(30 * time.Minute)
				get(t, c, "k")
				get(t, c, "other")
				require.Empty(t, store.commands(), "the doubt is over, and what was known before it stays known")
			})
		})
	}
}

// TestSoleOverlappingDeletionIsNotKept: of a write and a deletion under way at once, nobody knows which comes last.
func TestSoleOverlappingDeletionIsNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemStore()
		c := newSole(t, store)
		store.setDelay(time.Second)
		ended := make(chan error)
		go func() { ended <- c.Del(t.Context(), "k") }()
		time.Sleep(700 * time.Millisecond) // the store has deleted it and has not answered
		store.setDelay(0)
		require.NoError(t, c.Set(t.Context(), "k", "new", 0))
		require.NoError(t, <-ended)
		value, _ := get(t, c, "k")
		require.Equal(t, "new", value)
	})
}

func TestDeletePatternForgetsWhatItCanMatch(t *testing.T) {
	keys := []string{"a:1", "a:2", "ab", "b:1", "a*"}
	for _, tc := range []struct {
		pattern string
		kept    []string
	}{
		{"a:*", []string{"ab", "b:1", "a*"}},
		{"a:1", []string{"a:2", "ab", "b:1", "a*"}},
		{"a[:b]*", []string{"b:1"}},
		{"a?", []string{"b:1"}},
		{`a\*`, []string{"b:1"}},
		{"*", nil},
		{"", nil},
	} {
		t.Run(tc.pattern, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := newMemStore()
				c := newSole(t, store, func(c *cache.Config) { c.Prefix = "p:" })
				for _, key := range keys {
					require.NoError(t, c.Set(t.Context(), key, "v", 0))
				}
				_, err := c.DeletePattern(t.Context(), tc.pattern)
				require.NoError(t, err)
				var kept []string
				for _, key := range keys {
					store.commands()
					_, found := get(t, c, key)
					_, stored := store.peek("p:" + key)
					require.Equal(t, stored, found, key)
					if len(store.commands()) == 0 {
						kept = append(kept, key)
					}
				}
				require.Equal(t, tc.kept, kept)
			})
		})
	}
}

func TestNearIsBoundedInBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemStore()
		c := newSole(t, store, func(c *cache.Config) { c.Near.Bytes = 10_000 })
		near := func() (n int) {
			for i := range 20 {
				store.commands()
				if _, found := get(t, c, fmt.Sprint("k", i)); found && len(store.commands()) == 0 {
					n++
				}
			}
			return n
		}
		value := strings.Repeat("v", 1000)
		for i := range 20 {
			require.NoError(t, c.Set(t.Context(), fmt.Sprint("k", i), value, time.Second))
		}
		require.Equal(t, 0, near(), "reading the first ones drives out the last ones")
		for i := range 8 {
			require.NoError(t, c.Set(t.Context(), fmt.Sprint("k", i), value, time.Second))
		}
		for i := range 8 {
			store.commands()
			get(t, c, fmt.Sprint("k", i))
			require.Empty(t, store.commands(), "eight values of 1 kB with their keys fit")
		}

		require.NoError(t, c.Set(t.Context(), "large", strings.Repeat("v", 10_000), 0))
		store.commands()
		get(t, c, "large")
		require.Equal(t, []string{"GET"}, store.commands(), "a value larger than all is not kept")
		get(t, c, "k0")
		require.Empty(t, store.commands(), "and drives out nothing")

		time.Sleep(time.Second) // values have ended: what is known of them is small
		for i := range 40 {
			get(t, c, fmt.Sprint("k", i))
		}
		store.commands()
		for i := range 40 {
			get(t, c, fmt.Sprint("k", i))
		}
		require.Empty(t, store.commands())
	})
}

// TestSoleAnswersAsTheStore: whatever one process does, stops, failed writes and tiny memories included, a read answers what the
// store holds. Only what it merely read may be answered for Near.TTL after its end.
func TestSoleAnswersAsTheStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(struct{ testing.TB }{t}, func(r *rapid.T) {
			store := &halfFailing{memStore: newMemStore()}
			cfg := sole(store)
			cfg.Prefix = "p:"
			cfg.Near.Size = rapid.IntRange(1, 6).Draw(r, "size")
			cfg.Near.Bytes = rapid.IntRange(1, 2000).Draw(r, "bytes")
			c, err := cache.New(cfg)
			require.NoError(r, err)
			defer func() { c.Close() }()
			key := rapid.SampledFrom([]string{"a", "b", "c", "ba", "bb"})
			ctx := t.Context()
			r.Repeat(map[string]func(*rapid.T){
				"set": func(r *rapid.T) {
					store.next = rapid.SampledFrom([]outcome{done, done, done, lost, refused}).Draw(r, "outcome")
					ttl := time.Duration(rapid.IntRange(0, 120).Draw(r, "seconds")) * time.Second
					err := c.Set(ctx, key.Draw(r, "key"), rapid.Int().Draw(r, "value"), ttl)
					require.Equal(r, store.next != done, err != nil)
				},
				"del": func(r *rapid.T) {
					store.next = rapid.SampledFrom([]outcome{done, done, done, lost, refused}).Draw(r, "outcome")
					err := c.Del(ctx, key.Draw(r, "key"), key.Draw(r, "key"))
					require.Equal(r, store.next != done, err != nil)
				},
				"delete pattern": func(r *rapid.T) {
					store.next = rapid.SampledFrom([]outcome{done, lost, refused}).Draw(r, "outcome")
					_, err := c.DeletePattern(ctx, rapid.SampledFrom([]string{"*", "b*", "b?", "[ab]", "c"}).Draw(r, "pattern"))
					require.Equal(r, store.next != done, err != nil)
				},
				"get": func(r *rapid.T) {
					k, got := key.Draw(r, "key"), 0
					found, err := c.Get(ctx, k, &got)
					require.NoError(r, err)
					want, wantFound := store.peek("p:" + k)
					if !wantFound && found && store.endedWithin("p:"+k, cache.DefaultNearTTL, fmt.Sprint(got)) {
						return
					}
					require.Equal(r, wantFound, found, k)
					if found {
						require.Equal(r, want, fmt.Sprint(got), k)
					}
				},
				"restart": func(r *rapid.T) {
					c.Close()
					c, err = cache.New(cfg)
					require.NoError(r, err)
				},
				"wait": func(r *rapid.T) {
					time.Sleep(time.Duration(rapid.IntRange(1, 90_000).Draw(r, "ms")) * time.Millisecond)
				},
			})
		})
	})
}

// outcome is what becomes of a write: carried out and answered, carried out without an answer, or not carried out.
type outcome int

const (
	done outcome = iota
	lost
	refused
)

// halfFailing is a memStore whose next write ends as is said, and which remembers the last value of keys that expired.
type halfFailing struct {
	*memStore
	next outcome
	last map[string]lastValue
}

type lastValue struct {
	raw  string
	ends time.Time
}

func (s *halfFailing) end(do func() error) error {
	if s.next == refused {
		return errDown
	}
	if err := do(); err != nil || s.next == done {
		return err
	}
	return errDown
}

func (s *halfFailing) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return s.end(func() error {
		if s.last == nil {
			s.last = map[string]lastValue{}
		}
		s.last[key] = lastValue{raw: string(value), ends: time.Now().Add(ttl)}
		return s.memStore.Set(ctx, key, value, ttl)
	})
}

func (s *halfFailing) Del(ctx context.Context, keys ...string) (n int64, err error) {
	err = s.end(func() (err error) {
		for _, key := range keys {
			delete(s.last, key)
		}
		n, err = s.memStore.Del(ctx, keys...)
		return err
	})
	return n, err
}

func (s *halfFailing) DeletePattern(ctx context.Context, pattern string) (n int64, err error) {
	err = s.end(func() (err error) {
		n, err = s.memStore.DeletePattern(ctx, pattern)
		for key := range s.last {
			if _, found := s.peek(key); !found && time.Now().Before(s.last[key].ends) {
				delete(s.last, key)
			}
		}
		return err
	})
	return n, err
}

// endedWithin reports whether the value was the key's last, and expired not longer ago than that.
func (s *halfFailing) endedWithin(key string, d time.Duration, raw string) bool {
	last, ok := s.last[key]
	return ok && last.raw == raw && time.Since(last.ends) < d
}

// TestMonth counts the cache traffic of the reference month: 600 keys of which the n-th is drawn with weight 1/n.
func TestMonth(t *testing.T) {
	for _, tc := range []struct {
		name  string
		cfg   func(cache.Store) cache.Config
		days  int // between starts
		reads int // at most
	}{
		{"lean", lean, 30, 60_000},
		{"sole, one process", sole, 30, 600},
		{"sole, a start each day", sole, 1, 11_000},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const operations = 60_000 + 20_000 + 4_000
				store := newMemStore()
				random := rand.New(rand.NewPCG(1, 2))
				key := harmonic(random, 600)
				reads := 0
				for range 30 / tc.days {
					c := newCache(t, tc.cfg(store))
					for range operations * tc.days / 30 {
						time.Sleep(time.Duration(random.ExpFloat64() * float64(30*24*time.Hour) / operations))
						switch n := random.IntN(84); {
						case n < 60:
							get(t, c, key())
						case n < 80:
							require.NoError(t, c.Set(t.Context(), key(), "value", time.Hour))
						default:
							require.NoError(t, c.Del(t.Context(), key()))
						}
						for _, command := range store.commands() {
							if command == "GET" || command == "MGET" {
								reads++
							}
						}
					}
					c.Close()
				}
				t.Logf("%d billed reads, beside 24,000 writes and deletes", reads)
				require.LessOrEqual(t, reads, tc.reads)
			})
		})
	}
}

// harmonic draws one of n keys, the i-th with weight 1/i.
func harmonic(random *rand.Rand, n int) func() string {
	sums := make([]float64, n)
	sum := 0.0
	for i := range sums {
		sum += 1 / float64(i+1)
		sums[i] = sum
	}
	return func() string {
		at := random.Float64() * sum
		for i, s := range sums {
			if at < s {
				return fmt.Sprint("k", i)
			}
		}
		return "k0"
	}
}
