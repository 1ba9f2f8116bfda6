package upstash

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// activeConn is a connection that knows how long it has been idle. It looks at the
// clock once for each read and write, however many commands that carries.
type activeConn struct {
	net.Conn
	last    atomic.Int64 // Unix nanoseconds: when something was last read or written
	waiting atomic.Bool  // for the client to send
	noWait  *noWait      // nil if there is none
}

func newActiveConn(conn net.Conn) *activeConn {
	c := &activeConn{Conn: conn, noWait: newNoWait(conn)}
	c.touch()
	return c
}

func (c *activeConn) touch() { c.last.Store(time.Now().UnixNano()) }

// lastSeen is when something was last read or written.
func (c *activeConn) lastSeen() time.Time { return time.Unix(0, c.last.Load()) }

func (c *activeConn) Read(p []byte) (int, error) {
	c.waiting.Store(true)
	n, err := c.Conn.Read(p)
	c.waiting.Store(false)
	c.touch()
	return n, err
}

func (c *activeConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.touch()
	return n, err
}

// writeNoWait writes what can be written at once, and says how much that was. Nobody
// else may write meanwhile.
func (c *activeConn) writeNoWait(p []byte) int {
	n := c.noWait.write(p)
	if n > 0 {
		c.touch()
	}
	return n
}

// idle is for how long the server has waited for the client.
func (c *activeConn) idle() time.Duration {
	if !c.waiting.Load() {
		return 0
	}
	return time.Since(c.lastSeen())
}

// idleTimer closes a session that is idle for too long. Its timer is not moved with
// each command: when it is due, it looks how long the session has been idle.
type idleTimer struct {
	session *session
	timeout time.Duration

	mu    sync.Mutex
	timer *time.Timer // nil once stopped
}

// watchIdle starts the session's idle timer, if there is a timeout, and returns what
// stops it.
func (s *session) watchIdle() (stop func()) {
	if s.cfg.IdleTimeout == 0 {
		return func() {}
	}
	t := &idleTimer{session: s, timeout: s.cfg.IdleTimeout}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.timer = time.AfterFunc(t.timeout, t.look)
	return t.stop
}

// look closes the session, or comes back when that may be due.
func (t *idleTimer) look() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.timer == nil {
		return
	}
	left := t.timeout
	if !t.session.maySitStill() {
		left -= t.session.active.idle()
	}
	if left <= 0 {
		abort(t.session.conn)
		return
	}
	t.timer.Reset(left)
}

func (t *idleTimer) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.timer.Stop()
	t.timer = nil
}

// maySitStill says whether the client has reason to send nothing: it is owed
// replies, is subscribed, or monitors.
func (s *session) maySitStill() bool {
	s.identityMu.Lock()
	listens := s.channels+s.patterns > 0 || s.monitoring
	s.identityMu.Unlock()
	return listens || s.link.owes()
}

// owes says whether replies are still to come.
func (l *link) owes() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.owed.count > 0
}
