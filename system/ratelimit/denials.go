package ratelimit

import "sync"

// denials remembers until when subjects are denied. It is capped: beyond max, an arbitrary subject is forgotten, which costs
// commands at its next check and changes no answer.
type denials struct {
	max int

	mu    sync.Mutex
	until map[string]int64 // microseconds
}

// put remembers a denial.
func (d *denials) put(subject string, until int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.until == nil {
		d.until = map[string]int64{}
	}
	if _, ok := d.until[subject]; !ok && len(d.until) >= d.max {
		for other := range d.until {
			delete(d.until, other)
			break
		}
	}
	d.until[subject] = until
}

// wait returns how much longer the subject is denied, in microseconds. A wait longer than longest can only come from a clock that
// stepped back, and is forgotten, as one that is over is.
func (d *denials) wait(subject string, now, longest int64) (wait int64, denied bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	until, ok := d.until[subject]
	if !ok {
		return 0, false
	}
	if wait = until - now; wait <= 0 || wait > longest {
		delete(d.until, subject)
		return 0, false
	}
	return wait, true
}
