package engine

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/alicebob/miniredis/v2/server"
)

// observer sees every command that miniredis dispatches, through its hook: those
// of connections and those that scripts call. For the latter miniredis makes a
// peer of its own, which says neither who called the script; so the observer lets
// one script-running command through at a time and remembers whose it is.
//
// That costs nothing: miniredis runs one at a time anyway.
type observer struct {
	srv     *server.Server
	ttl     *ttlClock
	onInner atomic.Pointer[func(conn uint64, script, name string, args []string)]
	peers   sync.Map // *server.Peer -> uint64, the connection's ID

	scripts sync.Mutex                  // held while a script may run
	running atomic.Pointer[server.Peer] // whose; set only under scripts
	caller  uint64                      // its ID; used only by the goroutine that holds scripts

	mu    sync.Mutex
	calls map[string]int64
}

func newObserver(srv *server.Server, ttl *ttlClock) *observer {
	return &observer{srv: srv, ttl: ttl, calls: map[string]int64{}}
}

// hook runs before each command; true means the command is done.
func (o *observer) hook(peer *server.Peer, name string, args ...string) bool {
	id, known := o.peers.Load(peer)
	switch {
	case !known && peer.Ctx == nil && name == introduce:
		o.introduce(peer, args)
		return true
	case !known:
		o.count(name)
		o.inner(peer, name, args)
		return refuseBlocking(peer, name, args)
	case !mayRunScript(name):
		o.ttl.advance()
		o.count(name)
		return false
	case o.running.Load() == peer:
		return false // the call that runScript makes
	default:
		o.ttl.advance()
		o.count(name)
		o.runScript(peer, id.(uint64), append([]string{name}, args...))
		return true
	}
}

// mayRunScript names the commands under which scripts run; with EXEC, those that
// were queued.
func mayRunScript(name string) bool {
	switch name {
	case "EVAL", "EVALSHA", "EVAL_RO", "EVALSHA_RO", "EXEC":
		return true
	}
	return false
}

func (o *observer) introduce(peer *server.Peer, args []string) {
	id, err := strconv.ParseUint(args[0], 10, 64)
	if err != nil {
		return
	}
	o.peers.Store(peer, id)
	peer.OnDisconnect(func() { o.peers.Delete(peer) })
}

// runScript dispatches the command again, as the only one that may run a script.
// Commands that the script calls are dispatched on this goroutine, within.
func (o *observer) runScript(peer *server.Peer, id uint64, command []string) {
	o.scripts.Lock()
	defer o.scripts.Unlock()
	o.caller = id
	o.running.Store(peer)
	defer o.running.Store(nil)
	o.srv.Dispatch(peer, command)
}

func (o *observer) inner(peer *server.Peer, name string, args []string) {
	if tell := o.onInner.Load(); tell != nil {
		(*tell)(o.caller, nestedSHA(peer), name, args)
	}
}

// refuseBlocking answers commands that would make a script, and with it every
// other script, wait.
func refuseBlocking(peer *server.Peer, name string, args []string) bool {
	switch name {
	case "BLPOP", "BRPOP", "BRPOPLPUSH", "BLMOVE", "BLMPOP", "BZPOPMIN", "BZPOPMAX", "BZMPOP":
	case "XREAD", "XREADGROUP":
		blocks := func(arg string) bool { return strings.EqualFold(arg, "BLOCK") }
		if !slices.ContainsFunc(args, blocks) {
			return false
		}
	default:
		return false
	}
	peer.WriteError("ERR This Redis command is not allowed from script")
	return true
}

// nestedSHA is the SHA-1 of the script that a peer of miniredis's own calls for,
// which miniredis keeps in an unexported field; "" if there is none.
func nestedSHA(peer *server.Peer) string {
	ctx := reflect.ValueOf(peer.Ctx)
	if ctx.Kind() != reflect.Pointer || ctx.Elem().Kind() != reflect.Struct {
		return ""
	}
	if sha := ctx.Elem().FieldByName("nestedSHA"); sha.Kind() == reflect.String {
		return sha.String()
	}
	return ""
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
