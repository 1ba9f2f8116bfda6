package memnet

import (
	"context"
	"net"
	"time"
)

// Network is where servers listen and clients dial. Listen and DialContext fit
// what http.Transport.DialContext, redis.Options.Dialer and the like take.
type Network interface {
	// Listen opens a listener. A port of 0 picks a free one.
	Listen(ctx context.Context, network, address string) (net.Listener, error)
	// DialContext opens a connection to a listener.
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// Keep-alive of real TCP connections: a first probe after 30 s of silence, then
// each 5 s, given up after 3.
const (
	keepAliveIdle     = 30 * time.Second
	keepAliveInterval = 5 * time.Second
	keepAliveCount    = 3
)

type tcp struct {
	listen net.ListenConfig
	dial   net.Dialer
}

// TCP is the real network, with keep-alive on both ends. A dial is bounded by
// its context only.
func TCP() Network {
	keepAlive := net.KeepAliveConfig{
		Enable:   true,
		Idle:     keepAliveIdle,
		Interval: keepAliveInterval,
		Count:    keepAliveCount,
	}
	return &tcp{
		listen: net.ListenConfig{KeepAliveConfig: keepAlive},
		dial:   net.Dialer{KeepAliveConfig: keepAlive},
	}
}

func (t *tcp) Listen(ctx context.Context, network, address string) (net.Listener, error) {
	return t.listen.Listen(ctx, network, address)
}

func (t *tcp) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return t.dial.DialContext(ctx, network, address)
}
