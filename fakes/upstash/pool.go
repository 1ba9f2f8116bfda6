package upstash

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

const (
	// poolSize is how many engine connections the REST door has at most; further
	// requests wait.
	poolSize = 16
	// freeTimeout bounds the wait for one of them to become free, and dialTimeout
	// that for a new one. Together with engineTimeout they leave time within
	// bodyTimeout to tell the client what failed.
	freeTimeout = 15 * time.Second
	dialTimeout = 10 * time.Second
)

// pool keeps engine connections for the REST door.
type pool struct {
	open  func(context.Context) (*engineConn, error)
	slots chan struct{}

	mu     sync.Mutex
	closed bool
	all    map[*engineConn]struct{} // idle or lent
	idle   []*engineConn
}

func newPool(open func(context.Context) (*engineConn, error)) *pool {
	return &pool{open: open, slots: make(chan struct{}, poolSize), all: map[*engineConn]struct{}{}}
}

// get lends a connection, to be given back with put.
func (p *pool) get(ctx context.Context) (*engineConn, error) {
	if err := p.take(ctx); err != nil {
		return nil, err
	}
	c, err := p.idleOrNew(ctx)
	if err != nil {
		<-p.slots
		return nil, err
	}
	return c, nil
}

// take waits for a slot.
func (p *pool) take(ctx context.Context) error {
	select {
	case p.slots <- struct{}{}:
		return nil
	default:
	}
	timeout := time.NewTimer(freeTimeout)
	defer timeout.Stop()
	select {
	case p.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timeout.C:
		return fmt.Errorf("all %d connections to the engine are busy, and have been for %v", poolSize, freeTimeout)
	}
}

func (p *pool) idleOrNew(ctx context.Context) (*engineConn, error) {
	for {
		switch c, err := p.takeIdle(); {
		case err != nil:
			return nil, err
		case c == nil:
			return p.openNew(ctx)
		case c.alive():
			return c, nil
		default:
			p.drop(c)
		}
	}
}

// takeIdle is the connection that was used last, or nil.
func (p *pool) takeIdle() (*engineConn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.idle)
	switch {
	case p.closed:
		return nil, ErrClosed
	case n == 0:
		return nil, nil
	}
	c := p.idle[n-1]
	p.idle = p.idle[:n-1]
	return c, nil
}

func (p *pool) openNew(ctx context.Context) (*engineConn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	c, err := p.open(ctx)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		c.close()
		return nil, ErrClosed
	}
	p.all[c] = struct{}{}
	return c, nil
}

// drop ends a connection.
func (p *pool) drop(c *engineConn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.all, c)
	c.close()
}

// put takes a connection back. One that failed is closed, and if the engine ended it
// all that are idle with it: a restart, say, has ended them too.
func (p *pool) put(c *engineConn, err error) {
	p.mu.Lock()
	switch {
	case err == nil && !p.closed:
		p.idle = append(p.idle, c)
	case err != nil && !gaveUp(err):
		for _, idle := range p.idle {
			delete(p.all, idle)
			idle.close()
		}
		p.idle = nil
		fallthrough
	default:
		delete(p.all, c)
		c.close()
	}
	p.mu.Unlock()
	<-p.slots
}

// gaveUp says whether an error is that somebody would not wait any longer.
func gaveUp(err error) bool {
	return errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// close ends all connections, those in use too.
func (p *pool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for c := range p.all {
		c.close()
	}
	clear(p.all)
	p.idle = nil
}
