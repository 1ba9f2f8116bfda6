package cache_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/system/cache"
)

func TestFetchReadsThrough(t *testing.T) {
	for _, tc := range []struct {
		name string
		cfg  func(cache.Store) cache.Config
		want []string
	}{
		{"plain", func(s cache.Store) cache.Config { return cache.Config{Store: s} }, []string{"GET", "SET", "GET"}},
		{"lean", lean, []string{"GET", "SET"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			store := newMemStore()
			c := newCache(t, tc.cfg(store))
			loads := 0
			for range 2 {
				got, err := cache.Fetch(t.Context(), c, "k", time.Minute, func(context.Context) (profile, error) {
					loads++
					return profile{"Ada", 36}, nil
				})
				require.NoError(t, err)
				require.Equal(t, profile{"Ada", 36}, got)
			}
			require.Equal(t, 1, loads)
			require.Equal(t, tc.want, store.commands())
			require.Equal(t, time.Minute, store.ttls["k"])
			require.EqualValues(t, 1, c.Stats().Sets)
		})
	}
}

func TestFetchPassesOverAFailingStore(t *testing.T) {
	for _, mode := range []struct {
		name string
		cfg  func(cache.Store) cache.Config
	}{
		{"plain", func(s cache.Store) cache.Config { return cache.Config{Store: s} }},
		{"lean", lean},
	} {
		t.Run(mode.name, func(t *testing.T) {
			store := newMemStore()
			c := newCache(t, mode.cfg(store))
			fetch := func() (int, error) {
				return cache.Fetch(t.Context(), c, "k", 0, func(context.Context) (int, error) { return 7, nil })
			}
			store.setFail(errDown)
			got, err := fetch()
			require.NoError(t, err)
			require.Equal(t, 7, got)
			require.Equal(t, []string{"GET"}, store.commands(), "nothing is written to a store that just failed")
			require.EqualValues(t, 1, c.Stats().Errors)

			store.setFail(nil)
			store.put("k", `"not a number"`)
			got, err = fetch()
			require.NoError(t, err)
			require.Equal(t, 7, got)
			require.Equal(t, []byte("7"), store.data["k"], "bytes that do not decode are replaced")
			require.EqualValues(t, 2, c.Stats().Errors)
		})
	}
}

func TestFetchReturnsLoadErrorsAndForgetsThem(t *testing.T) {
	errLoad := errors.New("no such account")
	for _, mode := range []struct {
		name string
		cfg  func(cache.Store) cache.Config
	}{
		{"plain", func(s cache.Store) cache.Config { return cache.Config{Store: s} }},
		{"lean", lean},
	} {
		t.Run(mode.name, func(t *testing.T) {
			c := newCache(t, mode.cfg(newMemStore()))
			for range 2 {
				_, err := cache.Fetch(t.Context(), c, "k", 0, func(context.Context) (int, error) { return 0, errLoad })
				require.ErrorIs(t, err, errLoad)
			}
			_, err := cache.Fetch(t.Context(), c, "c", 0, func(context.Context) (func(), error) { return func() {}, nil })
			require.ErrorIs(t, err, cache.ErrEncode)
		})
	}
}

func TestFetchSharesOneLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemStore()
		c := newCache(t, lean(store))
		var loads atomic.Int32
		load := func(ctx context.Context) ([]string, error) {
			loads.Add(1)
			return []string{"a"}, pause(ctx, time.Second)
		}
		short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := cache.Fetch(short, c, "k", 0, load) // leads, and gives up
			require.ErrorIs(t, err, context.DeadlineExceeded)
		})
		synctest.Wait()
		for range 10 {
			wg.Go(func() {
				got, err := cache.Fetch(t.Context(), c, "k", 0, load)
				require.NoError(t, err)
				require.Equal(t, []string{"a"}, got)
				got[0] = "mine" // each caller has its own copy
			})
		}
		wg.Wait()
		require.EqualValues(t, 1, loads.Load())
		require.Equal(t, []string{"GET", "SET"}, store.commands())
	})
}

func TestSharedLoadIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, lean(newMemStore()))
		start := time.Now()
		_, err := cache.Fetch(t.Context(), c, "k", 0, func(ctx context.Context) (int, error) { return 0, pause(ctx, time.Hour) })
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, cache.DefaultLoadTimeout+cache.DefaultGather, time.Since(start))
	})
}

func TestCloseEndsLoads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, lean(newMemStore()))
		ended := make(chan error, 1)
		go func() {
			_, err := cache.Fetch(t.Context(), c, "k", 0, func(ctx context.Context) (int, error) { return 0, pause(ctx, time.Hour) })
			ended <- err
		}()
		time.Sleep(time.Second)
		c.Close()
		require.ErrorIs(t, <-ended, context.Canceled)
	})
}

func TestPanicOfASharedLoadIsAnError(t *testing.T) {
	c := newCache(t, lean(newMemStore()))
	_, err := cache.Fetch(t.Context(), c, "k", 0, func(context.Context) (int, error) { panic("boom") })
	require.ErrorContains(t, err, `load of "k" panicked: boom`)
}

// TestLoadOvertakenByAWriteIsNotStored: the key changes while a load of the older data is under way.
func TestLoadOvertakenByAWriteIsNotStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemStore()
		c := newCache(t, lean(store))
		ended := make(chan int)
		load := func(value int, d time.Duration) func(context.Context) (int, error) {
			return func(ctx context.Context) (int, error) { return value, pause(ctx, d) }
		}
		go func() {
			got, _ := cache.Fetch(t.Context(), c, "k", 0, load(1, time.Second))
			ended <- got
		}()
		time.Sleep(500 * time.Millisecond)
		require.NoError(t, c.Del(t.Context(), "k"))
		got, err := cache.Fetch(t.Context(), c, "k", 0, load(2, 0))
		require.NoError(t, err)
		require.Equal(t, 2, got, "a Fetch begun after the deletion does not join the older load")
		require.Equal(t, 1, <-ended)
		require.Equal(t, []byte("2"), store.data["k"])
	})
}

// TestStoringOvertakenByAWriteIsUndone: the key changes while the store takes a loaded value.
func TestStoringOvertakenByAWriteIsUndone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemStore()
		c := newCache(t, lean(store))
		ended := make(chan error)
		go func() {
			_, err := cache.Fetch(t.Context(), c, "k", 0, func(context.Context) (string, error) {
				store.setDelay(time.Second) // the SET which follows is slow
				return "loaded", nil
			})
			ended <- err
		}()
		time.Sleep(700 * time.Millisecond) // the store has the loaded value and has not answered
		store.setDelay(0)
		require.NoError(t, c.Set(t.Context(), "k", "written", 0))
		require.NoError(t, <-ended)
		require.NotContains(t, store.data, "k")
		_, found := get(t, c, "k")
		require.False(t, found)
	})
}
