package upstash

import (
	"bufio"
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"tollgate/fakes/upstash/resp"
)

const (
	// poolSize is how many engine connections the REST door has at most; further
	// requests wait.
	poolSize = 16
	// engineTimeout bounds one request at the engine.
	engineTimeout = 30 * time.Second
	// batchBytes is how much is sent before replies are read, so that neither side
	// waits for the other to read.
	batchBytes = 64 << 10
)

// pool keeps engine connections for the REST door.
type pool struct {
	dial  func(context.Context) (net.Conn, uint64, error)
	slots chan struct{}

	mu     sync.Mutex
	closed bool
	idle   []*engineConn
	busy   map[*engineConn]struct{}
}

// engineConn is a connection that sends commands and waits for their replies.
type engineConn struct {
	net.Conn
	id  uint64
	r   *bufio.Reader
	raw []byte
}

func newPool(dial func(context.Context) (net.Conn, uint64, error)) *pool {
	return &pool{dial: dial, slots: make(chan struct{}, poolSize), busy: map[*engineConn]struct{}{}}
}

// get lends a connection, to be given back with put.
func (p *pool) get(ctx context.Context) (*engineConn, error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	c, err := p.idleOrNew(ctx)
	if err == nil {
		err = p.lend(c)
	}
	if err != nil {
		<-p.slots
		return nil, err
	}
	return c, nil
}

func (p *pool) idleOrNew(ctx context.Context) (*engineConn, error) {
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		c := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return c, nil
	}
	p.mu.Unlock()
	conn, id, err := p.dial(ctx)
	if err != nil {
		return nil, err
	}
	return &engineConn{Conn: conn, id: id, r: bufio.NewReaderSize(conn, linkBuffer)}, nil
}

func (p *pool) lend(c *engineConn) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return errors.Join(ErrClosed, c.Close())
	}
	p.busy[c] = struct{}{}
	return nil
}

// put takes a connection back; one that failed is closed.
func (p *pool) put(c *engineConn, err error) {
	p.mu.Lock()
	delete(p.busy, c)
	if err != nil || p.closed {
		c.Close()
	} else {
		p.idle = append(p.idle, c)
	}
	p.mu.Unlock()
	<-p.slots
}

// close ends all connections, those in use too.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, c := range p.idle {
		c.Close()
	}
	for c := range p.busy {
		c.Close()
	}
	p.idle = nil
}

// do sends commands and reads a reply to each. After an error the connection is
// of no more use.
func (c *engineConn) do(ctx context.Context, cmds [][][]byte) ([]resp.Value, error) {
	if err := c.SetDeadline(time.Now().Add(engineTimeout)); err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	defer stop()

	replies := make([]resp.Value, 0, len(cmds))
	c.raw = c.raw[:0]
	for i, args := range cmds {
		c.raw = resp.AppendCommand(c.raw, args...)
		if len(c.raw) < batchBytes && i+1 < len(cmds) {
			continue
		}
		if _, err := c.Write(c.raw); err != nil {
			return nil, err
		}
		c.raw = c.raw[:0]
		for len(replies) <= i {
			v, err := resp.ReadValue(c.r, engineReply)
			if err != nil {
				return nil, err
			}
			replies = append(replies, v)
		}
	}
	if cap(c.raw) > 4*batchBytes {
		c.raw = nil
	}
	if c.r.Buffered() > 0 {
		return nil, errUnasked
	}
	if !stop() { // and the connection gets its deadline now or later
		return nil, context.Cause(ctx)
	}
	return replies, nil
}
