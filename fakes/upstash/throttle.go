package upstash

import (
	"context"
	"sync"
	"time"
)

// throttle spreads commands over time: so many a second, after a burst of as many.
// What is too much waits, in the order of asking.
type throttle struct {
	rate  int // commands a second; 0 means any number
	clock func() time.Time

	mu   sync.Mutex
	full time.Time // when there is room for a whole burst again
}

// take makes room for n commands and says how long they must wait for it.
func (t *throttle) take(n int) time.Duration {
	if t.rate == 0 {
		return 0
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.clock()
	if t.full.Before(now) {
		t.full = now
	}
	t.full = t.full.Add(t.span(n))
	return max(0, t.full.Sub(now)-time.Second)
}

// span is how long n commands take.
func (t *throttle) span(n int) time.Duration {
	seconds, rest := n/t.rate, n%t.rate
	return time.Duration(seconds)*time.Second + time.Duration(rest)*time.Second/time.Duration(t.rate)
}

// await waits for room for n commands. If ctx ends before that, its error is
// returned, and others get the room.
func (t *throttle) await(ctx context.Context, n int) error {
	err := pause(ctx, t.take(n))
	if err != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.full = t.full.Add(-t.span(n))
	}
	return err
}

// pause waits for d, or until ctx ends, whose error it then returns.
func pause(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// pace makes a command of the session wait for its turn. What came before it is
// sent to the engine first.
func (s *session) pace() error {
	wait := s.accounts.throttle.take(1)
	if wait == 0 {
		return nil
	}
	if err := s.link.flush(); err != nil {
		return err
	}
	err := pause(s.ctx, wait)
	s.caller.at = s.clock.now()
	return err
}
