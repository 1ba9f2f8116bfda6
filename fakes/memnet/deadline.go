package memnet

import (
	"sync"
	"time"
)

// deadline is a point in time after which waits on a condition fail. Its owner
// holds cond's lock around every call.
type deadline struct {
	cond    *sync.Cond
	expired bool
	timer   *time.Timer
	turn    int // of set; a timer from an earlier turn does nothing
}

// set moves the deadline; a zero time means none.
func (d *deadline) set(at time.Time) {
	d.stop()
	d.expired = false
	if at.IsZero() {
		return
	}
	wait := time.Until(at)
	if wait <= 0 {
		d.expired = true
		d.cond.Broadcast()
		return
	}
	turn := d.turn
	d.timer = time.AfterFunc(wait, func() {
		d.cond.L.Lock()
		defer d.cond.L.Unlock()
		if d.turn == turn {
			d.expired = true
			d.cond.Broadcast()
		}
	})
}

// stop ends the timer, leaving expired as it is.
func (d *deadline) stop() {
	d.turn++
	if d.timer != nil {
		d.timer.Stop()
		d.timer = nil
	}
}
