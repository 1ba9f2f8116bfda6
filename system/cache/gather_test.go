package cache_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/system/cache"
)

// getAll reads keys at one moment and returns the errors in their order.
func getAll(ctx context.Context, c *cache.Cache, keys ...string) []error {
	errs := make([]error, len(keys))
	var wg sync.WaitGroup
	for i, key := range keys {
		wg.Go(func() {
			var value string
			_, errs[i] = c.Get(ctx, key, &value)
			if errs[i] == nil && value != "value of "+key {
				errs[i] = fmt.Errorf("%s has %q", key, value)
			}
		})
	}
	wg.Wait()
	return errs
}

func fill(store *memStore, n int) (keys []string) {
	for i := range n {
		key := fmt.Sprint("k", i)
		store.put(key, fmt.Sprintf("%q", "value of "+key))
		keys = append(keys, key)
	}
	return keys
}

func TestReadsOfOneMomentShareOneCommand(t *testing.T) {
	for _, tc := range []struct {
		name string
		keys int
		want []string
	}{
		{"one key", 1, []string{"GET"}},
		{"some keys", 7, []string{"MGET"}},
		{"a full batch", cache.MaxBatch, []string{"MGET"}},
		{"more than a batch", cache.MaxBatch + 1, []string{"MGET", "GET"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := newMemStore()
				keys := fill(store, tc.keys)
				c := newCache(t, lean(store))
				start := time.Now()
				for _, err := range getAll(t.Context(), c, append(keys, keys...)...) {
					require.NoError(t, err)
				}
				require.Equal(t, tc.want, store.commands())
				require.LessOrEqual(t, time.Since(start), cache.DefaultGather)
				require.EqualValues(t, 2*tc.keys, c.Stats().Hits)
			})
		})
	}
}

func TestReadsOfDifferentMomentsDoNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemStore()
		keys := fill(store, 2)
		c := newCache(t, lean(store))
		require.NoError(t, getAll(t.Context(), c, keys[0])[0])
		require.NoError(t, getAll(t.Context(), c, keys[1])[0])
		require.Equal(t, []string{"GET", "GET"}, store.commands())
	})
}

func TestWithoutGatheringEqualReadsStillShareOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemStore()
		keys := fill(store, 2)
		store.delay = time.Millisecond
		c := newCache(t, cache.Config{Store: store, Near: &cache.Near{}})
		for _, err := range getAll(t.Context(), c, keys[0], keys[0], keys[0], keys[1]) {
			require.NoError(t, err)
		}
		require.Equal(t, []string{"GET", "GET"}, store.commands())
	})
}

func TestErrorReachesWholeBatch(t *testing.T) {
	for name, breakStore := range map[string]func(*memStore){
		"store down":  func(s *memStore) { s.fail = errDown },
		"short reply": func(s *memStore) { s.short = true },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := newMemStore()
				keys := fill(store, 5)
				breakStore(store)
				c := newCache(t, lean(store))
				for i, err := range getAll(t.Context(), c, keys...) {
					var storeErr *cache.StoreError
					require.ErrorAs(t, err, &storeErr)
					require.Equal(t, keys[i], storeErr.Key)
				}
				require.EqualValues(t, 5, c.Stats().Errors)
			})
		})
	}
}

func TestOneCallersCancelDoesNotFailTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemStore()
		keys := fill(store, 1)
		store.delay = time.Second
		c := newCache(t, lean(store))
		short, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()

		var early, late error
		var wg sync.WaitGroup
		wg.Go(func() { early = getAll(short, c, keys...)[0] }) // leads the flight
		synctest.Wait()
		wg.Go(func() { late = getAll(t.Context(), c, keys...)[0] })
		wg.Wait()
		require.ErrorIs(t, early, context.DeadlineExceeded)
		require.NoError(t, late)
		require.Equal(t, []string{"GET"}, store.commands())
		require.Zero(t, c.Stats().Errors, "a caller that gives up is no error of the cache")
	})
}
