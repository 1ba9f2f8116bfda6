package benchthrift

import (
	"fmt"
	"net"
	"strconv"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"tollgate/system/tcpredis"
)

// plainClient makes a go-redis client as asynq makes its own, with the default pool, but with a quiet handshake, so that
// it is compared by what asynq sends.
func (p *process) plainClient() redis.UniversalClient {
	client := redis.NewClient(quiet(p.place))
	p.clients = append(p.clients, client)
	return client
}

// sharedClient makes the client of the service's shared worker set.
func (p *process) sharedClient() (redis.UniversalClient, error) {
	host, port, err := net.SplitHostPort(p.place.address)
	if err != nil {
		return nil, fmt.Errorf("the address of Redis: %w", err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return nil, fmt.Errorf("the port of Redis: %w", err)
	}
	cfg := tcpredis.Config{
		Host: host, Port: number, Component: "queues", DialContext: p.place.network.DialContext,
		PoolSize: p.variant.pool(), MaxConns: p.variant.conns(),
	}
	if p.variant.governed() {
		cfg.MaxRetries = -1 // the governor repeats what may be repeated
	}
	client, err := tcpredis.New(cfg)
	if err != nil {
		return nil, err
	}
	p.clients = append(p.clients, client)
	return client, nil
}

// quiet are options with which a connection sends nothing that is billed before its first command.
func quiet(at place) *redis.Options {
	return &redis.Options{
		Addr: at.address, Dialer: at.network.DialContext, Protocol: 2, DisableIdentity: true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
}
