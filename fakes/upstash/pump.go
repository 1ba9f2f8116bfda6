package upstash

import (
	"errors"
	"fmt"

	"tollgate/fakes/upstash/resp"
)

// errUnasked is a reply of the engine that no command asked for.
var errUnasked = errors.New("upstash: the engine sent a reply that nothing asked for")

// engineReply bounds replies that are copied from the engine: hardly at all,
// since copying holds no more of them than its buffers.
var engineReply = resp.Limits{MaxBytes: 1 << 40, MaxItems: 1 << 40, MaxLine: 1 << 30}

// pump copies the engine's replies to the client until either end fails.
func (l *link) pump() error {
	for {
		first, err := l.from.Peek(1)
		if err != nil {
			return err
		}
		if err := l.settle(); err != nil {
			return err
		}
		if err := l.pass(resp.Kind(first[0])); err != nil {
			return err
		}
		if err := l.settle(); err != nil {
			return err
		}
		if l.from.Buffered() > 0 {
			continue // more to come: flush once
		}
		if err := l.flushOut(); err != nil {
			return err
		}
	}
}

// pass moves one value of the engine's, which has begun to arrive.
func (l *link) pass(kind resp.Kind) error {
	head, some := l.head()
	if kind == resp.Push || (kind == resp.Array && !l.resp3 && (head.subs > 0 || l.topics.ever())) {
		return l.passPublished(head, some)
	}
	if !some {
		return fmt.Errorf("%w: one of type %q", errUnasked, byte(kind))
	}
	defer l.paid()
	if head.protocol != 0 {
		l.resp3 = head.protocol == 3
	}
	if head.kind == owedNobody {
		return resp.Discard(l.from, engineReply)
	}
	if kind == resp.Error {
		v, err := resp.ReadValue(l.from, engineReply)
		if err != nil {
			return err
		}
		head.fail()
		return l.send(asUpstash(v))
	}
	if l.maxResult > 0 && mayBeLarge(kind) {
		return l.passResult(head)
	}
	l.outMu.Lock()
	defer l.outMu.Unlock()
	_, err := resp.CopyValue(l.out, l.from, engineReply)
	return err
}

// passPublished moves a value while there are, or were, subscriptions: it must be
// looked at to tell messages from replies.
func (l *link) passPublished(head debt, some bool) error {
	v, err := resp.ReadValue(l.from, engineReply)
	if err != nil {
		return err
	}
	what := l.topics.eventOf(v)
	switch {
	case what == eventLate:
		return nil
	case what == eventMessage:
		return l.send(v)
	case !some:
		return fmt.Errorf("%w: %v", errUnasked, v)
	}
	if head.kind != owedNobody {
		if err := l.send(v); err != nil {
			return err
		}
	}
	l.heard(what, v)
	return nil
}

// heard takes note of a subscription's reply and pays its debt once there has
// been one for each channel.
func (l *link) heard(what event, v resp.Value) {
	if what != eventReply {
		l.topics.apply(what, string(v.Array[1].Str))
	}
	l.mu.Lock()
	head := &l.pending[l.first]
	head.subs--
	done := head.subs <= 0
	l.mu.Unlock()
	if done {
		l.paid()
	}
}

func (l *link) send(v resp.Value) error {
	version := 2
	if v.Kind == resp.Push {
		version = 3
	}
	l.outMu.Lock()
	defer l.outMu.Unlock()
	_, err := l.out.Write(resp.AppendValue(nil, v, version))
	return err
}

// settleNow settles while the pump may be waiting for the engine.
func (l *link) settleNow() {
	if err := errors.Join(l.settle(), l.flushOut()); err != nil {
		l.deafen()
	}
}

// settle pays the debts at the head of the queue that need nothing of the engine.
func (l *link) settle() error {
	l.settling.Lock()
	defer l.settling.Unlock()
	for {
		head, some := l.head()
		switch {
		case some && head.kind == owedByServer:
			l.outMu.Lock()
			_, err := l.out.Write(head.local)
			l.outMu.Unlock()
			if err != nil {
				return err
			}
			if head.then != nil {
				head.then()
			}
			l.paid()
		case some && head.kind == owedHangUp:
			return errors.Join(l.flushOut(), l.client.Close())
		default:
			return nil
		}
	}
}

func (l *link) head() (head debt, some bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.first < len(l.pending) {
		head, some = l.pending[l.first], true
	}
	return head, some
}

// paid takes the head off the queue.
func (l *link) paid() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.local -= len(l.pending[l.first].local)
	l.pending[l.first] = debt{}
	if l.first++; l.first == len(l.pending) {
		l.pending, l.first = l.pending[:0], 0
	} else if l.first >= l.limit { // rarely: a client that is never owed nothing
		l.pending, l.first = append(l.pending[:0], l.pending[l.first:]...), 0
	}
	l.room.Signal()
}
