package engine

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"tollgate/fakes/memnet"
)

// dialTimeout bounds each dial of a Remote, with TLS and login.
const dialTimeout = 5 * time.Second

// RemoteConfig says where a Redis is.
type RemoteConfig struct {
	// URL is redis://[[user]:password@]host[:port][/0], or rediss:// for TLS.
	URL string
	// RootCAs are whom to trust with TLS; nil means the system's.
	RootCAs *x509.CertPool
	// Dial opens the network connections; nil means TCP with keep-alive.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// Remote is a Redis at an address: a redis-server of 6.2 or newer, or a database
// at Upstash. Make one with NewRemote.
type Remote struct {
	address address
	roots   *x509.CertPool
	dial    func(ctx context.Context, network, address string) (net.Conn, error)
	base    commandStats // what the Redis had counted when the engine began
	onInner atomic.Pointer[func(conn uint64, script, name string, args []string)]
	lastID  atomic.Uint64

	onGap atomic.Pointer[func(error)]

	tapMu   sync.Mutex // held while a tap is opened
	tap     *tap       // nil until there are scripts
	tapErr  error      // why there is none
	tapLast time.Time  // when it was last tried

	ctx  context.Context //nolint:containedctx // ends with Close
	stop context.CancelFunc

	mu     sync.Mutex
	closed bool
	own    map[string]int64 // calls by this engine itself, which Stats leaves out
	conns  map[uint64]*remoteConn
	wg     sync.WaitGroup // one per connection, until the Redis has let go of it, and the tap's
}

var (
	_ Engine        = (*Remote)(nil)
	_ ScriptWatcher = (*Remote)(nil)
)

// Validate says what is wrong with the configuration, without asking the Redis. It
// never shows a password.
func (c RemoteConfig) Validate() error {
	_, err := parseAddress(c.URL)
	return err
}

// NewRemote checks the configuration and that the Redis answers. Where it does
// not, the error is an *UnreachableError.
func NewRemote(ctx context.Context, cfg RemoteConfig) (*Remote, error) {
	where, err := parseAddress(cfg.URL)
	if err != nil {
		return nil, err
	}
	r := &Remote{
		address: where, roots: cfg.RootCAs, dial: cfg.Dial,
		own: map[string]int64{}, conns: map[uint64]*remoteConn{},
	}
	if r.dial == nil {
		r.dial = memnet.TCP().DialContext
	}
	r.ctx, r.stop = context.WithCancel(context.WithoutCancel(ctx))
	if r.base, err = r.readStats(ctx); err != nil {
		r.stop()
		return nil, err
	}
	return r, nil
}

// Address is where the Redis is, as a URL without user and password.
func (r *Remote) Address() string { return r.address.String() }

// Version is what the Redis said that it was when the engine began, as in "7.0.15".
func (r *Remote) Version() string { return r.base.version }

// Dial opens a connection, within 5 seconds. An error is an *UnreachableError,
// unless the engine is closed.
func (r *Remote) Dial(ctx context.Context) (net.Conn, error) {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return nil, ErrClosed
	}
	r.wg.Add(1)
	r.mu.Unlock()

	w, err := r.dialWire(ctx, "")
	if err != nil {
		r.wg.Done()
		return nil, err
	}
	c := &remoteConn{Conn: w.Conn, remote: r, id: r.lastID.Add(1), serverID: w.serverID}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		r.wg.Done()
		return nil, errors.Join(ErrClosed, w.Close())
	}
	r.conns[c.id] = c
	return c, nil
}

// OnInner sets who is told of commands inside Lua; see Engine.
func (r *Remote) OnInner(f func(conn uint64, script, name string, args []string)) {
	r.onInner.Store(&f)
}

// Stats counts the calls since the start of the engine, without its own; see
// Engine. Calls of other clients of the same Redis are among them, as far as the
// Redis says them. It is ErrRestarted once the Redis has lost its counts.
func (r *Remote) Stats(ctx context.Context) (map[string]int64, error) {
	now, err := r.readStats(ctx)
	if err != nil {
		return nil, err
	}
	if now.run != r.base.run {
		return nil, fmt.Errorf("%w: %v", ErrRestarted, r.address)
	}
	return now.since(r.base), nil
}

// Close ends every connection and waits, at most 5 seconds. What was sent on
// connections that were closed before has then run. The data stays.
func (r *Remote) Close() error {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return nil
	}
	r.closed = true
	for _, c := range r.conns {
		if !c.closed.Load() { // else it waits for what was sent before
			c.Conn.Close()
			_ = c.Close()
		}
	}
	r.mu.Unlock()
	r.stop()

	done := make(chan struct{})
	go func() {
		defer close(done)
		r.wg.Wait()
	}()
	timeout := time.NewTimer(closeTimeout)
	defer timeout.Stop()
	select {
	case <-done:
		return nil
	case <-timeout.C:
		return fmt.Errorf("engine: connections to %v did not end within %v", r.address, closeTimeout)
	}
}

// count notes calls of the engine's own of an upper-case command.
func (r *Remote) count(name string, calls int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.own[name] += calls
}

// forget drops a connection that has ended.
func (r *Remote) forget(c *remoteConn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.conns, c.id)
}
