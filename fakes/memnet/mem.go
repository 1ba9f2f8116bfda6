package memnet

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"sync"
	"syscall"
)

const (
	firstPort = 32768 // of those picked for port 0
	lastPort  = 65535
)

// Mem is a network in memory. Make one with New; its methods are safe for
// concurrent use. In a synctest bubble, make it inside.
type Mem struct {
	mu        sync.Mutex
	closed    bool
	listeners map[netip.AddrPort]*listener
	conns     map[*conn]struct{} // dialling ends
	nextPort  uint16
}

var _ Network = (*Mem)(nil)

// New makes an empty network.
func New() *Mem {
	return &Mem{
		listeners: map[netip.AddrPort]*listener{},
		conns:     map[*conn]struct{}{},
		nextPort:  firstPort,
	}
}

// Listen opens a listener on a "tcp" address whose host is an IP literal,
// "localhost" or empty; a host that means any address is 127.0.0.1. An address in use is an *net.OpError with
// syscall.EADDRINUSE.
func (m *Mem) Listen(_ context.Context, network, address string) (net.Listener, error) {
	at, err := parse(network, address)
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Err: err}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, &net.OpError{Op: "listen", Net: network, Addr: tcpAddr(at), Err: net.ErrClosed}
	}
	if at.Port() == 0 {
		at, err = m.freePort(at.Addr())
	} else if m.listeners[at] != nil {
		err = syscall.EADDRINUSE
	}
	if err != nil {
		return nil, &net.OpError{Op: "listen", Net: network, Addr: tcpAddr(at), Err: err}
	}
	l := newListener(m, at)
	m.listeners[at] = l
	return l, nil
}

// DialContext connects to a listener. An address that nobody listens on is an
// *net.OpError with syscall.ECONNREFUSED. While the listener's backlog is full
// it waits, bounded by ctx.
func (m *Mem) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	at, err := parse(network, address)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	client, err := m.dial(ctx, at)
	if err != nil {
		return nil, &net.OpError{Op: "dial", Net: network, Addr: tcpAddr(at), Err: err}
	}
	return client, nil
}

func (m *Mem) dial(ctx context.Context, at netip.AddrPort) (*conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	l := m.listeners[at]
	if l == nil {
		m.mu.Unlock()
		return nil, syscall.ECONNREFUSED
	}
	client, server := pipe(tcpAddr(m.ephemeral(at.Addr())), tcpAddr(at), DefaultBuffer, DefaultBuffer)
	client.onClose = func() { m.forget(client) }
	m.conns[client] = struct{}{}
	m.mu.Unlock()

	if err := l.offer(ctx, server); err != nil {
		return nil, errors.Join(err, client.Close(), server.Close())
	}
	return client, nil
}

// Close closes every listener and every connection. Later dials are refused.
func (m *Mem) Close() error {
	m.mu.Lock()
	m.closed = true
	listeners, conns := m.listeners, m.conns
	m.listeners, m.conns = map[netip.AddrPort]*listener{}, map[*conn]struct{}{}
	m.mu.Unlock()
	for _, l := range listeners {
		_ = l.Close() // it may be closed already
	}
	for c := range conns {
		_ = c.Close() // likewise
	}
	return nil
}

func (m *Mem) forget(c *conn) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.conns, c)
}

func (m *Mem) remove(l *listener) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.listeners[l.at] == l {
		delete(m.listeners, l.at)
	}
}

func (m *Mem) freePort(host netip.Addr) (netip.AddrPort, error) {
	for range lastPort - firstPort + 1 {
		if at := m.ephemeral(host); m.listeners[at] == nil {
			return at, nil
		}
	}
	return netip.AddrPortFrom(host, 0), syscall.EADDRINUSE
}

// ephemeral hands out ports in turn.
func (m *Mem) ephemeral(host netip.Addr) netip.AddrPort {
	at := netip.AddrPortFrom(host, m.nextPort)
	if m.nextPort++; m.nextPort == 0 {
		m.nextPort = firstPort
	}
	return at
}

func parse(network, address string) (netip.AddrPort, error) {
	if network != "tcp" && network != "tcp4" {
		return netip.AddrPort{}, net.UnknownNetworkError(network)
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return netip.AddrPort{}, err
	}
	if host == "" || host == "localhost" {
		host = "127.0.0.1"
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return netip.AddrPort{}, &net.AddrError{Err: "not an IP literal (memnet resolves no names)", Addr: host}
	}
	if ip.IsUnspecified() {
		ip = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return netip.AddrPort{}, errors.Join(&net.AddrError{Err: "invalid port", Addr: address}, err)
	}
	return netip.AddrPortFrom(ip, uint16(number)), nil
}

func tcpAddr(at netip.AddrPort) *net.TCPAddr { return net.TCPAddrFromAddrPort(at) }
