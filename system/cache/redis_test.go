package cache_test

import (
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"tollgate/system/cache"
	"tollgate/system/tcpredis"
)

func newRedisStore(t *testing.T) (cache.Store, *miniredis.Miniredis) {
	t.Helper()
	server := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr()})
	t.Cleanup(func() { _ = client.Close() })
	return tcpredis.NewStore(client), server
}

func TestOverRedis(t *testing.T) {
	for _, mode := range []struct {
		name string
		cfg  func(cache.Store) cache.Config
	}{
		{"plain", func(s cache.Store) cache.Config { return cache.Config{Store: s, Prefix: "cache:"} }},
		{"lean", func(s cache.Store) cache.Config {
			cfg := lean(s)
			cfg.Prefix = "cache:"
			return cfg
		}},
	} {
		t.Run(mode.name, func(t *testing.T) {
			store, server := newRedisStore(t)
			c := newCache(t, mode.cfg(store))
			ctx := t.Context()
			require.NoError(t, c.Set(ctx, "k0", "value of k0", time.Minute))
			require.NoError(t, c.Set(ctx, "k1", "value of k1", 0))
			require.Equal(t, time.Minute, server.TTL("cache:k0"))
			require.Zero(t, server.TTL("cache:k1"))

			fresh := newCache(t, mode.cfg(store)) // nothing near yet
			for _, err := range getAll(ctx, fresh, "k0", "k1", "k0") {
				require.NoError(t, err)
			}
			var v string
			found, err := fresh.Get(ctx, "k2", &v)
			require.NoError(t, err)
			require.False(t, found)

			n, err := c.DeletePattern(ctx, "k*")
			require.NoError(t, err)
			require.EqualValues(t, 2, n)
			require.Empty(t, server.Keys())
		})
	}
}
