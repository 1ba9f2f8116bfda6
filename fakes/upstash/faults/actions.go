package faults

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// actionTimeout bounds one action.
const actionTimeout = 5 * time.Second

// Target is the server that actions act on.
type Target interface {
	// DropConnections closes all connections of clients, TCP and HTTP.
	DropConnections()
	// FlushScripts has the engine forget all scripts.
	FlushScripts(ctx context.Context) error
	// JumpClock moves the clock by d; 0 only says, by its error, whether it could.
	JumpClock(d time.Duration) error
}

type noTarget struct{}

func (noTarget) DropConnections()                   {}
func (noTarget) FlushScripts(context.Context) error { return nil }
func (noTarget) JumpClock(time.Duration) error      { return nil }

// possible says why an action can never be done.
func (r *Registry) possible(f Fault) error {
	if f.Kind != ClockJump {
		return nil
	}
	if err := r.target.JumpClock(0); err != nil {
		return fmt.Errorf("faults: %s: %w", f.Kind, err)
	}
	return nil
}

// act does what a fault that is an action is for; mu is not held.
func (r *Registry) act(a *active) error {
	var err error
	ctx, cancel := context.WithTimeout(r.ctx, actionTimeout)
	defer cancel()
	switch a.Kind {
	case ScriptFlush:
		err = r.target.FlushScripts(ctx)
	case Failover:
		a.down(time.Now().Add(a.Downtime)) // first, or clients come back at once
		r.target.DropConnections()
		err = r.target.FlushScripts(ctx)
	case ClockJump:
		err = r.target.JumpClock(a.By)
	default:
		return nil
	}
	if errors.Is(err, context.Canceled) { // the registry was closed
		return nil
	}
	if err != nil {
		return fmt.Errorf("faults: %s %q: %w", a.Kind, a.Name, err)
	}
	a.fire("the server")
	r.rest(a)
	return nil
}

// rest arranges what comes after an action: its next time, or its end.
func (r *Registry) rest(a *active) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || !slices.Contains(r.faults, a) || !a.on() {
		return
	}
	switch {
	case a.Every > 0:
		a.again = time.AfterFunc(a.Every, func() { r.repeat(a) })
	case a.Downtime > 0:
		a.again = time.AfterFunc(a.Downtime, func() { r.end(a) })
	default:
		a.stopTimers()
		a.become(Ended)
		r.refresh()
	}
}

// repeat does an action again, if it is still on.
func (r *Registry) repeat(a *active) {
	r.mu.Lock()
	if r.closed || !slices.Contains(r.faults, a) || !a.on() {
		r.mu.Unlock()
		return
	}
	r.wg.Add(1)
	defer r.wg.Done()
	r.mu.Unlock()
	r.late(a, r.act(a))
}

// late takes note of an action that was due later and could not be done.
func (r *Registry) late(a *active, err error) {
	if err != nil {
		a.fail(err)
		r.rest(a)
	}
}
