package memnet

import (
	"errors"
	"io"
	"net"
	"sync"
	"syscall"
	"time"
)

// DefaultBuffer is how many bytes wait in each direction of a connection before
// its writer does: 256 KiB.
const DefaultBuffer = 256 << 10

// conn is one end of a connection in memory.
type conn struct {
	in, out       *stream
	local, remote net.Addr
	once          sync.Once
	onClose       func() // may be nil
}

var _ net.Conn = (*conn)(nil)

// pipe makes the two ends of a connection: a's writes wait in b's in.
func pipe(a, b net.Addr, aToB, bToA int) (*conn, *conn) {
	right, left := newStream(aToB), newStream(bToA)
	return &conn{in: left, out: right, local: a, remote: b},
		&conn{in: right, out: left, local: b, remote: a}
}

// Pipe makes a connection without a listener: what is written to one end is read
// from the other. From client to server it holds DefaultBuffer bytes and then
// makes the client wait. From server to client it holds up to limit bytes and
// never makes the server wait: beyond that the server's write fails with ENOBUFS
// and its end is closed; the client can still read what it was sent. That suits a server that must not be held up by a
// client that does not read.
func Pipe(limit int) (client, server net.Conn) {
	address := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}
	c, s := pipe(address, address, DefaultBuffer, limit)
	s.out.brittle = true
	return c, s
}

// Pair makes a connection without a listener, of which each end holds DefaultBuffer
// bytes for its reader and then makes the other wait.
func Pair() (net.Conn, net.Conn) {
	address := &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)}
	return pipe(address, address, DefaultBuffer, DefaultBuffer)
}

func (c *conn) Read(p []byte) (int, error) {
	n, err := c.in.read(p)
	return n, c.wrap("read", err)
}

func (c *conn) Write(p []byte) (int, error) {
	n, err := c.out.write(p)
	if errors.Is(err, syscall.ENOBUFS) {
		_ = c.Close() // the write's error is what matters
	}
	return n, c.wrap("write", err)
}

// Close ends the connection. The other end can still read what it was sent.
func (c *conn) Close() error {
	err := c.wrap("close", net.ErrClosed)
	c.once.Do(func() {
		err = nil
		c.out.closeWrite()
		c.in.closeRead()
		if c.onClose != nil {
			c.onClose()
		}
	})
	return err
}

func (c *conn) LocalAddr() net.Addr  { return c.local }
func (c *conn) RemoteAddr() net.Addr { return c.remote }

func (c *conn) SetDeadline(t time.Time) error {
	c.in.setReadDeadline(t)
	c.out.setWriteDeadline(t)
	return nil
}

func (c *conn) SetReadDeadline(t time.Time) error {
	c.in.setReadDeadline(t)
	return nil
}

func (c *conn) SetWriteDeadline(t time.Time) error {
	c.out.setWriteDeadline(t)
	return nil
}

// wrap gives errors the form that package net gives them; io.EOF stays bare.
func (c *conn) wrap(op string, err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return &net.OpError{Op: op, Net: "tcp", Source: c.local, Addr: c.remote, Err: err}
}
