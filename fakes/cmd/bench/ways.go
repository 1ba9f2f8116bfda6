package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"tollgate/fakes/redisserver"
	"tollgate/fakes/upstash"
	"tollgate/fakes/upstash/engine"
)

// The ways to the Redis.
const (
	direct   = "redis-server"
	viaFake  = "the fake"
	viaToxic = "toxiproxy"
)

// way is a way to the Redis.
type way struct{ name, addr string }

// open opens all ways.
func open(ctx context.Context, server *redisserver.Server) (ways []way, closeAll func() error, err error) {
	remote, err := engine.NewRemote(ctx, engine.RemoteConfig{URL: server.URL()})
	if err != nil {
		return nil, nil, err
	}
	fake, err := upstash.Start(ctx, upstash.Config{RESPAddr: "127.0.0.1:0", Engine: remote})
	if err != nil {
		return nil, nil, errors.Join(err, remote.Close())
	}
	relay := toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(prometheus.NewRegistry()), zerolog.Nop()),
		"redis", "127.0.0.1:0", server.Addr())
	if err := relay.Start(); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("start toxiproxy: %w", err), fake.Close(), remote.Close())
	}
	closeAll = func() error {
		relay.Stop()
		return errors.Join(fake.Close(), remote.Close())
	}
	return []way{{direct, server.Addr()}, {viaFake, fake.RESPAddr()}, {viaToxic, relay.Listen}}, closeAll, nil
}
