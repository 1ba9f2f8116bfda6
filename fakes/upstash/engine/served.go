package engine

import (
	"bufio"
	"io"
	"net"
	"strings"
	"sync/atomic"

	"github.com/alicebob/miniredis/v2/server"

	"tollgate/fakes/upstash/resp"
)

// served is the engine's end of a connection. It belongs to the goroutine of
// serve, but for reading.
type served struct {
	*Embedded
	id    uint64
	conn  net.Conn      // nil by call; see Direct
	to    io.Writer     // where replies go
	out   *bufio.Writer // the peer's, on the way to to
	wrote atomic.Bool   // out has written something since the command began
	peer  *server.Peer

	waiting atomic.Pointer[server.Peer] // stands in for peer while a command waits

	queue  []call       // extensions called since MULTI
	execed *transaction // while EXEC runs with extensions
}

func newServed(e *Embedded, id uint64, replies io.Writer) *served {
	s := &served{Embedded: e, id: id, to: replies}
	s.out = bufio.NewWriter(s)
	s.peer = server.NewPeer(s.out)
	return s
}

// Write is what the peer's writer writes to.
func (s *served) Write(p []byte) (int, error) {
	s.wrote.Store(true)
	return s.to.Write(p)
}

// serve answers commands until the client leaves.
func (s *served) serve() {
	commands := make(chan []string)
	go s.read(commands)
	for command := range commands {
		s.answer(command)
		s.peer.Flush()
		if s.peer.Closed() {
			s.conn.Close()
		}
	}
	s.conn.Close()
	s.unsubscribe()
}

// read reads ahead, so that it notices a client that leaves while its command
// waits for something.
func (s *served) read(commands chan<- []string) {
	defer close(commands)
	defer s.closePeers()
	r := resp.NewCommandReader(s.conn, resp.Limits{})
	for {
		command, err := r.Next()
		if err != nil {
			return
		}
		if len(command.Words) > 0 {
			commands <- texts(command.Words)
		}
	}
}

// closePeers tells commands that wait that the client left.
func (s *served) closePeers() {
	s.peer.Close()
	if peer := s.waiting.Load(); peer != nil {
		peer.Close()
	}
}

// unsubscribe lets go of what the peer subscribed to; nobody reads the replies.
func (s *served) unsubscribe() {
	if subscribed(s.peer) {
		s.srv.Dispatch(s.peer, []string{"UNSUBSCRIBE"})
		s.srv.Dispatch(s.peer, []string{"PUNSUBSCRIBE"})
	}
}

// answer runs one command. If miniredis panics only this connection suffers: it
// gets an error, or is closed if part of a reply is on its way.
func (s *served) answer(command []string) {
	name := strings.ToUpper(command[0])
	s.wrote.Store(false)
	defer func() {
		if cause := recover(); cause != nil {
			s.failed(name, cause, leftLocked())
		}
	}()
	if isFreshTTL(name, command[1:]) && !queues(s.peer) && !subscribed(s.peer) &&
		s.observer.freshly(name, command[1], func() { s.srv.Dispatch(s.peer, command) }) {
		return
	}
	if s.script(name, command[1:]) {
		return
	}
	timeless := knowsNoTTL[name]
	s.observer.sees(name, !timeless)
	if name == "EXEC" {
		s.execute(command)
		return
	}
	if c, ok := callOf(s.observer.inside, name, command[1:]); ok {
		s.extended(c)
	} else {
		s.dispatch(name, command)
	}
	if !timeless {
		s.observer.saw(name, command[1:])
	}
}

// dispatch runs a command under which no script runs.
func (s *served) dispatch(name string, command []string) {
	switch name {
	case "XREAD":
		if queues(s.peer) {
			command = nothingNew(command)
		}
		s.srv.Dispatch(s.peer, command)
	case "SUBSCRIBE", "PSUBSCRIBE":
		if queues(s.peer) {
			s.spoil()
			s.peer.WriteError("ERR Command not allowed inside a transaction")
			return
		}
		s.srv.Dispatch(s.peer, command)
	case "DISCARD":
		s.queue = nil
		s.srv.Dispatch(s.peer, command)
	default:
		s.srv.Dispatch(s.peer, command)
	}
}

// script runs a script at once. It is false where the command runs none, or none yet.
func (s *served) script(name string, args []string) bool {
	if !RunsScript(name) || queues(s.peer) || subscribed(s.peer) {
		return false
	}
	o := s.observer
	c, ok := callOf(o.inside, name, args)
	if !ok || c.refusal() != nil {
		return false
	}
	o.count(name)
	o.turn.Lock()
	defer o.turn.Unlock()
	o.caller, o.ttls = s, false
	defer o.sawScript()
	o.ttl.before(o.scripts.needsTime(name, args))
	write(s.peer, s.locked(c))
	return true
}

// execute is EXEC, under which scripts may run.
func (s *served) execute(command []string) {
	s.observer.turn.Lock()
	defer s.observer.turn.Unlock()
	s.observer.caller, s.observer.ttls = s, true
	defer s.observer.sawScript()
	if len(s.queue) > 0 && len(command) == 1 {
		s.exec(command)
		return
	}
	s.srv.Dispatch(s.peer, command)
}

// failed is what becomes of a connection whose command panicked.
func (s *served) failed(name string, cause any, locked bool) {
	if locked {
		s.mini.Unlock()
	}
	s.observer.sawNothing()
	s.log.Load().Error("engine: miniredis panicked", "command", name, "panic", cause)
	if name == "EXEC" {
		s.unheard("DISCARD")
	}
	s.spoil()
	halfway := s.wrote.Load()
	s.peer.Block(func(*server.Writer) { halfway = halfway || s.out.Buffered() > 0 })
	if halfway {
		s.peer.Close()
		return
	}
	s.peer.WriteError("ERR internal error of the embedded engine")
}

// spoil makes the transaction fail that the client is queueing for, if any.
func (s *served) spoil() {
	if queues(s.peer) {
		s.unheard("GET") // has too few arguments
	}
}

// unheard runs a command whose reply nobody gets.
func (s *served) unheard(word string) {
	peer := server.NewPeer(bufio.NewWriter(io.Discard))
	peer.Ctx = s.peer.Ctx
	s.srv.Dispatch(peer, []string{word})
}

func texts(words [][]byte) []string {
	args := make([]string, len(words))
	for i, word := range words {
		args[i] = string(word)
	}
	return args
}
