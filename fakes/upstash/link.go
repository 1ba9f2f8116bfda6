package upstash

import (
	"bufio"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
)

const (
	// maxPending is how many replies a client may be owed; beyond it its next
	// commands wait.
	maxPending = 1 << 20
	// linkBuffer is the size of each of a link's three buffers.
	linkBuffer = 8 << 10
)

// debt is one reply that the client is owed.
type debt struct {
	kind  debtKind
	local []byte // of a local reply
	subs  int    // of subscribing: replies to come, one per channel; 0 while unknown
}

type debtKind uint8

const (
	owedByEngine  debtKind = iota // copy the engine's next reply
	owedByServer                  // send the local reply, in its turn
	owedNobody                    // drop the engine's next reply
	owedSubscribe                 // copy one reply per channel
	owedHangUp                    // close the connection, in its turn
)

// link joins a client's connection with one to the engine: the client's own
// goroutine sends commands, the link's pump copies replies. Local replies take
// their turn among the engine's.
//
// A client may send a long pipeline before it reads the first reply. So sending
// never waits for the client to read: mu is not held while writing to it.
type link struct {
	client net.Conn
	engine net.Conn
	toEng  *bufio.Writer // only the client's goroutine
	from   *bufio.Reader // only the pump
	resp3  atomic.Bool   // what the engine speaks

	mu      sync.Mutex
	room    sync.Cond // there is less pending, or the client is gone
	limit   int       // maxPending
	pending []debt    // from first on; only the pump takes away, when there are any
	first   int
	deaf    bool // the client is gone: replies have nowhere to go
	topics  topics

	outMu sync.Mutex // taken after mu where both are
	out   *bufio.Writer
	stale bool // the client's goroutine wrote to out and has not flushed; only it
}

func newLink(client, engine net.Conn) *link {
	l := &link{
		client: client,
		engine: engine,
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
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.makeRoom(); err != nil {
		return err
	}
	if l.first < len(l.pending) {
		l.pending = append(l.pending, debt{kind: owedByServer, local: raw})
		return nil
	}
	l.outMu.Lock()
	defer l.outMu.Unlock()
	l.stale = true
	_, err := l.out.Write(raw)
	return err
}

// hangUp closes the client's connection once all before is answered.
func (l *link) hangUp() error {
	if err := l.toEng.Flush(); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.first < len(l.pending) {
		l.pending = append(l.pending, debt{kind: owedHangUp})
		return nil
	}
	return errors.Join(l.flushOut(), l.client.Close())
}

// makeRoom waits while too many replies are owed. It is called, and returns, with
// mu held.
func (l *link) makeRoom() error {
	for len(l.pending)-l.first >= l.limit && !l.deaf {
		l.mu.Unlock()
		err := l.toEng.Flush() // or the engine would have nothing to answer
		l.mu.Lock()
		if err != nil {
			return err
		}
		if len(l.pending)-l.first >= l.limit && !l.deaf {
			l.room.Wait()
		}
	}
	return nil
}

// flush sends what the client's goroutine buffered, to both sides.
func (l *link) flush() error {
	if err := l.toEng.Flush(); err != nil || !l.stale {
		return err
	}
	l.stale = false
	return l.flushOut()
}

func (l *link) flushOut() error {
	l.outMu.Lock()
	defer l.outMu.Unlock()
	return l.out.Flush()
}

// subscribed says whether the client is in subscribe mode.
func (l *link) subscribed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.topics.any()
}

// drain hangs up on the client and takes off the engine what it still answers,
// until the client's goroutine closes the link. Commands that were booked before
// the client left run to their end.
func (l *link) drain() {
	l.client.Close()
	l.mu.Lock()
	l.deaf = true
	l.room.Broadcast()
	l.mu.Unlock()
	_, _ = io.Copy(io.Discard, l.from) // it ends when the connection does, however that is
}

// close ends both connections and with them the pump. What was sent to the engine
// before still runs.
func (l *link) close() {
	l.client.Close()
	l.engine.Close()
}

// inlet is where the client's commands are read from. Reading may wait, so before
// it everything buffered is sent.
type inlet struct{ *link }

func (i inlet) Read(p []byte) (int, error) {
	if err := i.flush(); err != nil {
		return 0, err
	}
	return i.client.Read(p)
}
