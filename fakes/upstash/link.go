package upstash

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"tollgate/fakes/upstash/commands"
	"tollgate/fakes/upstash/resp"
)

const (
	// maxPending is how many replies a client may be owed; beyond it its next
	// commands wait.
	maxPending = 1 << 20
	// maxLocal is how many bytes of local replies may wait for their turn: 64 MiB.
	maxLocal = 64 << 20
	// linkBuffer is the size of the buffers between a link and the engine.
	linkBuffer = 8 << 10
)

// debt is one reply that the client is owed.
type debt struct {
	kind     debtKind
	local    []byte // of a local reply
	failed   func() // of a reply of the engine's: called if it is an error; may be nil
	told     func() // of a reply of the engine's: waits until what its scripts called is booked; may be nil
	then     func() // of a local reply: called once it is on its way; must not wait
	subs     int    // of (un)subscribing: replies still to come, one per channel
	protocol int    // of HELLO: what the engine speaks after its reply
	blocks   bool   // it may be long in coming
}

// fail tells who wants to know that the reply is an error.
func (d debt) fail() {
	if d.failed != nil {
		d.failed()
	}
}

type debtKind uint8

const (
	owedByEngine debtKind = iota // pass on the engine's next reply
	owedByServer                 // send the local reply, in its turn
	owedNobody                   // drop the engine's next reply
	owedHangUp                   // close the connection, in its turn
)

// link joins a client's connection with the engine: the client's own goroutine
// sends commands, by a route; whoever reads the route's connection hands over the
// replies. Local replies take their turn among the engine's.
//
// A client may send a long pipeline before it reads the first reply, or read
// nothing at all. So nobody but the link's writer ever waits for the client: what
// it is sent is put into outbox.
type link struct {
	client    client
	spawn     func(func()) // starts a goroutine that the server waits for
	maxResult int64        // payload of one result, in bytes
	route     route        // only the client's goroutine; nil while none is needed
	gone      atomic.Bool  // deaf, for who holds no lock

	mu      sync.Mutex // guards all below; nobody waits for the network while holding it
	change  sync.Cond  // less is pending or waits in the outbox, or the client is gone
	limit   int        // maxPending
	window  *window    // of the client's part in a lane; nil if it has none
	pending []debt     // from first on
	first   int
	local   int // bytes of the local replies in pending
	outbox  outbox
	deaf    bool // the client is gone: replies have nowhere to go
}

// client is a client's connection.
type client interface {
	net.Conn
	// writeNoWait writes what can be written at once, and says how much that was.
	writeNoWait(p []byte) int
}

// route is how commands get to the engine. It is for the client's goroutine.
type route interface {
	// send takes a command that the engine is to answer. It may keep it until flush.
	send(raw []byte) error
	// flush sees to it that all commands get to the engine.
	flush() error
	// broken says whether no more can be sent by it.
	broken() bool
	// leave ends the link's part in the route. What was sent still runs.
	leave()
}

func newLink(to client, spawn func(func()), maxResult int64) *link {
	l := &link{client: to, spawn: spawn, limit: maxPending, maxResult: maxResult}
	l.change.L = &l.mu
	return l
}

// forward sends a command to the engine, whose reply will be as d says.
func (l *link) forward(raw []byte, d debt) error {
	if err := l.take(d); err != nil {
		return err
	}
	return l.route.send(raw)
}

// reply sends a local reply in its turn. It keeps raw.
func (l *link) reply(raw []byte) error {
	return l.take(debt{kind: owedByServer, local: raw})
}

// hangUp closes the client's connection once all before is answered.
func (l *link) hangUp() error {
	return l.take(debt{kind: owedHangUp})
}

// take takes on a debt.
func (l *link) take(d debt) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.makeRoom(); err != nil {
		return err
	}
	l.pending = append(l.pending, d)
	l.local += len(d.local)
	l.settle()
	return nil
}

// makeRoom waits while too much is owed. It is called, and returns, with mu held.
func (l *link) makeRoom() error {
	for l.full() {
		l.mu.Unlock()
		err := l.flush() // or there would be nothing to wait for
		l.mu.Lock()
		if err != nil {
			return err
		}
		if l.full() {
			l.change.Wait()
		}
	}
	return nil
}

