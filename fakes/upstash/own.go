package upstash

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"

	"tollgate/fakes/upstash/resp"
)

// errUnasked is a reply of the engine that no command asked for.
var errUnasked = errors.New("upstash: the engine sent a reply that nothing asked for")

// engineReply bounds replies that are read from the engine: hardly at all, since
// no more is held of them than a plan allows.
var engineReply = resp.Limits{MaxBytes: 1 << 40, MaxItems: 1 << 40, MaxLine: 1 << 30}

// maxUnflushed is how many replies are gathered at most before they are sent on.
const maxUnflushed = 64

// ownRoute is a connection to the engine that is one client's. It takes any
// command.
type ownRoute struct {
	link  *link
	conn  net.Conn
	toEng *bufio.Writer // only the client's goroutine
	ended func()        // called by leave

	from   *bufio.Reader // from here on only the pump
	resp3  bool          // what the engine speaks
	topics topics        // what the client hears of
	held   []byte        // a reply on its way
}

func newOwnRoute(l *link, conn net.Conn, ended func()) *ownRoute {
	return &ownRoute{
		link:  l,
		conn:  conn,
		toEng: bufio.NewWriterSize(beforeWrite{conn, l.before}, linkBuffer),
		ended: ended,
		from:  bufio.NewReaderSize(conn, linkBuffer),
	}
}

// beforeWrite is a writer that something is done before.
type beforeWrite struct {
	io.Writer
	before func()
}

func (w beforeWrite) Write(p []byte) (int, error) {
	w.before()
	return w.Writer.Write(p)
}

func (o *ownRoute) send(raw []byte) error {
	_, err := o.toEng.Write(raw)
	return err
}

func (o *ownRoute) flush() error { return o.toEng.Flush() }

// broken is never true: when the connection ends, so does the client's.
func (o *ownRoute) broken() bool { return false }

func (o *ownRoute) leave() {
	_ = o.flush() // what was booked runs, if it still can
	o.conn.Close()
	o.ended()
}

// pump hands over the engine's replies until the connection ends, and hangs up on
// the client then.
func (o *ownRoute) pump() error {
	defer o.link.deafen()
	defer o.link.flushOut()
	for unflushed := 0; ; {
		if o.from.Buffered() == 0 || unflushed >= maxUnflushed {
			unflushed = 0
			o.link.flushOut()
			o.link.awaitTaken()
		}
		first, err := o.from.Peek(1)
		if err != nil {
			return err
		}
		passed, err := o.link.passShort(o.from, maxUnflushed)
		if err == nil && passed == 0 {
			passed, err = 1, o.pass(resp.Kind(first[0]))
		}
		if err != nil {
			return err
		}
		unflushed += passed
	}
}

// pass hands over one value, which has begun to arrive.
func (o *ownRoute) pass(kind resp.Kind) error {
	head, some := o.link.head()
	if kind == resp.Push || (kind == resp.Array && !o.resp3 && (head.subs > 0 || o.topics.ever())) {
		return o.passPublished(head, some)
	}
	if !some {
		return fmt.Errorf("%w: one of type %q", errUnasked, byte(kind))
	}
	o.link.awaitScripts(head)
	if head.protocol != 0 {
		o.resp3 = head.protocol == 3
	}
	raw, size, err := resp.HoldValue(o.held[:0], o.from, engineReply, o.link.maxResult)
	if err != nil {
		return err
	}
	if o.held = raw; cap(raw) > keptOutbox {
		o.held = nil
	}
	return o.link.arrived(raw, size)
}

// passPublished moves a value while there are, or were, subscriptions: it must be
// looked at to tell messages from replies.
func (o *ownRoute) passPublished(head debt, some bool) error {
	v, err := resp.ReadValue(o.from, engineReply)
	if err != nil {
		return err
	}
	what := o.topics.eventOf(v)
	switch {
	case what == eventLate:
		return nil
	case what == eventMessage:
		o.publish(v)
		return nil
	case !some:
		return fmt.Errorf("%w: one of type %q", errUnasked, byte(v.Kind))
	case what == eventReply:
		o.link.awaitScripts(head)
	}
	if head.kind != owedNobody {
		o.publish(v)
	}
	if what != eventReply {
		o.topics.apply(what, string(v.Array[1].Str))
	}
	o.link.heard()
	return nil
}

func (o *ownRoute) publish(v resp.Value) {
	version := 2
	if v.Kind == resp.Push {
		version = 3
	}
	raw := resp.AppendValue(nil, v, version)
	o.link.mu.Lock()
	defer o.link.mu.Unlock()
	o.link.put(raw)
}

// head is the debt to be paid next.
func (l *link) head() (head debt, some bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if next := l.owed.head(); next != nil {
		head, some = *next, true
	}
	return head, some
}

// heard takes note of a subscription's reply; its debt is paid once there has been
// one for each channel.
func (l *link) heard() {
	l.mu.Lock()
	defer l.mu.Unlock()
	head := l.owed.head()
	if head.subs--; head.subs <= 0 {
		l.paid(1)
		l.settle()
	}
}
