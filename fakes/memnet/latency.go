package memnet

import (
	"context"
	"net"
	"os"
	"sync"
	"time"
)

// inFlight is how many bytes may be under way on a connection with latency. It
// bounds throughput to inFlight per round trip, as a TCP window does.
const inFlight = 4 << 20

// arrivalCost is what an arrival counts for besides its bytes, so that many
// small ones are bounded too.
const arrivalCost = 64

type delayed struct {
	Network
	rtt time.Duration
}

// WithLatency returns n with a round-trip time on each connection dialled
// through it: what the other side sends is read rtt later. What the dialling side
// sends arrives at once, so a request and its answer take rtt together, and a
// pipeline of requests takes rtt once. Dialling itself is not delayed. A rtt of 0
// or less returns n itself.
//
// Each such connection has one goroutine, which ends when the connection is
// closed by either side.
func WithLatency(n Network, rtt time.Duration) Network {
	if rtt <= 0 {
		return n
	}
	return &delayed{Network: n, rtt: rtt}
}

func (d *delayed) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := d.Network.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return delay(c, d.rtt), nil
}

// delayedConn releases what it reads rtt after it arrived.
type delayedConn struct {
	net.Conn
	rtt time.Duration

	mu      sync.Mutex
	changed sync.Cond
	queue   []arrival
	bytes   int
	closed  bool
	readBy  deadline
	due     deadline // of the first arrival
}

// arrival is what one read of the connection gave.
type arrival struct {
	due  time.Time
	data []byte
	err  error
}

func delay(c net.Conn, rtt time.Duration) *delayedConn {
	d := &delayedConn{Conn: c, rtt: rtt}
	d.changed.L = &d.mu
	d.readBy.cond = &d.changed
	d.due.cond = &d.changed
	go d.receive()
	return d
}

// receive takes bytes off the connection until it fails or is closed.
func (d *delayedConn) receive() {
	buf := make([]byte, 32<<10)
	for {
		n, err := d.Conn.Read(buf)
		if !d.arrived(append([]byte(nil), buf[:n]...), err) || err != nil {
			return
		}
	}
}

// arrived queues what came and waits while too much is under way; false means
// that nobody wants more.
func (d *delayedConn) arrived(data []byte, err error) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.queue = append(d.queue, arrival{due: time.Now().Add(d.rtt), data: data, err: err})
	d.bytes += len(data) + arrivalCost
	d.changed.Broadcast()
	for d.bytes >= inFlight && !d.closed {
		d.changed.Wait()
	}
	return !d.closed
}

func (d *delayedConn) Read(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for {
		switch {
		case d.closed:
			return 0, d.wrap(net.ErrClosed)
		case d.readBy.expired:
			return 0, d.wrap(os.ErrDeadlineExceeded)
		case len(p) == 0:
			return 0, nil
		case len(d.queue) > 0:
			if d.due.set(d.queue[0].due); d.due.expired {
				return d.take(p)
			}
		}
		d.changed.Wait()
	}
}

// take gives out the first arrival, which is due. An error stays queued: every
// later read fails with it.
func (d *delayedConn) take(p []byte) (int, error) {
	first := &d.queue[0]
	n := copy(p, first.data)
	first.data = first.data[n:]
	if d.bytes -= n; d.bytes < inFlight {
		d.changed.Broadcast()
	}
	if len(first.data) > 0 {
		return n, nil
	}
	if first.err != nil {
		if n > 0 {
			return n, nil
		}
		return 0, first.err
	}
	d.queue = d.queue[1:]
	d.bytes -= arrivalCost
	return n, nil
}

func (d *delayedConn) Close() error {
	d.mu.Lock()
	d.closed = true
	d.queue = nil
	d.readBy.stop()
	d.due.stop()
	d.changed.Broadcast()
	d.mu.Unlock()
	return d.Conn.Close()
}

func (d *delayedConn) SetDeadline(t time.Time) error {
	d.setReadDeadline(t)
	return d.SetWriteDeadline(t)
}

func (d *delayedConn) SetReadDeadline(t time.Time) error {
	d.setReadDeadline(t)
	return nil
}

func (d *delayedConn) setReadDeadline(t time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.closed {
		d.readBy.set(t)
	}
}

func (d *delayedConn) wrap(err error) error {
	return &net.OpError{Op: "read", Net: "tcp", Source: d.LocalAddr(), Addr: d.RemoteAddr(), Err: err}
}
