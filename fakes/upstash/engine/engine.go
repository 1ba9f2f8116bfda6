package engine

import (
	"context"
	"net"
)

// Engine is a Redis. All methods are safe for concurrent use.
type Engine interface {
	// Dial opens a connection that speaks RESP2 until told otherwise and needs no
	// password. What it returns is a Conn.
	Dial(ctx context.Context) (net.Conn, error)
	// OnInner sets who is told of each command called inside a Lua script: conn
	// is the ID of the connection that called the script, script its SHA-1 (or what
	// ScriptOf says of a function), name the command in upper case, args what it was
	// given, to read and not to keep. It is called before the script's reply is sent
	// (of a ScriptWatcher: before told returns), and must be quick and call nothing
	// of the engine. It replaces an earlier one.
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

// EagerDialer is an Engine that bounds how much a connection may leave unread,
// because it must not be held up, and that can do without for one whose owner reads
// replies at once, whatever happens.
type EagerDialer interface {
	// DialEager is Dial without that bound.
	DialEager(ctx context.Context) (net.Conn, error)
}

// ScriptWatcher is an Engine that learns of commands inside scripts only by looking
// for them, and may miss some. One that is none misses none.
type ScriptWatcher interface {
	// WatchScript is to be called before a command that may run a script, or EXEC
	// after such a command, is sent on the connection of that ID. What it returns
	// is to be called when the reply has come and before it is passed on: it waits
	// until OnInner's function has been told of all that the script called, as long
	// as ctx lasts and 10 seconds at most.
	WatchScript(ctx context.Context, conn uint64) (told func())
	// OnGap sets who is told each time that commands inside scripts may have been
	// missed, and why. It replaces an earlier one.
	OnGap(func(error))
}

// Conn is what Dial returns.
type Conn interface {
	net.Conn
	// ID names the connection in calls of OnInner's function. It is never 0.
	ID() uint64
}
