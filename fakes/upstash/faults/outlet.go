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

// outlet is the way from the server to a client while faults act on it. The
// server's Write puts bytes in; its courier writes what comes out.
type outlet struct {
	*path
	broken chan struct{} // closed: the client cannot be written to
	err    error         // why; before broken
	done   chan struct{} // closed: the courier has written all it will
}

func (c *Conn) newOutlet(chain []toxics.Toxic) *outlet {
	out := &outlet{path: newPath(chain), broken: make(chan struct{}), done: make(chan struct{})}
	c.registry.wg.Go(func() {
		c.deliver(out)
		close(out.done)
		switch {
		case out.cutOff():
			c.Reset()
		case isClosed(c.closed):
			_ = c.cut() // the client has got all it will
		}
	})
	return out
}

// cutOff says whether a toxic ended the path, rather than the server.
func (o *outlet) cutOff() bool { return !o.isFinished() && !isClosed(o.broken) }

// deliver writes what comes out of an outlet, until that ends or the client does.
func (c *Conn) deliver(out *outlet) {
	for {
		data, err := out.receive(nil, nil)
		if errors.Is(err, errRetired) {
			<-out.drained
			data = out.residue
		}
		if errors.Is(err, io.EOF) {
			return
		}
		if len(data) > 0 {
			if _, failure := c.Conn.Write(data); failure != nil {
				out.err = failure
				close(out.broken)
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// retire ends the outlet; its courier still writes what was under way. A nil
// outlet has ended.
func (o *outlet) retire() {
	if o != nil {
		o.path.retire()
	}
}

// setDown makes next the way down, nil for straight; mu is held.
func (c *Conn) setDown(next *outlet) {
	switch out := c.down.Load(); {
	case out == nil:
		_ = c.Conn.SetWriteDeadline(time.Time{}) // fails only when it is closed, which writes notice
		c.writeBy.set(c.writeAt)
		c.down.Store(next)
		return
	case out.isRetired(): // and nobody has written since
		c.nextDown.retire()
	default:
		out.retire()
	}
	c.nextDown = next
}

// writeThrough puts bytes into the outlet.
func (c *Conn) writeThrough(p []byte) (n int, err error) {
	for n < len(p) {
		out := c.down.Load()
		if out == nil {
			more, err := c.Conn.Write(p[n:])
			return n + more, err
		}
		end := min(len(p), n+chunkBytes)
		switch err := c.put(out, p[n:end]); {
		case err == nil:
			n = end
		case errors.Is(err, errRetired):
			c.passDown(out)
		default:
			return n, &net.OpError{Op: "write", Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: err}
		}
	}
	return n, nil
}

// put sends bytes, or waits until a retired outlet has written all it will.
func (c *Conn) put(out *outlet, data []byte) error {
	switch {
	case isClosed(c.closed):
		return net.ErrClosed
	case isClosed(out.broken):
		return out.err
	}
	expired := c.writeBy.wait()
	if err := out.send(bytes.Clone(data), expired, c.closed); !errors.Is(err, errRetired) {
		return err
	}
	select {
	case <-out.done:
		return errRetired
	case <-expired:
		return os.ErrDeadlineExceeded
	case <-c.closed:
		return net.ErrClosed
	}
}

// passDown goes on to what takes the place of a retired outlet.
func (c *Conn) passDown(out *outlet) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.down.Load() != out || c.gone {
		return
	}
	next := c.nextDown
	c.nextDown = nil
	if next == nil {
		_ = c.Conn.SetWriteDeadline(c.writeAt) // fails only when it is closed, which writes notice
	}
	c.down.Store(next)
}

// lingers says whether bytes are still under way when the server closes the
// connection; the courier, or a timer, cuts it then.
func (c *Conn) lingers() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := c.down.Load()
	if out == nil || c.gone || isClosed(out.broken) {
		return false
	}
	_ = c.Conn.SetReadDeadline(past) // who reads it shall stop
	out.finish()
	c.nextDown.retire()
	if isClosed(out.done) {
		return false
	}
	c.linger = time.AfterFunc(lingerTimeout, func() { _ = c.cut() })
	return true
}
