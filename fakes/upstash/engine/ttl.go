package engine

import (
	"sync"
	"time"
)

// ttlResolution is how exactly keys expire: up to 20 ms early or late.
const ttlResolution = 20 * time.Millisecond

// ttlClock lets TTLs run by the clock of the process, which in a synctest bubble
// is the bubble's. miniredis' own ClockTTL does the same exactly, but visits every
// key, sorted, for each command; with some thousand keys that was 60 % of all the
// time spent. So time is passed on in steps, when a command comes.
type ttlClock struct {
	forward func(time.Duration) // FastForward of miniredis: takes its lock

	mu   sync.Mutex
	last time.Time
}

func newTTLClock(forward func(time.Duration)) *ttlClock {
	return &ttlClock{forward: forward, last: time.Now()}
}

// advance passes on the time since the last step, once that is long enough. It
// must not be called by commands inside a script: miniredis is locked there.
func (c *ttlClock) advance() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if elapsed := time.Since(c.last); elapsed >= ttlResolution {
		c.last = c.last.Add(elapsed)
		c.forward(elapsed)
	}
}
