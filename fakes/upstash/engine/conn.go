package engine

import (
	"net"
	"sync"
	"time"
)

// embeddedConn is the client's end of a connection to miniredis.
type embeddedConn struct {
	net.Conn
	engine *Embedded
	id     uint64
	ended  chan struct{} // closed when miniredis has let go of its end
	once   sync.Once
}

func (c *embeddedConn) ID() uint64 { return c.id }

// Close ends the connection and sees to it that miniredis lets go of it.
func (c *embeddedConn) Close() error {
	err := net.ErrClosed
	c.once.Do(func() {
		err = c.Conn.Close()
		go c.reap()
	})
	return err
}

// reap waits until miniredis lets go. miniredis does so by itself unless the
// connection waits in a blocking command; then it looks up only when woken.
func (c *embeddedConn) reap() {
	defer c.engine.wg.Done()
	ticker := time.NewTicker(nudgeEvery)
	defer ticker.Stop()
	for {
		select {
		case <-c.ended:
			c.engine.mu.Lock()
			delete(c.engine.conns, c)
			c.engine.mu.Unlock()
			return
		case <-ticker.C:
			c.engine.nudge()
		}
	}
}

// servedConn is miniredis's end; miniredis closes it when it is done with it.
type servedConn struct {
	net.Conn
	ended chan struct{}
	once  sync.Once
}

func (c *servedConn) Close() error {
	c.once.Do(func() { close(c.ended) })
	return c.Conn.Close()
}
