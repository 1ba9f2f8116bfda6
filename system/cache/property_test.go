package cache_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/system/cache"
)

// TestLeanAnswersAsAMapDoes: for one process, the lean cache is indistinguishable from a map, whatever the order of calls.
func TestLeanAnswersAsAMapDoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// The wrapper hides testing.T's Deadline, which a bubble forbids.
		rapid.Check(struct{ testing.TB }{t}, func(r *rapid.T) {
			store := newMemStore()
			c, err := cache.New(cache.Config{
				Store: store, Prefix: "p:", Gather: time.Millisecond,
				Near: &cache.Near{Size: rapid.IntRange(1, 4).Draw(r, "size")},
			})
			require.NoError(r, err)
			defer c.Close()
			model := map[string]int{}
			key := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"})
			ctx := t.Context()
			r.Repeat(map[string]func(*rapid.T){
				"set": func(r *rapid.T) {
					k, v := key.Draw(r, "key"), rapid.Int().Draw(r, "value")
					require.NoError(r, c.Set(ctx, k, v, 0))
					model[k] = v
				},
				"del": func(r *rapid.T) {
					k := key.Draw(r, "key")
					require.NoError(r, c.Del(ctx, k))
					delete(model, k)
				},
				"delete pattern": func(r *rapid.T) {
					_, err := c.DeletePattern(ctx, "*")
					require.NoError(r, err)
					clear(model)
				},
				"get": func(r *rapid.T) {
					k, got := key.Draw(r, "key"), 0
					found, err := c.Get(ctx, k, &got)
					require.NoError(r, err)
					want, wantFound := model[k]
					require.Equal(r, wantFound, found)
					require.Equal(r, want, got)
				},
				"fetch": func(r *rapid.T) {
					k, v := key.Draw(r, "key"), rapid.Int().Draw(r, "value")
					got, err := cache.Fetch(ctx, c, k, 0, func(_ context.Context) (int, error) { return v, nil })
					require.NoError(r, err)
					if _, ok := model[k]; !ok {
						model[k] = v
					}
					require.Equal(r, model[k], got)
				},
				"wait": func(r *rapid.T) {
					time.Sleep(time.Duration(rapid.IntRange(1, 6000).Draw(r, "ms")) * time.Millisecond)
				},
			})
		})
	})
}
