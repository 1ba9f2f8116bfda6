package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// busyPause is how long a Redis that is busy with a long script, or still loading,
// is left alone.
const busyPause = 20 * time.Millisecond

// round is everybody who waits for the same marker.
type round struct {
	marker string
	seen   chan struct{} // closed when MONITOR has shown the marker
}

// passed waits until the tap has seen all that the Redis ran before the call.
func (t *tap) passed(ctx context.Context) error {
	t.mu.Lock()
	if t.next == nil {
		t.next = &round{seen: make(chan struct{})}
		select {
		case t.wake <- struct{}{}:
		default:
		}
	}
	mine := t.next
	t.mu.Unlock()
	select {
	case <-mine.seen:
		return nil
	case <-t.broken:
		return t.err
	case <-ctx.Done():
		return fmt.Errorf("what a script called was not shown in time: %w", context.Cause(ctx))
	}
}

// mark sends a marker for each round, one after another: whoever comes while one
// is on its way shares the next. It breaks the tap when the engine is closed.
func (t *tap) mark() {
	for n := 1; ; n++ {
		select {
		case <-t.wake:
		case <-t.broken:
			return
		case <-t.remote.ctx.Done():
			t.end(ErrClosed)
			return
		}
		t.mu.Lock()
		now := t.next
		now.marker = t.marker + strconv.Itoa(n)
		t.current, t.next = now, nil
		t.mu.Unlock()
		if _, err := t.ask("PING", now.marker); err != nil {
			t.end(err)
			return
		}
		select {
		case <-now.seen:
		case <-t.broken:
			return
		case <-t.remote.ctx.Done():
			t.end(ErrClosed)
			return
		}
	}
}

// sawMarker ends the wait of a round, if word is its marker. Where MONITOR shows it
// to come from elsewhere than CLIENT LIST says, scripts cannot be told apart either.
func (t *tap) sawMarker(from, word []byte) error {
	if !bytes.HasPrefix(word, []byte(t.marker)) {
		return nil
	}
	if string(from) != t.addr {
		return fmt.Errorf("MONITOR shows address %q for the connection that CLIENT LIST shows at %q", from, t.addr)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.current != nil && t.current.marker == string(word) {
		close(t.current.seen)
		t.current = nil
	}
	return nil
}

// ask sends a command beside MONITOR, again while the Redis is busy.
func (t *tap) ask(words ...string) (string, error) {
	ctx, cancel := context.WithTimeout(t.remote.ctx, tapTimeout)
	defer cancel()
	t.asking.Lock()
	defer t.asking.Unlock()
	for {
		reply, err := t.side.do(ctx, words...)
		var refused *replyError
		switch {
		case err == nil:
			return reply.Text(), nil
		case !errors.As(err, &refused):
			t.end(err) // the connection is of no more use
			return "", t.err
		case !refused.is("BUSY", "LOADING"):
			return "", err
		}
		t.remote.count(words[0], -1) // it did not run
		pause := time.NewTimer(busyPause)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return "", err
		}
	}
}
