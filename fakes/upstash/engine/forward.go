package engine

import "time"

// Forwarder is an Engine whose TTLs run by a clock that can be moved.
type Forwarder interface {
	// FastForward lets d pass for all TTLs at once; a negative d gives them more
	// time.
	FastForward(d time.Duration)
}

var _ Forwarder = (*Embedded)(nil)

// FastForward lets d pass for all TTLs; see Forwarder. What TIME says does not
// move.
func (e *Embedded) FastForward(d time.Duration) { e.mini.FastForward(d) }
