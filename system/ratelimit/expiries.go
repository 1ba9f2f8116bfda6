package ratelimit

import (
	"slices"
	"sync"
)

// maxOwed caps the buckets whose EXPIRE failed and is to be repeated.
const maxOwed = 64

// expiries says which buckets this process still has to give a time to live.
type expiries struct {
	mu     sync.Mutex
	latest int64
	owed   map[int64]struct{}
}

// take returns the buckets to EXPIRE now that the given one was written: itself when it is new, and those given back. Each is
// returned once.
func (e *expiries) take(bucket int64) (due []int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if bucket != e.latest {
		e.latest = bucket
		due = append(due, bucket)
	}
	for b := range e.owed {
		if !slices.Contains(due, b) {
			due = append(due, b)
		}
	}
	clear(e.owed)
	return due
}

// giveBack says that the EXPIRE of a bucket failed.
func (e *expiries) giveBack(bucket int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.owed == nil {
		e.owed = map[int64]struct{}{}
	}
	if len(e.owed) < maxOwed {
		e.owed[bucket] = struct{}{}
	}
}
