package upstash

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"tollgate/fakes/upstash/commands"
	"tollgate/fakes/upstash/ledger"
	"tollgate/fakes/upstash/resp"
)

// session is one client's TCP connection. It is the connection's own goroutine's,
// but for what others read to list it.
type session struct {
	*Server
	id     uint64
	opened time.Time
	conn   net.Conn
	in     *bufio.Reader
	limits resp.Limits
	link   *link
	caller *caller
	raw    []byte // reused for what goes to the engine

	identityMu sync.Mutex
	identity

	topics  topics   // as asked for; the link's are as answered
	watch   *watcher // while it monitors
	settled bool     // the ledger knows the component
	inMulti bool
	spoiled bool // the transaction must not run
	hungUp  bool // after QUIT
}

func (s *Server) newSession(id uint64, conn net.Conn) *session {
	ses := &session{
		Server:   s,
		id:       id,
		opened:   time.Now(),
		conn:     conn,
		limits:   resp.Limits{MaxBytes: s.cfg.Plan.MaxRequestBytes},
		caller:   newCaller(ledger.TransportTCP, ledger.Unnamed, false),
		identity: identity{protocol: 2},
	}
	ses.login(s.users.initial())
	return ses
}

// serve answers the client until it leaves or the server closes.
func (s *session) serve() error {
	engineConn, id, err := s.dialEngine(s.ctx)
	if err != nil {
		s.conn.Close()
		return fmt.Errorf("upstash: dial the engine: %w", err)
	}
	s.accounts.attach(id, s.caller)
	defer s.accounts.detach(id)

	s.link = newLink(s.conn, engineConn, s.wg.Go)
	s.link.maxResult = s.cfg.Plan.MaxRequestBytes
	defer s.link.close()
	defer s.unwatch()
	s.in = bufio.NewReaderSize(inlet{s.link}, linkBuffer)
	s.wg.Go(func() {
		if err := s.link.pump(); errors.Is(err, errUnasked) {
			s.log.Error("upstash: engine and server are out of step", "error", err)
		}
		s.link.drain()
	})
	for {
		args, err := resp.ReadCommand(s.in, s.limits)
		if err = s.received(args, err); err != nil {
			return err
		}
	}
}

func (s *session) received(args [][]byte, err error) error {
	var tooLarge *resp.TooLargeError
	var broken *resp.ProtocolError
	switch {
	case errors.As(err, &tooLarge):
		return s.refuseTooLarge(tooLarge)
	case errors.As(err, &broken):
		err = errors.Join(s.sayError("ERR "+broken.Error()), s.link.hangUp(), err)
		_, _ = io.Copy(io.Discard, s.in) // until what came before is answered too
		return err
	case err != nil:
		return err
	case len(args) == 0 || s.hungUp:
		return nil
	}
	return s.handle(args)
}

// handle answers one command, here or at the engine.
func (s *session) handle(args [][]byte) error {
	cmd, known := commands.Lookup(args)
	switch cmd.Name {
	case "AUTH":
		return s.auth(args)
	case "HELLO":
		return s.hello(args)
	case "QUIT":
		return s.quit()
	case "RESET":
		return s.reset()
	}
	if s.user == nil {
		s.accounts.refused(s.caller, commands.Name(args), false)
		return s.sayError(textNoAuth)
	}
	if cmd.Name == "CLIENT SETNAME" && cmd.Accepts(len(args)) && !s.inMulti && !s.rename(args[2]) {
		s.accounts.refused(s.caller, cmd.Name, false)
		return s.spoil(textClientName)
	}
	if !cmd.Unbilled && !isClient(cmd.Name) {
		s.settle()
	}
	if err := s.pace(); err != nil {
		return err
	}
	failed, refusal := s.accounts.admit(s.caller, args, cmd, known)
	if refusal != "" {
		return s.refuse(cmd.Name, refusal)
	}
	s.monitors.show(s.conn.RemoteAddr(), args...)
	if answersItself(cmd.Name) {
		if failed != nil && (s.inMulti || !cmd.Accepts(len(args))) {
			failed()
		}
		return s.answer(cmd, args)
	}
	return s.forward(cmd, args, failed)
}

// forward sends a command to the engine and follows what it does to the
// connection. failed, if any, is called if the reply is an error.
func (s *session) forward(cmd commands.Command, args [][]byte, failed func()) error {
	due := debt{kind: owedByEngine, failed: failed}
	switch cmd.Name {
	case "MULTI", "EXEC", "DISCARD":
		if s.inMulti && s.spoiled && cmd.Name == "EXEC" {
			due.fail()
			return s.endMulti(textExecAbort)
		}
		nested := s.inMulti && cmd.Name == "MULTI"
		if cmd.Accepts(len(args)) && !nested { // or the engine refuses it, and nothing changes
			s.inMulti, s.spoiled = cmd.Name == "MULTI", false
		}
	case "SUBSCRIBE", "PSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE":
		if s.inMulti {
			due.fail()
			return s.spoil(textNotInMulti)
		}
		due.subs = s.topics.ask(subscriptionEvents[cmd.Name], args[1:])
	}
	return s.send(due, args...)
}

func (s *session) send(due debt, args ...[]byte) error {
	s.raw = resp.AppendCommand(s.raw[:0], args...)
	err := s.link.forward(s.raw, due)
	if cap(s.raw) > 4*linkBuffer {
		s.raw = nil
	}
	return err
}

// sendQuietly sends the engine a command of the server's own, whose reply nobody
// gets.
func (s *session) sendQuietly(word string) error {
	return s.send(debt{kind: owedNobody}, []byte(word))
}

// refuse answers a command that does not run.
func (s *session) refuse(name, text string) error {
	if s.inMulti && (name == "EXEC" || name == "DISCARD") {
		return s.endMulti(text)
	}
	return s.spoil(text)
}

// spoil answers with an error and, as Redis does, makes a transaction in the
// making fail.
func (s *session) spoil(text string) error {
	s.spoiled = s.inMulti
	return s.sayError(text)
}

// endMulti drops the transaction and says why.
func (s *session) endMulti(text string) error {
	s.inMulti, s.spoiled = false, false
	return errors.Join(s.sendQuietly("DISCARD"), s.sayError(text))
}

func (s *session) refuseTooLarge(err *resp.TooLargeError) error {
	s.accounts.refused(s.caller, commands.TooLarge, false)
	return s.spoil(fmt.Sprintf(textTooLarge, err.Limit, err.Actual))
}

func (s *session) say(v resp.Value) error {
	return s.link.reply(resp.AppendValue(nil, v, s.protocol))
}

func (s *session) sayError(text string) error {
	return s.link.reply(resp.AppendError(nil, text))
}

// left says whether an error is only that the client or the server hung up.
func left(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed)
}
