package engine

import (
	"maps"
	"sync"
	"sync/atomic"

	"github.com/alicebob/miniredis/v2/server"
)

// observer sees every command: those of connections, which tell it, and those that
// scripts call. One script-running command is let through at a time, and the observer
// remembers whose it is. That costs nothing: miniredis runs one at a time anyway.
type observer struct {
	ttl     *ttlClock
	inside  *inside
	onInner atomic.Pointer[func(conn uint64, script, name string, args []string)]

	turn    sync.Mutex // held while a script may run, an extension does, or time is passed on
	caller  *served    // who runs a script; used only by who holds turn
	scripts *scripts   // used only by who holds turn
	ttls    bool       // the script called something that has to do with TTLs; used only by who holds turn

	mu    sync.Mutex
	calls map[string]int64
}

func newObserver(in *inside, ttl *ttlClock) *observer {
	o := &observer{inside: in, ttl: ttl, calls: map[string]int64{}}
	o.scripts = newScripts(o)
	in.scripts = o.scripts
	return o
}

// freshly runs a command that does nothing but give a key a value and a new time to live: that time is lengthened by what was not
// passed on yet, so that nothing need be. It is false, and nothing was run, where TTLs cannot be seen.
func (o *observer) freshly(name, key string, run func()) bool {
	o.turn.Lock()
	defer o.turn.Unlock()
	if o.ttl.always {
		return false
	}
	run()
	o.ttl.lengthen(key)
	o.count(name)
	return true
}

// sees is told of each command of a connection before it runs, and whether that may have to do with times to live.
func (o *observer) sees(name string, matters bool) {
	o.turn.Lock()
	o.ttl.before(matters)
	o.turn.Unlock()
	o.count(name)
}

// saw is told of each command of a connection that may have to do with times to live after it ran, but for those under which
// scripts run.
func (o *observer) saw(name string, args []string) {
	o.turn.Lock()
	defer o.turn.Unlock()
	o.ttl.after(name, args)
	o.seeToFields()
}

// sawScript is told, by who holds turn, that a command ran under which scripts may run.
func (o *observer) sawScript() {
	if o.ttls {
		o.ttl.due = unknown
	}
	o.seeToFields()
}

// seeToFields gives up on knowing when something expires once fields of hashes do: miniredis does not tell their TTLs.
func (o *observer) seeToFields() { o.ttl.always = o.ttl.always || o.inside.fieldsExpire.Load() }

// sawNothing is told when nobody knows what a command did.
func (o *observer) sawNothing() {
	o.turn.Lock()
	defer o.turn.Unlock()
	o.ttl.due = unknown
}

// hook runs before each command, whoever calls it; true means the command is done. What comes from scripts of miniredis's is a
// transaction's turn to run what it could not queue.
func (o *observer) hook(peer *server.Peer, name string, _ ...string) bool {
	return name == queuedName && peer != o.inside.peer && scriptOf(peer) != "" && o.caller.runQueued(peer)
}

func (o *observer) count(name string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.calls[name]++
}

func (o *observer) stats() map[string]int64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return maps.Clone(o.calls)
}
