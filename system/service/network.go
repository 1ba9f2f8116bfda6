package service

import (
	"context"
	"net"
	"time"
)

// Network is what the service listens on and dials. Implementations must be
// safe for concurrent use.
type Network interface {
	Listen(ctx context.Context, network, address string) (net.Listener, error)
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// Settings of the operating system's network, as go-redis' own dialer has them:
// a peer that vanished is noticed within a minute.
const (
	dialTimeout       = 5 * time.Second
	keepAliveIdle     = 30 * time.Second
	keepAliveInterval = 5 * time.Second
	keepAliveCount    = 3
)

// systemNetwork is the operating system's network.
type systemNetwork struct {
	listener net.ListenConfig
	dialer   net.Dialer
}

func newSystemNetwork() *systemNetwork {
	return &systemNetwork{dialer: net.Dialer{
		Timeout: dialTimeout,
		KeepAliveConfig: net.KeepAliveConfig{
			Enable: true, Idle: keepAliveIdle, Interval: keepAliveInterval, Count: keepAliveCount,
		},
	}}
}

func (n *systemNetwork) Listen(ctx context.Context, network, address string) (net.Listener, error) {
	return n.listener.Listen(ctx, network, address)
}

func (n *systemNetwork) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return n.dialer.DialContext(ctx, network, address)
}
