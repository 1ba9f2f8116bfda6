package faults

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
)

// MaxFaults is how many faults a registry holds at most.
const MaxFaults = 1024

var (
	// ErrExists is that of a name which another fault has.
	ErrExists = errors.New("faults: name is taken")
	// ErrNotFound is that of a name which no fault has.
	ErrNotFound = errors.New("faults: no such fault")
	// ErrFull is that of more than MaxFaults.
	ErrFull = errors.New("faults: too many")
	// ErrClosed is that of a registry that was closed.
	ErrClosed = errors.New("faults: closed")
)

// Config sets up a Registry. The zero value is usable.
type Config struct {
	// Seed is what all randomness comes from.
	Seed uint64
	// Target is what actions act on; with nil they do nothing.
	Target Target
}

// Registry holds faults and what they act on. Make one with New; all methods are
// safe for concurrent use.
type Registry struct {
	seed   uint64
	target Target
	ctx    context.Context //nolint:containedctx // ends with Close
	stop   context.CancelFunc
	wg     sync.WaitGroup // every goroutine

	active atomic.Pointer[[]*active] // that are on, in the order of Add; nil for none

	mu     sync.Mutex
	closed bool
	faults []*active
	named  int // names that were picked
	lastID uint64
	conns  map[uint64]*Conn
}

// New makes a registry without faults.
func New(cfg Config) *Registry {
	r := &Registry{seed: cfg.Seed, target: cfg.Target, conns: map[uint64]*Conn{}}
	if r.target == nil {
		r.target = noTarget{}
	}
	r.ctx, r.stop = context.WithCancel(context.Background())
	return r
}

// Close ends all faults, cuts the connections that were accepted through the
// registry and waits for its goroutines, which then end at once. What the faults
// did can still be read.
func (r *Registry) Close() {
	r.mu.Lock()
	r.closed = true
	r.active.Store(nil)
	for _, a := range r.faults {
		a.stopTimers()
	}
	conns := r.inOrder()
	r.mu.Unlock()
	r.stop()
	for _, c := range conns {
		c.Abort()
	}
	r.wg.Wait()
}

// refresh puts into force which faults are on; mu is held. It returns connections
// that are to be reset, which the caller does without mu.
func (r *Registry) refresh() (resets []*Conn) {
	var on []*active
	for _, a := range r.faults {
		if a.on() {
			on = append(on, a)
		}
	}
	if len(on) == 0 {
		r.active.Store(nil)
	} else {
		r.active.Store(&on)
	}
	for _, c := range r.inOrder() {
		if c.apply(on) {
			resets = append(resets, c)
		}
	}
	return resets
}

// inOrder lists the open connections, oldest first, so that decisions come in the
// same order each time; mu is held.
func (r *Registry) inOrder() []*Conn {
	conns := make([]*Conn, 0, len(r.conns))
	for _, c := range r.conns {
		conns = append(conns, c)
	}
	slices.SortFunc(conns, func(a, b *Conn) int { return cmp.Compare(a.id, b.id) })
	return conns
}

// current are the faults that are on. It costs one atomic load.
func (r *Registry) current() []*active {
	if on := r.active.Load(); on != nil {
		return *on
	}
	return nil
}
