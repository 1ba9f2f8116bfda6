//go:build unix

package upstash

import (
	"net"
	"syscall"

	"tollgate/fakes/upstash/faults"
)

// noWait writes to a client without ever waiting for it, which saves the way through
// another goroutine. It is for one goroutine at a time.
type noWait struct {
	wire    *faults.Conn
	raw     syscall.RawConn
	pending []byte
	written int
	attempt func(fd uintptr) bool
}

// newNoWait is nil where a connection is no TCP connection of this process's, or has
// TLS on it.
func newNoWait(conn net.Conn) *noWait {
	wire, ok := conn.(*faults.Conn)
	if !ok {
		return nil
	}
	tcp, ok := wire.Conn.(*net.TCPConn)
	if !ok {
		return nil
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return nil
	}
	w := &noWait{wire: wire, raw: raw}
	w.attempt = func(fd uintptr) bool {
		n, err := syscall.Write(int(fd), w.pending)
		if err == nil {
			w.written = n
		}
		return true // whatever came of it: there is no waiting
	}
	return w
}

// write writes as much as can be written at once, and says how much. Why it is less
// than all, the next ordinary write finds out.
func (w *noWait) write(p []byte) int {
	if w == nil || !w.wire.Straight() {
		return 0
	}
	w.pending, w.written = p, 0
	_ = w.raw.Write(w.attempt) // as above
	w.pending = nil
	return w.written
}
