package engine

import (
	"context"
	"errors"
	"net"
)

// ErrClosed is the error of an engine that was closed.
var ErrClosed = errors.New("engine: closed")

// Engine is a Redis. All methods are safe for concurrent use.
type Engine interface {
	// Dial opens a connection that speaks RESP2 until told otherwise and needs no
	// password. What it returns is a Conn.
	Dial(ctx context.Context) (net.Conn, error)
	// OnInner sets who is told of each command called inside a Lua script: conn
	// is the ID of the connection that called the script, script its SHA-1, name
	// the command in upper case, args what it was given, to read and not to keep. It
	// is called before the script's reply is sent, and must be quick and call
	// nothing of the engine. It replaces an earlier one.
	OnInner(func(conn uint64, script, name string, args []string))
	// Stats counts the calls since the start by upper-case command name (without
	// sub-command), those inside Lua included, as INFO commandstats does.
	Stats(ctx context.Context) (map[string]int64, error)
	// Close ends every connection and waits, bounded, for their end.
	Close() error
}

// Supporter is an Engine that knows which commands it has. One that is none has
// them all.
type Supporter interface {
	// Supports says whether the engine has the command of this upper-case name,
	// without sub-command.
	Supports(name string) bool
}

// Conn is what Dial returns.
type Conn interface {
	net.Conn
	// ID names the connection in calls of OnInner's function. It is never 0.
	ID() uint64
}
