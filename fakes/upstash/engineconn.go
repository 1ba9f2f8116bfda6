package upstash

import (
	"bufio"
	"context"
	"errors"
	"net"
	"os"
	"time"

	"tollgate/fakes/upstash/engine"
	"tollgate/fakes/upstash/resp"
)

const (
	// engineTimeout bounds the wait for the engine's replies to what was sent
	// together.
	engineTimeout = 30 * time.Second
	// batchBytes is how much is sent before replies are read, so that neither side
	// waits for the other to read.
	batchBytes = 64 << 10
	// trusted is how long a connection is taken to be alive without looking.
	trusted = 5 * time.Second
	// firstBatch and lastBatch likewise are how many commands: few at first, as their
	// replies may be large, and twice as many each time that they were not.
	firstBatch = 8
	lastBatch  = 64
)

// engineConn is a connection that sends commands and waits for their replies. It
// goes over a network or, if the engine can do so, by call.
type engineConn struct {
	id     uint64
	conn   net.Conn      // nil by call
	direct engine.Direct // nil over a network
	r      *bufio.Reader
	raw    []byte

	attached bool      // scripts on it are on somebody's account
	usedAt   time.Time // last, over a network
}

// openEngine opens a connection, by call if possible.
func (s *Server) openEngine(ctx context.Context) (*engineConn, error) {
	if director, ok := s.engine.(engine.Director); ok {
		direct, err := director.Direct()
		if err != nil {
			return nil, err
		}
		return &engineConn{id: direct.ID(), direct: direct, r: bufio.NewReaderSize(direct, linkBuffer)}, nil
	}
	conn, id, err := s.dialEngine(ctx)
	if err != nil {
		return nil, err
	}
	return &engineConn{id: id, conn: conn, r: bufio.NewReaderSize(conn, linkBuffer)}, nil
}

// alive says whether the connection can be used again. Whether the engine has hung
// up is looked at, for a millisecond, only if it has not been used for some time.
func (c *engineConn) alive() bool {
	if c.direct != nil || time.Since(c.usedAt) < trusted {
		return true
	}
	if err := c.conn.SetReadDeadline(time.Now().Add(time.Millisecond)); err != nil {
		return false
	}
	_, err := c.r.Peek(1)
	return errors.Is(err, os.ErrDeadlineExceeded)
}

// close ends the connection, whoever uses it; one by call has nothing to end.
func (c *engineConn) close() {
	if c.direct == nil {
		c.conn.Close()
	}
}

// replyTaker takes replies off a connection.
type replyTaker interface {
	// take reads the reply to the i-th command.
	take(i int, r *bufio.Reader) error
	// full says that it wants no more for now.
	full() bool
	// relieve makes room for a reply that comes even so.
	relieve() error
}

// do runs commands, until the taker is full of their replies, and says how many.
// After an error the connection is of no more use.
func (c *engineConn) do(ctx context.Context, cmds [][][]byte, to replyTaker) (done int, err error) {
	if c.direct != nil {
		return c.call(cmds, to)
	}
	if err := c.conn.SetDeadline(time.Now().Add(engineTimeout)); err != nil {
		return 0, err
	}
	stop := context.AfterFunc(ctx, func() { _ = c.conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if done, err = c.send(cmds, to); err != nil {
		return done, err
	}
	if !stop() { // and the connection gets its deadline now or later
		return done, context.Cause(ctx)
	}
	c.usedAt = time.Now()
	return done, nil
}

// call runs commands on this goroutine.
func (c *engineConn) call(cmds [][][]byte, to replyTaker) (done int, err error) {
	for i, args := range cmds {
		c.direct.Run(args)
		if err := to.take(i, c.r); err != nil {
			return i, err
		}
		if _, err := c.r.Peek(1); err == nil {
			return i, errUnasked
		}
		if to.full() {
			return i + 1, nil
		}
	}
	return len(cmds), nil
}

// send sends commands over the network, some at a time.
func (c *engineConn) send(cmds [][][]byte, to replyTaker) (done int, err error) {
	most := firstBatch
	for i, args := range cmds {
		c.raw = resp.AppendCommand(c.raw, args...)
		if len(c.raw) < batchBytes && i+1-done < most && i+1 < len(cmds) {
			continue
		}
		_, err := c.conn.Write(c.raw)
		if cap(c.raw) > 4*batchBytes {
			c.raw = nil
		}
		c.raw = c.raw[:0]
		for ; err == nil && done <= i; done++ {
			if err = to.relieve(); err == nil {
				err = to.take(done, c.r)
			}
		}
		switch {
		case err != nil:
			return done, err
		case c.r.Buffered() > 0:
			return done, errUnasked
		case to.full():
			return done, nil
		}
		most = min(2*most, lastBatch)
	}
	return done, nil
}
