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
	seconds, rest := n/t.rate, n%t.rate
	t.full = t.full.Add(time.Duration(seconds)*time.Second + time.Duration(rest)*time.Second/time.Duration(t.rate))
	return max(0, t.full.Sub(now)-time.Second)
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
	if err := s.link.toEng.Flush(); err != nil {
		return err
	}
	return pause(s.ctx, wait)
}
