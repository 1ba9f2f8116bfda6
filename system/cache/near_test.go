package cache_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/system/cache"
)

func get(t *testing.T, c *cache.Cache, key string) (value string, found bool) {
	t.Helper()
	found, err := c.Get(t.Context(), key, &value)
	require.NoError(t, err)
	return value, found
}

func TestNearAnswersWithoutCommandsUntilItsTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemStore()
		store.put("k", `"old"`)
		c := newCache(t, lean(store))
		for range 3 {
			value, found := get(t, c, "k")
			require.True(t, found)
			require.Equal(t, "old", value)
		}
		require.Equal(t, []string{"GET"}, store.commands())
		require.Equal(t, cache.Stats{Hits: 3, NearHits: 2}, c.Stats())

		store.put("k", `"new"`) // by another process
		time.Sleep(cache.DefaultNearTTL - 10*time.Millisecond)
		value, _ := get(t, c, "k")
		require.Equal(t, "old", value, "within the staleness bound")
		time.Sleep(20 * time.Millisecond)
		value, _ = get(t, c, "k")
		require.Equal(t, "new", value, "past the staleness bound")
	})
}

// A value is as old as the command that brought it: what a slow store takes to answer is part of the staleness bound.
func TestAgeCountsFromTheCommand(t *testing.T) {
	for _, tc := range []struct {
		name string
		fill func(t *testing.T, c *cache.Cache)
		ttl  time.Duration
	}{
		{"read", func(t *testing.T, c *cache.Cache) { get(t, c, "k") }, cache.DefaultNearTTL},
		{"set", func(t *testing.T, c *cache.Cache) { require.NoError(t, c.Set(t.Context(), "k", "old", 0)) }, cache.DefaultNearTTL},
		{"set with a time to live", func(t *testing.T, c *cache.Cache) {
			require.NoError(t, c.Set(t.Context(), "k", "old", 3*time.Second))
		}, 3 * time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := newMemStore()
				store.put("k", `"old"`)
				c := newCache(t, lean(store))
				store.setDelay(time.Second)
				sent := time.Now()
				tc.fill(t, c)
				store.setDelay(0)
				store.put("k", `"new"`) // by another process, just after the store took the command
				time.Sleep(tc.ttl - time.Since(sent) - 10*time.Millisecond)
				value, _ := get(t, c, "k")
				require.Equal(t, "old", value)
				time.Sleep(20 * time.Millisecond)
				value, _ = get(t, c, "k")
				require.Equal(t, "new", value)
			})
		})
	}
}

func TestMissIsRememberedShorter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemStore()
		c := newCache(t, lean(store))
		for range 3 {
			_, found := get(t, c, "k")
			require.False(t, found)
		}
		require.Equal(t, []string{"GET"}, store.commands())
		store.put("k", `"v"`)
		time.Sleep(cache.DefaultNearTTL/5 + time.Millisecond)
		_, found := get(t, c, "k")
		require.True(t, found)
		require.Equal(t, cache.Stats{Hits: 1, Misses: 3}, c.Stats())
	})
}

func TestOwnWritesAreSeenAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemStore()
		c := newCache(t, lean(store))
		ctx := t.Context()
		_, found := get(t, c, "k")
		require.False(t, found)

		require.NoError(t, c.Set(ctx, "k", "a", 2*time.Second))
		value, _ := get(t, c, "k")
		require.Equal(t, "a", value)
		require.Equal(t, []string{"GET", "SET"}, store.commands())

		require.NoError(t, c.Set(ctx, "k", "b", 2*time.Second))
		value, _ = get(t, c, "k")
		require.Equal(t, "b", value)
		time.Sleep(2 * time.Second)
		store.commands()
		get(t, c, "k")
		require.Equal(t, []string{"GET"}, store.commands(), "the value's own time to live bounds the near one")

		require.NoError(t, c.Del(ctx, "k"))
		_, found = get(t, c, "k")
		require.False(t, found)

		require.NoError(t, c.Set(ctx, "k", "c", 0))
		_, err := c.DeletePattern(ctx, "k*")
		require.NoError(t, err)
		_, found = get(t, c, "k")
		require.False(t, found)
	})
}

func TestFailedWriteIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemStore()
		c := newCache(t, lean(store))
		require.NoError(t, c.Set(t.Context(), "k", "old", 0))
		store.setFail(errDown)
		require.Error(t, c.Set(t.Context(), "k", "new", 0))
		store.setFail(nil)
		store.put("k", `"new"`) // the write had been done, only its reply was lost
		value, _ := get(t, c, "k")
		require.Equal(t, "new", value)
	})
}

func TestNearIsCappedAndKeepsTheRecent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemStore()
		c := newCache(t, cache.Config{Store: store, Near: &cache.Near{Size: 3, TTL: time.Hour}})
		for i := range 4 {
			if i > 0 {
				get(t, c, "k0") // stays recent
			}
			require.NoError(t, c.Set(t.Context(), fmt.Sprint("k", i), "v", 0))
		}
		store.commands()
		for _, key := range []string{"k0", "k2", "k3"} {
			get(t, c, key)
		}
		require.Empty(t, store.commands())
		get(t, c, "k1")
		require.Equal(t, []string{"GET"}, store.commands())
	})
}

func TestCallersDoNotShareMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemStore()
		c := newCache(t, lean(store))
		mine := []string{"a"}
		require.NoError(t, c.Set(t.Context(), "k", mine, 0))
		mine[0] = "changed"
		for range 2 {
			var got []string
			_, err := c.Get(t.Context(), "k", &got)
			require.NoError(t, err)
			require.Equal(t, []string{"a"}, got)
			got[0] = "changed too"
		}
	})
}

// TestRacedReadIsNotKept: a read is under way (its data already taken) while this process changes the key.
func TestRacedReadIsNotKept(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(t *testing.T, c *cache.Cache)
		want   string
		found  bool
	}{
		{"set", func(t *testing.T, c *cache.Cache) { require.NoError(t, c.Set(t.Context(), "k", "new", 0)) }, "new", true},
		{"del", func(t *testing.T, c *cache.Cache) { require.NoError(t, c.Del(t.Context(), "k")) }, "", false},
		{"delete pattern", func(t *testing.T, c *cache.Cache) {
			_, err := c.DeletePattern(t.Context(), "*")
			require.NoError(t, err)
		}, "", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := newMemStore()
				store.put("k", `"old"`)
				c := newCache(t, lean(store))
				store.setDelay(time.Second)
				read := make(chan string)
				go func() {
					var value string
					_, _ = c.Get(t.Context(), "k", &value)
					read <- value
				}()
				time.Sleep(700 * time.Millisecond) // the store took the old value and has not answered yet
				store.setDelay(0)
				tc.change(t, c)
				value, found := get(t, c, "k")
				require.Equal(t, tc.found, found, "a read begun after the change must not join the older one")
				require.Equal(t, tc.want, value)

				require.Equal(t, "old", <-read)
				value, found = get(t, c, "k")
				require.Equal(t, tc.found, found, "the older reply must not be kept")
				require.Equal(t, tc.want, value)
			})
		})
	}
}

// TestOverlappingWritesAreNotKept: of two writes of one key under way at once, nobody knows which the store ends up with.
func TestOverlappingWritesAreNotKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemStore()
		c := newCache(t, lean(store))
		store.setDelay(time.Second)
		ended := make(chan error)
		go func() { ended <- c.Set(t.Context(), "k", "slow", 0) }()
		time.Sleep(700 * time.Millisecond)
		store.setDelay(0)
		require.NoError(t, c.Set(t.Context(), "k", "quick", 0))
		require.NoError(t, <-ended)
		store.put("k", `"whatever won"`)
		value, _ := get(t, c, "k")
		require.Equal(t, "whatever won", value)
	})
}
