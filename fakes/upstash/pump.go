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
	head, some, subscribed := l.head()
	if kind == resp.Push || (kind == resp.Array && !l.resp3.Load() && (subscribed || head.kind == owedSubscribe)) {
		return l.passPublished(head, some)
	}
	if !some {
		return fmt.Errorf("%w: one of type %q", errUnasked, byte(kind))
	}
	defer l.paid()
	if head.kind == owedNobody {
		return resp.Discard(l.from, engineReply)
	}
	l.outMu.Lock()
	defer l.outMu.Unlock()
	_, err := resp.CopyValue(l.out, l.from, engineReply)
	return err
}

// passPublished moves a value while there are, or may be, subscriptions: it must
// be looked at to tell messages from replies.
func (l *link) passPublished(head debt, some bool) error {
	v, err := resp.ReadValue(l.from, engineReply)
	if err != nil {
		return err
	}
	what := eventOf(v)
	if what != eventMessage && !some {
		return fmt.Errorf("%w: %v", errUnasked, v)
	}
	if what == eventMessage || head.kind != owedNobody {
		if err := l.send(v); err != nil {
			return err
		}
	}
	if what != eventMessage {
		l.heard(what, v)
	}
	return nil
}

// heard takes note of a subscription's reply and pays its debt once there has
// been one for each channel.
func (l *link) heard(what event, v resp.Value) {
	l.mu.Lock()
	head := &l.pending[l.first]
	if head.subs == 0 {
		head.subs = l.topics.held(what)
	}
	l.topics.apply(what, v)
	head.subs--
	done := what == eventReply || head.subs <= 0
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

// settle pays the debts at the head of the queue that need nothing of the engine.
func (l *link) settle() error {
	for {
		head, some, _ := l.head()
		switch {
		case some && head.kind == owedByServer:
			l.outMu.Lock()
			_, err := l.out.Write(head.local)
			l.outMu.Unlock()
			if err != nil {
				return err
			}
			l.paid()
		case some && head.kind == owedHangUp:
			return errors.Join(l.flushOut(), l.client.Close())
		default:
			return nil
		}
	}
}

func (l *link) head() (head debt, some, subscribed bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.first < len(l.pending) {
		head, some = l.pending[l.first], true
	}
	return head, some, l.topics.any()
}

// paid takes the head off the queue.
func (l *link) paid() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pending[l.first] = debt{}
	if l.first++; l.first == len(l.pending) {
		l.pending, l.first = l.pending[:0], 0
	} else if l.first >= l.limit { // rarely: a client that is never owed nothing
		l.pending, l.first = append(l.pending[:0], l.pending[l.first:]...), 0
	}
	l.room.Signal()
}
