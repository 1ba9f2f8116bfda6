package engine

import (
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// lingerTimeout bounds how long a closed connection waits for the Redis to end it.
const lingerTimeout = 3 * time.Second

// remoteConn is a connection to a Redis.
//
// A socket that is closed while replies lie unread is reset, and the Redis then
// drops commands that it has not read yet. So Close only says that nothing more
// will be sent; replies are thrown away until the Redis closes its end, which it
// does once it has run everything.
type remoteConn struct {
	net.Conn
	remote   *Remote
	id       uint64
	serverID int64

	reading sync.Mutex // held while reading
	closed  atomic.Bool

	scripts atomic.Int64 // that may be running
	tapMu   sync.Mutex
	tap     *tap   // that knows the connection
	addr    string // that MONITOR shows; known once there is a tap
}

func (c *remoteConn) ID() uint64 { return c.id }

func (c *remoteConn) Read(p []byte) (int, error) {
	c.reading.Lock()
	defer c.reading.Unlock()
	if c.closed.Load() {
		return 0, net.ErrClosed
	}
	n, err := c.Conn.Read(p)
	if err != nil && c.closed.Load() {
		err = net.ErrClosed
	}
	return n, err
}

func (c *remoteConn) Write(p []byte) (int, error) {
	if c.closed.Load() {
		return 0, net.ErrClosed
	}
	return c.Conn.Write(p)
}

// Close ends the connection; commands that were sent before still run.
func (c *remoteConn) Close() error {
	if c.closed.Swap(true) {
		return net.ErrClosed
	}
	_ = c.SetReadDeadline(time.Unix(1, 0)) // whoever reads stops
	go c.linger()
	return nil
}

func (c *remoteConn) linger() {
	defer c.remote.wg.Done()
	c.reading.Lock()
	defer c.reading.Unlock()
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok && half.CloseWrite() == nil {
		_ = c.SetDeadline(time.Now().Add(lingerTimeout))
		_, _ = io.Copy(io.Discard, c.Conn)
	}
	c.Conn.Close()
	c.remote.leaveTap(c)
	c.remote.forget(c)
}
