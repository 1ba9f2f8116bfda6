package tcpredis

import (
	"context"
	"fmt"
	"net"
	"sync"
	"syscall"
)

type dialFunc = func(ctx context.Context, network, addr string) (net.Conn, error)

// limited returns dial with at most limit of its connections open at a time;
// further dials wait until one is closed or their context ends.
func limited(dial dialFunc, limit int) dialFunc {
	open := make(chan struct{}, limit)
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		select {
		case open <- struct{}{}:
		case <-ctx.Done():
			return nil, fmt.Errorf("%d connections are open, which is MaxConns: %w", limit, ctx.Err())
		}
		conn, err := dial(ctx, network, addr)
		if err != nil {
			<-open
			return nil, err
		}
		counted := countedConn{Conn: conn, closed: sync.OnceFunc(func() { <-open })}
		if system, ok := conn.(syscall.Conn); ok {
			return systemConn{counted, system}, nil
		}
		return counted, nil
	}
}

// countedConn gives its place back when it is closed.
type countedConn struct {
	net.Conn
	closed func()
}

// Close closes the connection, then makes room for another.
func (c countedConn) Close() error {
	defer c.closed()
	return c.Conn.Close()
}

// systemConn is a countedConn of the operating system's: go-redis looks through
// syscall.Conn whether an idle connection still lives.
type systemConn struct {
	countedConn
	syscall.Conn
}
