package engine

import (
	"bufio"
	"bytes"
	"fmt"
	"strings"

	"github.com/alicebob/miniredis/v2/server"

	"tollgate/fakes/upstash/resp"
)

const (
	// queuedScript stands for an extension in a transaction. miniredis queues only
	// commands of its own; a script is one that comes back to the engine while EXEC
	// runs, which then runs the extension that is next.
	queuedScript = `redis.call("` + queuedName + `")`
	queuedName   = "TOLLGATE.QUEUED"
)

// extended answers a call of an extension: now, or at EXEC.
func (s *served) extended(c call) {
	if refusal := c.refusal(); refusal != nil {
		s.spoil()
		write(s.peer, *refusal)
		return
	}
	if subscribed(s.peer) {
		s.peer.WriteError(fmt.Sprintf("ERR Can't execute '%s': only (P)SUBSCRIBE / (P)UNSUBSCRIBE / PING / QUIT are allowed"+
			" in this context", strings.ToLower(c.name)))
		return
	}
	if queues(s.peer) {
		s.queue = append(s.queue, c)
		s.srv.Dispatch(s.peer, []string{"EVAL", queuedScript, "0"})
		return
	}
	if c.waits {
		write(s.peer, s.waitToPop(c))
		return
	}
	write(s.peer, s.now(c))
}

// now runs an extension at once.
func (s *served) now(c call) resp.Value {
	s.observer.turn.Lock()
	defer s.observer.turn.Unlock()
	return s.locked(c)
}

// locked runs an extension for who holds the observer's turn.
func (s *served) locked(c call) resp.Value {
	s.mini.Lock()
	defer s.mini.Unlock()
	return c.answerTo(s.observer.inside, databaseOf(s.peer), s.peer.Resp3)
}

// transaction is an EXEC whose reply is not all miniredis's. It writes to a peer that
// stands in for the connection's: so the replies of extensions can take the place of
// those of the scripts that call them.
type transaction struct {
	standIn *server.Peer
	replies bytes.Buffer
	skip    int // bytes that the script yet writes and nobody gets
}

// Write is what the stand-in writes to.
func (t *transaction) Write(p []byte) (int, error) {
	n := min(t.skip, len(p))
	t.skip -= n
	t.replies.Write(p[n:])
	return len(p), nil
}

// exec runs a transaction that has extensions in it.
func (s *served) exec(command []string) {
	t := &transaction{}
	t.standIn = server.NewPeer(bufio.NewWriter(t))
	t.standIn.Ctx, t.standIn.Resp3 = s.peer.Ctx, s.peer.Resp3
	s.execed = t
	defer func() { s.execed, s.queue = nil, nil }()
	s.srv.Dispatch(t.standIn, command)
	t.standIn.Flush()
	s.peer.WriteRaw(t.replies.String())
}

// runQueued runs the extension that is next, called by its script through peer. It
// is false where there is none.
func (s *served) runQueued(peer *server.Peer) bool {
	t := s.execed
	if t == nil || len(s.queue) == 0 {
		return false
	}
	next := s.queue[0]
	s.queue = s.queue[1:]
	reply := next.answerTo(s.observer.inside, databaseOf(peer), t.standIn.Resp3)
	t.standIn.Flush()
	version := 2
	if t.standIn.Resp3 {
		version = 3
	}
	t.replies.Write(resp.AppendValue(nil, reply, version))
	t.skip = len(resp.AppendNull(nil, version)) // which is what a script without return answers
	peer.WriteNull()
	return true
}
