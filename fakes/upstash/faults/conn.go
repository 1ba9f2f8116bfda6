package faults

import (
	"crypto/tls"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// lingerTimeout is how long what was sent before Close may take to arrive.
const lingerTimeout = 30 * time.Second

// past is a deadline that ends a read at once.
var past = time.Unix(1, 0)

// Conn is a client's TCP connection that faults may act on. While none does, reads
// and writes go straight to it, for the price of an atomic load. Deadlines work as
// ever. One goroutine reads at a time.
type Conn struct {
	net.Conn // the connection itself
	registry *Registry
	id       uint64
	door     string

	up        atomic.Pointer[inlet]  // nil: straight
	down      atomic.Pointer[outlet] // nil: straight
	rest      []byte                 // only the reader: read, but not given out yet
	readBy    deadline               // of reads that are not straight
	writeBy   deadline
	component atomic.Pointer[string] // as last seen; nil before that
	closed    chan struct{}          // closed by Close
	closeOnce sync.Once
	cutOnce   sync.Once

	mu       sync.Mutex
	owner    func() string // may be nil
	gone     bool          // cut
	decided  map[*active]bool
	upBy     []*active // who acts on each direction
	downBy   []*active
	nextUp   *inlet // what takes up's place, once that is retired and read empty
	nextDown *outlet
	readAt   time.Time // the deadlines as last set
	writeAt  time.Time
	linger   *time.Timer
}

// wrap makes a connection one that faults may act on, and has those do so that are
// on. It may be reset when it comes back.
func (r *Registry) wrap(conn net.Conn, door string) *Conn {
	c := &Conn{Conn: conn, registry: r, door: door, closed: make(chan struct{})}
	r.mu.Lock()
	r.lastID++
	c.id = r.lastID
	closed, reset := r.closed, false
	if !closed {
		r.conns[c.id] = c
		reset = c.apply(r.current())
	}
	r.mu.Unlock()
	switch {
	case closed:
		c.Abort()
	case reset:
		c.Reset()
	}
	return c
}

// ConnOf finds the Conn under a connection, through TLS; nil if there is none.
func ConnOf(conn net.Conn) *Conn {
	if secure, ok := conn.(*tls.Conn); ok {
		conn = secure.NetConn()
	}
	c, _ := conn.(*Conn)
	return c
}

// Door is where the connection came in.
func (c *Conn) Door() string { return c.door }

// Own says how to learn the connection's component. f must be safe for concurrent
// use and quick.
func (c *Conn) Own(f func() string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.owner = f
}

// Read reads what the client sent and faults let through.
func (c *Conn) Read(p []byte) (int, error) {
	if c.up.Load() != nil {
		return c.readThrough(p)
	}
	n, err := c.Conn.Read(p)
	if c.up.Load() != nil || err != nil {
		return c.rethink(p, n, err)
	}
	return n, nil
}

// Write sends to the client what faults let through. While one acts, it returns
// before the bytes are sent, and a later Write may return why they were not.
func (c *Conn) Write(p []byte) (int, error) {
	if c.down.Load() == nil {
		return c.Conn.Write(p)
	}
	return c.writeThrough(p)
}

// Straight says whether writes go straight to the connection now.
func (c *Conn) Straight() bool { return c.down.Load() == nil }

// SetDeadline sets both deadlines.
func (c *Conn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// SetReadDeadline bounds reads.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.readAt = t
	in := c.up.Load()
	if in != nil {
		c.readBy.set(t)
	}
	if in != nil && in.given { // the connection is the pump's
		return nil
	}
	return c.Conn.SetReadDeadline(t)
}

// SetWriteDeadline bounds writes.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writeAt = t
	if c.down.Load() != nil {
		c.writeBy.set(t)
		return nil
	}
	return c.Conn.SetWriteDeadline(t)
}

// Close ends the connection. What was written before still arrives, as far as
// faults let it, within 30 seconds.
func (c *Conn) Close() error {
	err := net.ErrClosed
	c.closeOnce.Do(func() {
		err = nil
		close(c.closed)
		if !c.lingers() {
			err = c.cut()
		}
	})
	return err
}

// Abort ends the connection at once. What is under way is lost.
func (c *Conn) Abort() {
	c.closeOnce.Do(func() { close(c.closed) })
	_ = c.cut() // the client is to be rid of it, however that goes
}

// Reset is Abort, and over real TCP the client sees a reset.
func (c *Conn) Reset() {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // or it is closed without a reset
	}
	c.Abort()
}

// cut closes the connection itself and ends all goroutines that work for it.
func (c *Conn) cut() error {
	var err error
	c.cutOnce.Do(func() {
		err = c.Conn.Close()
		c.registry.forget(c)
		c.mu.Lock()
		c.gone = true
		up, down := []*inlet{c.up.Load(), c.nextUp}, []*outlet{c.down.Load(), c.nextDown}
		if c.linger != nil {
			c.linger.Stop()
		}
		c.readBy.stop()
		c.writeBy.stop()
		c.mu.Unlock()
		for _, in := range up {
			in.retire()
		}
		for _, out := range down {
			out.retire()
		}
	})
	return err
}

func (r *Registry) forget(c *Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.conns, c.id)
}

func (c *Conn) String() string { return fmt.Sprintf("connection %d at %s", c.id, c.door) }