func (l *link) full() bool {
	pending := len(l.pending) - l.first
	return !l.deaf && (pending >= l.limit || l.window != nil && pending >= l.window.size ||
		l.local >= maxLocal || l.outbox.size() >= maxUnread)
}

// flush sends all that waits, in both directions.
func (l *link) flush() error {
	l.flushOut()
	if l.route == nil {
		return nil
	}
	return l.route.flush()
}

// quiesce waits until every reply has arrived; if the client leaves before that, it
// returns net.ErrClosed.
func (l *link) quiesce() error {
	if err := l.flush(); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for !l.deaf && len(l.pending) > l.first {
		l.change.Wait()
	}
	if l.deaf {
		return net.ErrClosed
	}
	return nil
}

// bidFarewell lets a client that has said all it had to say, but may still listen,
// have what it is owed, as long as patience lasts and nothing blocks.
func (l *link) bidFarewell(patience time.Duration) {
	if !l.owesSoon() {
		return
	}
	timer := time.AfterFunc(patience, l.deafen)
	defer timer.Stop()
	if err := errors.Join(l.hangUp(), l.flush()); err != nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for !l.deaf && !l.outbox.done {
		l.change.Wait()
	}
}

// owesSoon says whether the client is owed something, and nothing that blocks.
func (l *link) owesSoon() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, d := range l.pending[l.first:] {
		if d.blocks {
			return false
		}
	}
	return !l.deaf && (len(l.pending) > l.first || l.outbox.size() > 0)
}

// arrived hands over one reply of the engine's: raw, whose strings have size bytes,
// or of a larger one than the plan allows only the size.
func (l *link) arrived(raw []byte, size int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.pending) == l.first {
		return errUnasked
	}
	if l.window != nil {
		l.window.arrived(size)
		if l.outbox.size() > maxUnread && !l.deaf {
			l.giveUp() // it leaves so much unread that it is cut off
			l.spawn(func() { abort(l.client) })
		}
	}
	head := l.pending[l.first]
	switch {
	case head.kind == owedNobody:
	case size > l.maxResult:
		head.fail()
		l.put(resp.AppendError(nil, commands.RequestTooLarge(l.maxResult, size)))
	case raw[0] == byte(resp.Error):
		head.fail()
		l.put(errorAsUpstash(raw))
	default:
		l.put(raw)
	}
	l.paid()
	l.settle()
	return nil
}

// settle pays the debts at the head of the queue that need nothing of the engine.
// mu is held.
func (l *link) settle() {
	for len(l.pending) > l.first {
		switch head := l.pending[l.first]; head.kind {
		case owedByServer:
			l.put(head.local)
			if head.then != nil {
				head.then()
			}
		case owedHangUp:
			l.outbox.last = true
			l.urge(true)
		default:
			return
		}
		l.paid()
	}
}

// paid takes the head off the queue. mu is held.
func (l *link) paid() {
	l.local -= len(l.pending[l.first].local)
	l.pending[l.first] = debt{}
	if l.first++; l.first == len(l.pending) {
		l.pending, l.first = l.pending[:0], 0
		if cap(l.pending) > keptPending {
			l.pending = nil
		}
	} else if l.first >= l.limit { // rarely: a client that is never owed nothing
		l.pending, l.first = append(l.pending[:0], l.pending[l.first:]...), 0
	}
	l.change.Broadcast()
}

// keptPending is for how many replies a link keeps room that is owed none.
const keptPending = 1 << 10

// deafen hangs up on the client; nobody waits for it any more.
func (l *link) deafen() {
	abort(l.client)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.giveUp()
}

// giveUp drops what is and will be there for the client. mu is held.
func (l *link) giveUp() {
	l.deaf = true
	l.gone.Store(true)
	l.outbox.clear()
	l.change.Broadcast()
}

// close ends the client's connection and the link's part in its route. What was
// sent to the engine before still runs.
func (l *link) close() {
	l.deafen()
	if l.route != nil {
		l.route.leave()
	}
}
