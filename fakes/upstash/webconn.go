package upstash

import (
	"net"
	"sync"
	"time"
)

// webListener accepts connections whose deadlines cost little; see webConn.
type webListener struct{ net.Listener }

func (l webListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return newWebConn(conn), nil
}

// webConn is a connection of an HTTP server. Such a server sets four deadlines for
// each request, none of which is reached as a rule. Each would move a timer of the
// network poller's, which is a twentieth of what a small request takes altogether. So
// they are written down only, and a timer for each direction looks at them when the
// earliest of late is due.
type webConn struct {
	net.Conn
	reads, writes lazyDeadline
}

func newWebConn(conn net.Conn) *webConn {
	c := &webConn{Conn: conn}
	c.reads.set, c.writes.set = conn.SetReadDeadline, conn.SetWriteDeadline
	return c
}

// SetReadDeadline bounds reads; one in the past ends a read that waits.
func (c *webConn) SetReadDeadline(t time.Time) error { return c.reads.to(t) }

// SetWriteDeadline bounds writes likewise.
func (c *webConn) SetWriteDeadline(t time.Time) error { return c.writes.to(t) }

// SetDeadline sets both.
func (c *webConn) SetDeadline(t time.Time) error {
	if err := c.reads.to(t); err != nil {
		return err
	}
	return c.writes.to(t)
}

// SetLinger is that of a TCP connection; on others it does nothing.
func (c *webConn) SetLinger(seconds int) error {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		return tcp.SetLinger(seconds)
	}
	return nil
}

// CloseWrite closes the server's direction, where the connection has two: net/http
// does so before it hangs up on a client that may still send.
func (c *webConn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// Close closes the connection and stops its timers.
func (c *webConn) Close() error {
	c.reads.stop()
	c.writes.stop()
	return c.Conn.Close()
}

// lazyDeadline is a deadline that the connection learns of when it has passed.
type lazyDeadline struct {
	set func(time.Time) error // the connection's own

	mu      sync.Mutex
	due     time.Time // as it was set last; zero means never
	wake    time.Time // when the timer looks next; zero means that it does not
	timer   *time.Timer
	passed  bool // the connection knows
	stopped bool // the connection is closed
}

// to sets the deadline.
func (d *lazyDeadline) to(due time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stopped {
		return net.ErrClosed
	}
	d.due = due
	if !due.IsZero() && (d.wake.IsZero() || due.Before(d.wake)) {
		left := time.Until(due)
		if left <= 0 {
			d.passed = true
			return d.set(due)
		}
		d.lookIn(left)
	}
	if d.passed {
		d.passed = false
		return d.set(time.Time{})
	}
	return nil
}

// lookIn has the timer look after some time. mu is held.
func (d *lazyDeadline) lookIn(wait time.Duration) {
	d.wake = d.due
	if d.timer == nil {
		d.timer = time.AfterFunc(wait, d.look)
		return
	}
	d.timer.Reset(wait)
}

// look tells the connection if the deadline has passed, or comes back when it may
// have.
func (d *lazyDeadline) look() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wake = time.Time{}
	if d.stopped || d.passed || d.due.IsZero() {
		return
	}
	if left := time.Until(d.due); left > 0 {
		d.lookIn(left)
		return
	}
	d.passed = true
	_ = d.set(d.due) // fails only when it is closed, which who reads or writes notices
}

// stop forgets the deadline for good.
func (d *lazyDeadline) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stopped = true
	if d.timer != nil {
		d.timer.Stop()
	}
}
