package engine

import (
	"context"
	"time"
)

// tapPause is how long scripts run unwatched before another tap is tried after one
// that could not be opened.
const tapPause = time.Second

// OnGap sets who is told of commands that may have been missed; see ScriptWatcher.
func (r *Remote) OnGap(f func(error)) { r.onGap.Store(&f) }

func (r *Remote) gap(err error) {
	if tell := r.onGap.Load(); tell != nil {
		(*tell)(err)
	}
}

// WatchScript waits until scripts are watched, and returns what waits until all
// that they called was seen; see ScriptWatcher. Where they cannot be watched, that
// is a gap, and the script may run.
func (r *Remote) WatchScript(ctx context.Context, conn uint64) (told func()) {
	r.mu.Lock()
	c := r.conns[conn]
	r.mu.Unlock()
	if c == nil {
		return func() {} // the connection has ended: nothing can be sent on it
	}
	t, err := r.openTap()
	if err == nil {
		err = t.introduce(c)
	}
	if err != nil {
		r.gap(err)
		return func() {}
	}
	c.scripts.Add(1)
	return func() {
		ctx, cancel := context.WithTimeout(ctx, tapTimeout)
		defer cancel()
		err := t.passed(ctx)
		c.scripts.Add(-1)
		if err != nil {
			r.gap(err)
		}
	}
}

// openTap returns the tap, a new one if there is none or it broke.
func (r *Remote) openTap() (*tap, error) {
	r.tapMu.Lock()
	defer r.tapMu.Unlock()
	if r.tap != nil && r.tap.alive() {
		return r.tap, nil
	}
	if r.tapErr != nil && time.Since(r.tapLast) < tapPause {
		return nil, r.tapErr
	}
	ctx, cancel := context.WithTimeout(r.ctx, tapTimeout)
	defer cancel()
	r.tap, r.tapErr = r.startTap(ctx)
	r.tapLast = time.Now()
	return r.tap, r.tapErr
}

// leaveTap forgets a connection that has ended, once everything that was called on
// it was seen.
func (r *Remote) leaveTap(c *remoteConn) {
	c.tapMu.Lock()
	t, addr := c.tap, c.addr
	c.tapMu.Unlock()
	if t == nil {
		return
	}
	ctx, cancel := context.WithTimeout(r.ctx, tapTimeout)
	defer cancel()
	if err := t.passed(ctx); err != nil && c.scripts.Load() > 0 {
		r.gap(err)
	}
	t.dismiss(addr, c.id)
}
