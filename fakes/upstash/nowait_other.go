//go:build !unix

package upstash

import "net"

// noWait would write to a client without ever waiting for it; not here.
type noWait struct{}

func newNoWait(net.Conn) *noWait { return nil }

func (*noWait) write([]byte) int { return 0 }
