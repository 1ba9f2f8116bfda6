package upstash

import (
	"bufio"
	"io"
	"net"
	"sync"
)

const (
	// maxPending is how many replies a client may be owed; beyond it its next
	// commands wait.
	maxPending = 1 << 20
	// maxLocal is how many bytes of local replies may wait for their turn: 64 MiB.
	maxLocal = 64 << 20
	// linkBuffer is the size of each of a link's three buffers.
	linkBuffer = 8 << 10
)

// debt is one reply that the client is owed.
type debt struct {
	kind     debtKind
	local    []byte // of a local reply
	failed   func() // of a reply of the engine's: called if it is an error; may be nil
	then     func() // of a local reply: called once it is written; must not wait
	subs     int    // of (un)subscribing: replies still to come, one per channel
	protocol int    // of HELLO: what the engine speaks after its reply
}

// fail tells who wants to know that the reply is an error.
func (d debt) fail() {
	if d.failed != nil {
		d.failed()
	}
}

type debtKind uint8

const (
	owedByEngine debtKind = iota // copy the engine's next reply
	owedByServer                 // send the local reply, in its turn
	owedNobody                   // drop the engine's next reply
	owedHangUp                   // close the connection, in its turn
)

// link joins a client's connection with one to the engine: the client's own
// goroutine sends commands, the link's pump copies replies. Local replies take
// their turn among the engine's.
//
// A client may send a long pipeline before it reads the first reply. So the
// client's goroutine never writes to it, nor waits for who does: mu is not held
// while writing.
type link struct {
	client net.Conn
	engine net.Conn
	spawn  func(func())  // starts a goroutine that the server waits for
	toEng  *bufio.Writer // only the client's goroutine
	from   *bufio.Reader // only the pump
	resp3  bool          // what the engine speaks; only the pump
	topics topics        // what the client hears of; only the pump

	held      []byte // a result on its way; only the pump
	maxResult int64  // payload of one result, in bytes; 0 means any

	settling sync.Mutex // held while paying what needs nothing of the engine; taken before mu and outMu

	mu      sync.Mutex
	room    sync.Cond // there is less pending, or the client is gone
	limit   int       // maxPending
	pending []debt    // from first on
	first   int
	local   int  // bytes of the local replies in pending
	deaf    bool // the client is gone: replies have nowhere to go

	outMu sync.Mutex
	out   *bufio.Writer
}

func newLink(client, engine net.Conn, spawn func(func())) *link {
	l := &link{
		client: client,
		engine: engine,
		spawn:  spawn,
		limit:  maxPending,
		toEng:  bufio.NewWriterSize(engine, linkBuffer),
		from:   bufio.NewReaderSize(engine, linkBuffer),
		out:    bufio.NewWriterSize(client, linkBuffer),
	}
	l.room.L = &l.mu
	return l
}

// forward sends a command to the engine, whose reply will be as d says.
func (l *link) forward(raw []byte, d debt) error {
	l.mu.Lock()
	err := l.makeRoom()
	if err == nil {
		l.pending = append(l.pending, d)
	}
	l.mu.Unlock()
	if err == nil {
		_, err = l.toEng.Write(raw)
	}
	return err
}

// reply sends a local reply in its turn. It keeps raw.
func (l *link) reply(raw []byte) error {
	return l.owe(debt{kind: owedByServer, local: raw})
}

// hangUp closes the client's connection once all before is answered.
func (l *link) hangUp() error {
	return l.owe(debt{kind: owedHangUp})
}

// owe takes on a debt that needs nothing of the engine.
func (l *link) owe(d debt) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.makeRoom(); err != nil || l.deaf {
		return err
	}
	l.pending = append(l.pending, d)
	l.local += len(d.local)
	if len(l.pending)-l.first == 1 {
		l.spawn(l.settleNow) // the pump may be waiting for the engine, which owes nothing
	}
	return nil
}

// makeRoom waits while too many replies are owed. It is called, and returns, with
// mu held.
func (l *link) makeRoom() error {
	for l.full() {
		l.mu.Unlock()
		err := l.toEng.Flush() // or the engine would have nothing to answer
		l.mu.Lock()
		if err != nil {
			return err
		}
		if l.full() {
			l.room.Wait()
		}
	}
	return nil
}

func (l *link) full() bool {
	return !l.deaf && (len(l.pending)-l.first >= l.limit || l.local >= maxLocal)
}

func (l *link) flushOut() error {
	l.outMu.Lock()
	defer l.outMu.Unlock()
	return l.out.Flush()
}

// deafen hangs up on the client; nobody waits for it to read any more.
func (l *link) deafen() {
	l.client.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.deaf = true
	l.room.Broadcast()
}

// drain hangs up on the client and takes off the engine what it still answers,
// until the client's goroutine closes the link. Commands that were booked before
// the client left run to their end.
func (l *link) drain() {
	l.deafen()
	_, _ = io.Copy(io.Discard, l.from) // it ends when the connection does, however that is
}

// close ends both connections and with them the pump. What was sent to the engine
// before still runs.
func (l *link) close() {
	l.client.Close()
	l.engine.Close()
}

// inlet is where the client's commands are read from. Reading may wait, so before
// it the engine is sent everything buffered.
type inlet struct{ *link }

func (i inlet) Read(p []byte) (int, error) {
	if err := i.toEng.Flush(); err != nil {
		return 0, err
	}
	return i.client.Read(p)
}
