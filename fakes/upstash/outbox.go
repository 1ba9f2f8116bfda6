package upstash

import (
	"bytes"
	"slices"
	"time"
)

const (
	// maxUnread is how many bytes of replies may wait for a client that does not read
	// them: 64 MiB, besides the one that makes it more. Then its commands wait; one
	// that gets still more, by commands sent before, is cut off.
	maxUnread = 64 << 20
	// muchUnread is how much may wait for a client as long as it likes: 1 MiB. A client
	// that leaves more waiting, and takes none of it for unreadTimeout, is cut off.
	muchUnread    = 1 << 20
	unreadTimeout = time.Minute
	// onePiece is the most that is written at one time, in bytes.
	onePiece = 256 << 10
	// keptOutbox is the largest buffer that is kept between replies, in bytes.
	keptOutbox = 16 << 10
)

// outbox is what waits to be written to a client. It is guarded by the link's mu.
type outbox struct {
	pieces  [][]byte // that came first and are not added to any more
	waiting []byte
	spare   []byte // the buffer to fill next
	bytes   int    // of pieces and waiting
	inHand  int    // bytes that the writer has taken
	writing bool   // the writer runs
	urged   bool   // the client has a deadline
	last    bool   // hang up once all is written, for which there is a deadline
	done    bool   // hung up after that
}

func (o *outbox) size() int { return o.bytes + o.inHand }

// add adds bytes. What is much is kept in pieces, so that it takes no more memory
// than it has bytes.
func (o *outbox) add(raw []byte) {
	o.bytes += len(raw)
	if len(o.waiting)+len(raw) > onePiece && len(o.waiting) > 0 {
		o.pieces = append(o.pieces, o.waiting)
		o.waiting = nil
	}
	if len(raw) > onePiece {
		o.pieces = append(o.pieces, bytes.Clone(raw))
		return
	}
	o.waiting = append(o.waiting, raw...)
}

// take takes off what came first.
func (o *outbox) take() (taken []byte) {
	if len(o.pieces) > 0 {
		taken, o.pieces[0] = o.pieces[0], nil
		if o.pieces = o.pieces[1:]; len(o.pieces) == 0 {
			o.pieces = nil
		}
	} else {
		taken = o.waiting
		o.waiting, o.spare = o.spare, nil
		if cap(taken) <= keptOutbox {
			o.spare = taken[:0] // to be filled once it is written
		}
	}
	o.bytes -= len(taken)
	o.inHand = len(taken)
	return taken
}

// clear forgets all that waits.
func (o *outbox) clear() { o.pieces, o.waiting, o.spare, o.bytes = nil, nil, nil, 0 }

// put puts bytes into the outbox. mu is held.
func (l *link) put(raw []byte) {
	if l.deaf || l.outbox.last {
		return
	}
	l.outbox.add(raw)
	if l.outbox.size() > muchUnread && !l.outbox.urged {
		l.urge(true)
	}
}

// urge gives the client a deadline for taking some of what waits, or takes it
// away. mu is held.
func (l *link) urge(on bool) {
	var deadline time.Time
	if on {
		deadline = time.Now().Add(unreadTimeout)
	}
	l.outbox.urged = on
	_ = l.client.SetWriteDeadline(deadline) // it may be closed already
}

// flushOut writes what can be written at once, and leaves the rest to the writer.
func (l *link) flushOut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	o := &l.outbox
	if o.writing || l.deaf {
		return
	}
	if o.bytes > 0 && o.bytes <= keptOutbox && len(o.pieces) == 0 {
		written := l.client.writeNoWait(o.waiting)
		o.waiting = o.waiting[:copy(o.waiting, o.waiting[written:])]
		o.bytes -= written
	}
	if o.bytes > 0 || o.last {
		o.writing = true
		l.spawn(l.write)
	}
}

// awaitTaken waits while much is waiting for the client.
func (l *link) awaitTaken() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for !l.deaf && l.outbox.size() > muchUnread {
		l.change.Wait()
	}
}

// write is the writer: it writes what waits, until nothing does.
func (l *link) write() {
	for {
		taken, last := l.takeOut()
		if last {
			l.client.Close()
		}
		if taken == nil {
			return
		}
		for piece := range slices.Chunk(taken, onePiece) {
			if len(taken) > onePiece {
				l.mu.Lock()
				l.urge(true)
				l.mu.Unlock()
			}
			if _, err := l.client.Write(piece); err != nil {
				l.deafen()
				break
			}
		}
	}
}

// takeOut gives the writer what to write next. nil ends it; with last, so does it
// the connection.
func (l *link) takeOut() (taken []byte, last bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	o := &l.outbox
	o.inHand = 0
	defer l.change.Broadcast()
	if o.urged {
		l.urge(o.bytes > muchUnread || o.last) // anew, as it has taken something
	}
	if l.deaf || o.bytes == 0 {
		o.writing = false
		o.done = o.last
		return nil, o.last && !l.deaf
	}
	return o.take(), false
}
