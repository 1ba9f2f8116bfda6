package upstash

import (
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"tollgate/fakes/upstash/commands"
	"tollgate/fakes/upstash/ledger"
	"tollgate/fakes/upstash/resp"
)

// session is one client's TCP connection. It is the connection's own goroutine's,
// but for what others read to list it.
type session struct {
	*Server
	id       uint64
	opened   time.Time
	conn     net.Conn
	active   *activeConn // conn, for all that is read and written
	link     *link
	engineID uint64 // the client's own connection at the engine
	caller   *caller
	finder   commands.Finder

	identityMu sync.Mutex
	identity
	commands atomic.Int64 // how many there were

	topics  topics   // as asked for; the link's are as answered
	watch   *watcher // while it monitors
	settled bool     // the ledger knows the component
	inMulti bool
	spoiled bool // the transaction must not run
	scripts bool // the transaction has scripts in it
	hungUp  bool // after QUIT
}

// farewell is how long a client that sends no more may take to be answered.
const farewell = time.Second

func (s *Server) newSession(id uint64, conn net.Conn) *session {
	ses := &session{
		Server:   s,
		id:       id,
		opened:   time.Now(),
		conn:     conn,
		active:   newActiveConn(conn),
		caller:   newCaller(s.ledger, ledger.TransportTCP, ledger.Unnamed, false),
		identity: identity{protocol: 2},
	}
	ses.link = newLink(ses.active, s.wg.Go, ses.caller.tab.Settle, s.cfg.Plan.MaxRequestBytes)
	ses.login(s.users.initial())
	return ses
}

// serve answers the client until it leaves or the server closes.
func (s *session) serve() error {
	defer s.caller.tab.Settle()
	defer s.link.close()
	defer s.unwatch()
	defer s.watchIdle()()
	if s.cfg.DedicatedConnections {
		if err := s.useOwn(); err != nil {
			return err
		}
	}
	in := resp.NewCommandReader(inlet{s}, resp.Limits{MaxBytes: s.cfg.Plan.MaxRequestBytes})
	for {
		command, err := in.Next()
		if errors.Is(err, io.EOF) {
			s.link.bidFarewell(farewell) // it may have closed its own direction only
		}
		if err = s.received(command, err); err != nil {
			return err
		}
	}
}

func (s *session) received(command resp.Command, err error) error {
	switch {
	case err != nil:
		return s.unreadable(err)
	case s.link.gone.Load():
		return net.ErrClosed // what it sent before is not run, as it is not booked yet
	case len(command.Words) == 0 || s.hungUp:
		return nil
	}
	return s.handle(command)
}

// unreadable answers what is no command.
func (s *session) unreadable(err error) error {
	var tooLarge *resp.TooLargeError
	var broken *resp.ProtocolError
	switch {
	case errors.As(err, &tooLarge):
		return s.refuseTooLarge(tooLarge)
	case errors.As(err, &broken):
		err = errors.Join(s.sayError("ERR "+broken.Error()), s.link.hangUp(), err)
		_, _ = io.Copy(io.Discard, inlet{s}) // until what came before is answered too
		return err
	}
	return err
}

// handle answers one command, here or at the engine.
func (s *session) handle(command resp.Command) error {
	args := command.Words
	cmd, known := s.finder.Lookup(args)
	s.ran(cmd.Name)
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
	if known && !answersItself(cmd.Name) { // before it is booked, as what is booked is to run
		if err := s.useRoute(needsOwn(cmd, args)); err != nil {
			return err
		}
	}
	failed, refusal := s.accounts.admit(s.caller, args, cmd, known)
	if refusal != "" {
		return s.refuse(cmd.Name, refusal)
	}
	s.monitors.show(s.conn.RemoteAddr(), args...)
	if answersItself(cmd.Name) {
		s.caller.tab.Settle() // INFO tells of it
		return s.answer(cmd, args, failed)
	}
	return s.forward(cmd, command, failed)
}

// forward sends a command to the engine and follows what it does to the
// connection. failed, if any, is called if the reply is an error.
func (s *session) forward(cmd commands.Command, command resp.Command, failed func()) error {
	args := command.Words
	due := debt{kind: owedByEngine, failed: failed, told: s.watchScripts(cmd.Name), blocks: mayBlock(cmd, args)}
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
		s.noteTopics()
	}
	return s.link.forward(command.Raw, due)
}

// sendQuietly sends the engine a command of the server's own, whose replies nobody
// gets. The client has a connection of its own.
func (s *session) sendQuietly(word string, due debt) error {
	due.kind = owedNobody
	return s.link.forward(resp.AppendCommand(nil, []byte(word)), due)
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
	return errors.Join(s.sendQuietly("DISCARD", debt{}), s.sayError(text))
}

func (s *session) refuseTooLarge(err *resp.TooLargeError) error {
	s.accounts.refused(s.caller, commands.TooLarge, false)
	return s.spoil(commands.RequestTooLarge(err.Limit, err.Actual))
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

// inlet is where the client's commands are read from. Reading may wait, so before
// it everything is sent on its way.
type inlet struct{ *session }

func (i inlet) Read(p []byte) (int, error) {
	if err := i.link.flush(); err != nil {
		return 0, err
	}
	n, err := i.active.Read(p)
	i.caller.at = i.clock.of(i.active.lastSeen())
	return n, err
}
