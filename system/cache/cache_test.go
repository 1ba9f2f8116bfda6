package cache_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/system/cache"
)

type profile struct {
	Name string `json:"name"`
	Age  int    `json:"age"`
}

func newCache(t *testing.T, cfg cache.Config) *cache.Cache {
	t.Helper()
	c, err := cache.New(cfg)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

// lean is the configuration of the lean mode, with its defaults.
func lean(store cache.Store) cache.Config {
	return cache.Config{Store: store, Near: &cache.Near{}, Gather: cache.DefaultGather}
}

func TestPlainModeIsOneCommandPerCall(t *testing.T) {
	store := newMemStore()
	c := newCache(t, cache.Config{Store: store, Prefix: "cache:"})
	ctx := t.Context()

	var got profile
	found, err := c.Get(ctx, "ada", &got)
	require.NoError(t, err)
	require.False(t, found)
	require.NoError(t, c.Set(ctx, "ada", profile{"Ada", 36}, time.Minute))
	for range 2 {
		found, err = c.Get(ctx, "ada", &got)
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, profile{"Ada", 36}, got)
	}
	require.NoError(t, c.Del(ctx, "ada"))
	require.NoError(t, c.Del(ctx))

	require.Equal(t, []string{"GET", "SET", "GET", "GET", "DEL"}, store.commands())
	require.Equal(t, time.Minute, store.ttls["cache:ada"])
	require.Equal(t, cache.Stats{Hits: 2, Misses: 1, Sets: 1}, c.Stats())
}

func TestErrorsAreTyped(t *testing.T) {
	for _, mode := range []struct {
		name string
		cfg  func(cache.Store) cache.Config
	}{
		{"plain", func(s cache.Store) cache.Config { return cache.Config{Store: s} }},
		{"lean", lean},
	} {
		t.Run(mode.name, func(t *testing.T) {
			store := newMemStore()
			store.fail = errDown
			c := newCache(t, mode.cfg(store))
			ctx := t.Context()
			var got profile

			_, getErr := c.Get(ctx, "k", &got)
			_, patternErr := c.DeletePattern(ctx, "k*")
			for op, err := range map[string]error{
				"get": getErr, "delete pattern": patternErr,
				"set": c.Set(ctx, "k", 1, 0), "del": c.Del(ctx, "k"),
			} {
				var storeErr *cache.StoreError
				require.ErrorAs(t, err, &storeErr, op)
				require.Equal(t, op, storeErr.Op)
				require.ErrorIs(t, err, errDown)
				require.ErrorContains(t, err, `"k`)
			}
			require.ErrorIs(t, c.Set(ctx, "k", make(chan int), 0), cache.ErrEncode)
			store.setFail(nil)
			store.put("bad", "{")
			_, err := c.Get(ctx, "bad", &got)
			require.ErrorIs(t, err, cache.ErrDecode)
			require.Equal(t, cache.Stats{Errors: 6}, c.Stats())
		})
	}
}

func TestClosedCacheSaysSo(t *testing.T) {
	c := newCache(t, lean(newMemStore()))
	c.Close()
	c.Close() // harmless
	ctx := t.Context()
	var v int
	_, err := c.Get(ctx, "k", &v)
	require.ErrorIs(t, err, cache.ErrClosed)
	require.ErrorIs(t, c.Set(ctx, "k", 1, 0), cache.ErrClosed)
	require.ErrorIs(t, c.Del(ctx, "k"), cache.ErrClosed)
	_, err = c.DeletePattern(ctx, "*")
	require.ErrorIs(t, err, cache.ErrClosed)
	_, err = cache.Fetch(ctx, c, "k", 0, func(context.Context) (int, error) { return 1, nil })
	require.ErrorIs(t, err, cache.ErrClosed)
}

func TestCloseEndsReadsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemStore()
		store.delay = time.Hour
		c := newCache(t, lean(store))
		ended := make(chan error, 1)
		go func() {
			var v int
			_, err := c.Get(t.Context(), "k", &v)
			ended <- err
		}()
		synctest.Wait()
		time.Sleep(10 * time.Millisecond)
		c.Close()
		require.ErrorIs(t, <-ended, context.Canceled)
	})
}

func TestStoreCommandsAreBounded(t *testing.T) {
	for _, mode := range []string{"plain", "lean"} {
		t.Run(mode, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := newMemStore()
				store.delay = time.Hour
				cfg := cache.Config{Store: store, Timeout: 3 * time.Second}
				if mode == "lean" {
					cfg.Gather = time.Millisecond
				}
				c := newCache(t, cfg)
				start := time.Now()
				var v int
				_, err := c.Get(t.Context(), "k", &v)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.InDelta(t, 3*time.Second, time.Since(start), float64(10*time.Millisecond))
				require.EqualValues(t, 1, c.Stats().Errors, "the caller did not give up: the store was slow")
			})
		})
	}
}

func TestConfigProblemsAreListedTogether(t *testing.T) {
	_, err := cache.New(cache.Config{Near: &cache.Near{Size: -1, Bytes: -1, TTL: -time.Second}, Gather: -1, Timeout: -1, LoadTimeout: -1})
	for _, part := range []string{"Store is nil", "Near.Size is -1", "Near.Bytes is -1", "Near.TTL is -1s", "Gather is -1ns", "Timeout is -1ns", "LoadTimeout is -1ns"} {
		require.ErrorContains(t, err, part)
	}
}
