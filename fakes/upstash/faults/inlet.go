package faults

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"time"

	"github.com/Shopify/toxiproxy/v2/toxics"
)

// inlet is the way from a client to the server while faults act on it. Its pump
// reads the connection; the server's Read takes what comes out.
type inlet struct {
	*path
	given   bool          // under Conn.mu: the connection is the pump's to read
	handed  chan []byte   // has room for one: what the reader had read when it gave it
	stopped chan struct{} // closed when the pump has let go of the connection
	left    []byte        // read, but not sent; before stopped
	err     error         // why the pump stopped by itself; before stopped
}

func (c *Conn) newInlet(chain []toxics.Toxic) *inlet {
	in := &inlet{path: newPath(chain), handed: make(chan []byte, 1), stopped: make(chan struct{})}
	c.registry.wg.Go(func() { in.pump(c.Conn) })
	return in
}

// pump sends what it reads, until the inlet is retired or the connection ends.
func (in *inlet) pump(conn net.Conn) {
	defer close(in.stopped)
	var data []byte
	select {
	case data = <-in.handed:
	case <-in.retired:
		return
	}
	buf := make([]byte, chunkBytes)
	var err error
	for {
		if len(data) > 0 && in.send(data, nil, nil) != nil {
			in.left = data
			return
		}
		if in.isRetired() {
			return
		}
		if err != nil {
			in.err = err
			in.finish()
			return
		}
		var n int
		n, err = conn.Read(buf)
		data = bytes.Clone(buf[:n])
	}
}

// retire ends the inlet; the pump must be able to end, so the connection has
// a deadline that has passed, or is closed. A nil inlet has ended.
func (in *inlet) retire() {
	if in == nil {
		return
	}
	in.path.retire()
	<-in.stopped
}

// takeRemains takes out all that a retired inlet has read and not given out.
func (in *inlet) takeRemains() []byte {
	<-in.stopped
	<-in.drained
	remains := append(in.residue, in.left...)
	in.residue, in.left = nil, nil
	return remains
}

// setUp makes next the way up, nil for straight; mu is held.
func (c *Conn) setUp(next *inlet) {
	switch in := c.up.Load(); {
	case in == nil:
		c.readBy.set(c.readAt)
		c.up.Store(next)
		return
	case in.isRetired(): // and the reader has not noticed
		c.nextUp.retire()
	default:
		in.abandon() // before the pump is stopped, whose end would otherwise be the stream's
		if in.given {
			_ = c.Conn.SetReadDeadline(past) // fails only when it is closed, which ends the pump too
		}
		in.retire()
	}
	c.nextUp = next
}

// rethink finds out what a straight read means: faults may have come, or Close.
func (c *Conn) rethink(p []byte, n int, err error) (int, error) {
	if isClosed(c.closed) {
		return 0, net.ErrClosed
	}
	in := c.up.Load()
	for in != nil && in.isRetired() && !isClosed(c.closed) { // it has come and gone, and nothing was on it
		c.passUp(in)
		in = c.up.Load()
	}
	if in == nil || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, net.ErrClosed) {
		return n, err
	}
	c.give(in, p[:n]) // an end of the stream is read again
	return c.readThrough(p)
}

// give lets the pump read the connection from now on, after what the reader has
// read; that is the reader's own again if the inlet is retired already.
func (c *Conn) give(in *inlet, data []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case in.isRetired():
		c.rest = append(c.rest, data...)
	case !in.given:
		in.given = true
		_ = c.Conn.SetReadDeadline(time.Time{}) // fails only when it is closed
		in.handed <- bytes.Clone(data)
	}
}

// readThrough reads what comes out of the inlet.
func (c *Conn) readThrough(p []byte) (int, error) {
	for len(c.rest) == 0 {
		in := c.up.Load()
		switch {
		case isClosed(c.closed):
			return 0, net.ErrClosed
		case in == nil:
			return c.Read(p)
		}
		c.give(in, nil)
		data, err := in.receive(c.readBy.wait(), c.closed)
		switch {
		case errors.Is(err, errRetired):
			if data = in.takeRemains(); len(data) == 0 {
				c.passUp(in)
			}
		case errors.Is(err, io.EOF):
			<-in.stopped
			return 0, in.err
		case err != nil:
			return 0, &net.OpError{Op: "read", Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
		}
		c.rest = data
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// passUp goes on to what takes the place of a retired inlet that is read empty.
func (c *Conn) passUp(in *inlet) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.up.Load() != in || c.gone {
		return
	}
	next := c.nextUp
	c.nextUp = nil
	_ = c.Conn.SetReadDeadline(c.readAt) // fails only when it is closed, which reads notice
	c.up.Store(next)
}
