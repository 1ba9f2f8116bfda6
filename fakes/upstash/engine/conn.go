package engine

import (
	"net"
	"sync"
	"time"
)

// embeddedConn is the client's end of a connection to the embedded engine.
type embeddedConn struct {
	net.Conn
	engine *Embedded
	id     uint64
	ended  chan struct{} // closed when the engine has let go of its end
	once   sync.Once
}

func (c *embeddedConn) ID() uint64 { return c.id }

// Close ends the connection and sees to it that the engine lets go of it.
func (c *embeddedConn) Close() error {
	err := net.ErrClosed
	c.once.Do(func() {
		err = c.Conn.Close()
		go c.reap()
	})
	return err
}

// reap waits until the engine lets go. It does so by itself unless the connection
// waits in a blocking command; then miniredis looks up only when woken.
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
