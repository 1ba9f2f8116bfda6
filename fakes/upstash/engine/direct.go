package engine

import "tollgate/fakes/upstash/resp"

// Director is an Engine that can run commands on the goroutine of who wants them
// run, which saves the way through a connection and back.
type Director interface {
	// Direct makes a connection of that kind. It never waits.
	Direct() (Direct, error)
}

// Direct is a connection without a network in between. It is for one goroutine at
// a time, and for commands that neither wait nor subscribe.
type Direct interface {
	// ID names the connection in calls of OnInner's function. It is never 0.
	ID() uint64
	// Run runs a command, whose words it does not keep.
	Run(words [][]byte)
	// Read reads the replies to what was run, in RESP2. io.EOF means that there is
	// no more, or, within a reply, that the command failed and the connection is of
	// no more use.
	Read(p []byte) (int, error)
}

// maxTogether is how many bytes a command's words have at most that share their
// memory.
const maxTogether = 256

var _ Director = (*Embedded)(nil)

// direct is a connection to miniredis by call.
type direct struct {
	*served
	replies resp.Buffer
}

// Direct makes a connection by call; see Director.
func (e *Embedded) Direct() (Direct, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, ErrClosed
	}
	d := &direct{}
	d.served = newServed(e, e.lastID.Add(1), &d.replies)
	return d, nil
}

func (d *direct) ID() uint64 { return d.id }

// Run runs a command; see Direct.
func (d *direct) Run(words [][]byte) {
	if d.peer.Closed() {
		return // and so there is no reply to it
	}
	d.answer(together(words))
	d.peer.Flush()
}

// together is texts, but short words share their memory, which is so much faster.
// Whoever keeps one of them keeps all: so the long ones do not.
func together(words [][]byte) []string {
	var buf [maxTogether]byte
	joined := buf[:0]
	for _, word := range words {
		if len(joined)+len(word) > maxTogether {
			return texts(words)
		}
		joined = append(joined, word...)
	}
	all := string(joined)
	args := make([]string, len(words))
	for i, word := range words {
		args[i], all = all[:len(word)], all[len(word):]
	}
	return args
}

// Read reads replies; see Direct.
func (d *direct) Read(p []byte) (int, error) { return d.replies.Read(p) }
