package upstash

import (
	"bufio"
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
	before    func()       // called by the client's goroutine before anything is sent to the engine or answered
	maxResult int64        // payload of one result, in bytes
	route     route        // only the client's goroutine; nil while none is needed
	gone      atomic.Bool  // deaf, for who holds no lock

	mu     sync.Mutex // guards all below; nobody waits for the network while holding it
	change sync.Cond  // less is owed or waits in the outbox, or the client is gone
	limit  int        // maxPending
	window *window    // of the client's part in a lane; nil if it has none
	owed   debts
	local  int // bytes of the local replies in owed
	outbox outbox
	deaf   bool // the client is gone: replies have nowhere to go
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

func newLink(to client, spawn func(func()), before func(), maxResult int64) *link {
	l := &link{client: to, spawn: spawn, before: before, limit: maxPending, maxResult: maxResult}
	l.change.L = &l.mu
	return l
}

// forward sends a command to the engine, whose reply will be as d says.
func (l *link) forward(raw []byte, d debt) error {
	if err := l.take(&d); err != nil {
		return err
	}
	return l.route.send(raw)
}

// reply sends a local reply in its turn. It keeps raw.
func (l *link) reply(raw []byte) error {
	l.before()
	return l.take(&debt{kind: owedByServer, local: raw})
}

// hangUp closes the client's connection once all before is answered.
func (l *link) hangUp() error {
	return l.take(&debt{kind: owedHangUp})
}

// take takes on a debt.
func (l *link) take(d *debt) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.makeRoom(); err != nil {
		return err
	}
	l.owed.add(d)
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
	return !l.deaf && (l.owed.count >= l.limit || l.window != nil && l.owed.count >= l.window.size ||
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
	for !l.deaf && l.owed.count > 0 {
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
	return !l.deaf && !l.owed.blocks() && (l.owed.count > 0 || l.outbox.size() > 0)
}

// arrived hands over one reply of the engine's: raw, whose strings have size bytes,
// or of a larger one than the plan allows only the size.
func (l *link) arrived(raw []byte, size int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	head := l.owed.head()
	if head == nil {
		return errUnasked
	}
	l.weigh(1, size)
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
	l.paid(1)
	l.settle()
	return nil
}

// passShort hands over, of the replies in a reader's buffer, what can be passed on as
// it is, but no more than most replies. It says how many that was: 0 where the next
// one has to be looked at, or is not there as a whole.
func (l *link) passShort(from *bufio.Reader, most int) (passed int, err error) {
	buffered, err := from.Peek(from.Buffered())
	if err != nil {
		return 0, err
	}
	passed, length := l.arrivedShort(buffered, most)
	_, err = from.Discard(length)
	return passed, err
}

func (l *link) arrivedShort(buffered []byte, most int) (count, length int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	count, length, size := resp.ShortValues(buffered, min(most, l.owed.plain()), l.maxResult)
	if count > 0 {
		l.weigh(count, size)
		l.put(buffered[:length])
		l.paid(count)
		l.settle()
	}
	return count, length
}

// weigh takes note of the size of replies that have come by a lane, whose client is
// cut off if it leaves too much of them unread. mu is held.
func (l *link) weigh(count int, size int64) {
	if l.window == nil {
		return
	}
	l.window.arrived(count, size)
	if l.outbox.size() > maxUnread && !l.deaf {
		l.giveUp()
		l.spawn(func() { abort(l.client) })
	}
}

// settle pays the debts that come next and need nothing of the engine. mu is held.
func (l *link) settle() {
	for head := l.owed.head(); head != nil; head = l.owed.head() {
		switch head.kind {
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
		l.paid(1)
	}
}

// paid takes the debt off that comes next, or so many plain ones. mu is held.
func (l *link) paid(count int) {
	l.local -= len(l.owed.head().local)
	l.owed.paid(count)
	l.change.Broadcast()
}

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
