package service

import (
	"context"
	"crypto/tls"
	"errors"

	"github.com/redis/go-redis/v9"

	"tollgate/system/cache"
	"tollgate/system/config"
	"tollgate/system/ratelimit"
	"tollgate/system/restredis"
	"tollgate/system/tcpredis"
)

// Components under which the connections and commands of the cache and the
// limiters are counted.
const (
	componentCache     = "cache"
	componentRateLimit = "ratelimit"
	componentSMS       = "sms"
)

// store is the key-value side of Redis as the cache and the limiters use it.
// restredis.Client and tcpredis.Store are the two implementations.
type store interface {
	cache.Store
	ratelimit.Store
}

// stores are how the key-value components reach Redis.
type stores struct {
	cache, rateLimit, sms store

	check         func(ctx context.Context) error // the credential check; opens fixed-size pools
	ping          func(ctx context.Context) error
	networkErrors func() int64
	close         func() error
}

// newStores opens the stage's transport. Nothing is dialled before check.
func newStores(cfg config.Config, deps Deps) (*stores, error) {
	if cfg.Plan().UsesREST() {
		return newRESTStores(cfg, deps)
	}
	return newTCPStores(cfg, deps)
}

// newRESTStores share one client, with one pool of HTTP connections.
func newRESTStores(cfg config.Config, deps Deps) (*stores, error) {
	client, err := restredis.New(restredis.Config{
		URL: cfg.REST.URL, Token: string(cfg.REST.Token), Component: componentCache,
		DialContext: deps.Network.DialContext, TLS: deps.TLS,
	})
	if err != nil {
		return nil, err
	}
	return &stores{
		cache: client, rateLimit: client.As(componentRateLimit), sms: client.As(componentSMS),
		check: client.Ping, ping: client.Ping, close: client.Close,
		networkErrors: func() int64 { return client.Stats().NetworkErrors },
	}, nil
}

// newTCPStores have a pool of connections each, all of them opened at start and
// kept.
func newTCPStores(cfg config.Config, deps Deps) (*stores, error) {
	pools := cfg.Plan().Pools
	var clients []*redis.Client
	closeAll := func() error {
		var errs []error
		for _, client := range clients {
			errs = append(errs, client.Close())
		}
		return errors.Join(errs...)
	}
	for _, pool := range []struct {
		component string
		size      int
	}{{componentCache, pools.Cache}, {componentRateLimit, pools.RateLimit}, {componentSMS, pools.SMS}} {
		c := tcpConfig(cfg, deps, pool.component, pool.size)
		c.MinIdleConns, c.MaxConns = pool.size, pool.size
		client, err := tcpredis.New(c)
		if err != nil {
			return nil, errors.Join(err, closeAll())
		}
		clients = append(clients, client)
	}
	cacheStore, rateLimitStore, smsStore := tcpredis.NewStore(clients[0]), tcpredis.NewStore(clients[1]), tcpredis.NewStore(clients[2])
	return &stores{
		cache: cacheStore, rateLimit: rateLimitStore, sms: smsStore,
		check: func(ctx context.Context) error {
			for _, client := range clients {
				if err := tcpredis.Warm(ctx, client); err != nil {
					return err
				}
			}
			return nil
		},
		ping: cacheStore.Ping, close: closeAll,
		networkErrors: func() int64 {
			return cacheStore.Stats().NetworkErrors + rateLimitStore.Stats().NetworkErrors + smsStore.Stats().NetworkErrors
		},
	}, nil
}

// tcpConfig describes one named connection pool.
func tcpConfig(cfg config.Config, deps Deps, component string, size int) tcpredis.Config {
	c := tcpredis.Config{
		Host: cfg.Redis.Host, Port: cfg.Redis.Port,
		Component: component, PoolSize: size,
		DialContext: deps.Network.DialContext, Logger: deps.Logger,
	}
	if cfg.Redis.Password != "" { // a local server may go without both
		c.Username, c.Password = cfg.Redis.Username, string(cfg.Redis.Password)
	}
	if cfg.Redis.TLS {
		c.TLS = deps.TLS
		if c.TLS == nil {
			c.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
		}
	}
	return c
}

// newCache makes the cache in the plan's form.
func newCache(cfg config.Config, s cache.Store) (*cache.Cache, error) {
	c := cache.Config{Store: s}
	if cfg.Plan().LeanCache {
		c.Gather = cfg.Cache.Gather
		if cfg.Cache.NearTTL > 0 {
			c.Near = &cache.Near{Size: cfg.Cache.NearSize, TTL: cfg.Cache.NearTTL, Sole: cfg.Plan().Sole}
		}
	}
	return cache.New(c)
}
