package memnet

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"syscall"
)

// backlog is how many connections may wait to be accepted.
const backlog = 128

type listener struct {
	mem    *Mem
	at     netip.AddrPort
	queue  chan *conn
	closed chan struct{}
	once   sync.Once
}

func newListener(m *Mem, at netip.AddrPort) *listener {
	return &listener{mem: m, at: at, queue: make(chan *conn, backlog), closed: make(chan struct{})}
}

func (l *listener) Addr() net.Addr { return tcpAddr(l.at) }

func (l *listener) Accept() (net.Conn, error) {
	select {
	case <-l.closed:
		return nil, l.closedError()
	default:
	}
	select {
	case c := <-l.queue:
		return c, nil
	case <-l.closed:
		return nil, l.closedError()
	}
}

// Close stops listening; connections that nobody accepted are closed.
func (l *listener) Close() error {
	err := l.closedError()
	l.once.Do(func() {
		err = nil
		l.mem.remove(l)
		close(l.closed)
		l.drop()
	})
	return err
}

// offer queues the server's end of a new connection.
func (l *listener) offer(ctx context.Context, c *conn) error {
	select {
	case l.queue <- c:
	case <-l.closed:
		return syscall.ECONNREFUSED
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-l.closed: // Close may have missed it
		l.drop()
	default:
	}
	return nil
}

func (l *listener) drop() {
	for {
		select {
		case c := <-l.queue:
			_ = c.Close() // never fails the first time
		default:
			return
		}
	}
}

func (l *listener) closedError() error {
	return &net.OpError{Op: "accept", Net: "tcp", Addr: l.Addr(), Err: net.ErrClosed}
}
