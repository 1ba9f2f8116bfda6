package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"

	"tollgate/fakes/memnet"
)

const (
	// maxUnread is how many bytes of replies a connection may leave unread before
	// it is broken: 64 MiB. miniredis writes replies while it holds its one lock,
	// so it must never wait for a reader.
	maxUnread = 64 << 20
	// closeTimeout bounds Close.
	closeTimeout = 5 * time.Second
	// nudgeEvery is how often a closed connection that still hangs in a blocking
	// command is woken.
	nudgeEvery = 10 * time.Millisecond
	// nudgeDB is a database nobody uses; flushing it wakes all who wait in
	// miniredis and changes nothing.
	nudgeDB = 1 << 20
	// maxIdleBuffer is how much memory a buffer keeps between uses: 1 MiB.
	maxIdleBuffer = 1 << 20
)

// Embedded is miniredis in this process. Make one with NewEmbedded.
type Embedded struct {
	mini     *miniredis.Miniredis
	srv      *server.Server
	observer *observer
	log      atomic.Pointer[slog.Logger]
	lastID   atomic.Uint64

	mu     sync.Mutex
	closed bool
	conns  map[*embeddedConn]struct{}
	wg     sync.WaitGroup // one per connection, until miniredis has let go of it
}

var (
	_ Engine      = (*Embedded)(nil)
	_ Supporter   = (*Embedded)(nil)
	_ EagerDialer = (*Embedded)(nil)
)

// NewEmbedded starts an empty engine. In a synctest bubble, start and close it
// inside.
func NewEmbedded() (*Embedded, error) {
	mini := miniredis.NewMiniRedis()
	first, err := mini.Dial() // starts miniredis, without a listener
	if err != nil {
		return nil, fmt.Errorf("engine: start miniredis: %w", err)
	}
	if err := first.Close(); err != nil {
		return nil, fmt.Errorf("engine: start miniredis: %w", err)
	}
	e := &Embedded{mini: mini, srv: mini.Server(), conns: map[*embeddedConn]struct{}{}}
	in, err := newInside(e.srv)
	if err == nil {
		err = extend(e.srv)
	}
	if err != nil {
		mini.Close()
		return nil, err
	}
	clock := newTTLClock(mini)
	in.now = clock.now
	e.observer = newObserver(in, clock)
	e.srv.SetPreHook(e.observer.hook)
	e.SetLog(slog.New(slog.DiscardHandler))
	return e, nil
}

// Dial opens a connection. It never waits.
func (e *Embedded) Dial(ctx context.Context) (net.Conn, error) {
	client, end := memnet.Pipe(maxUnread)
	return e.serve(ctx, client, end)
}

// DialEager opens a connection whose owner reads replies at once; see EagerDialer.
func (e *Embedded) DialEager(ctx context.Context) (net.Conn, error) {
	client, end := memnet.Pair()
	return e.serve(ctx, client, end)
}

// serve makes a connection of the two ends of a pipe.
func (e *Embedded) serve(ctx context.Context, client, end net.Conn) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, errors.Join(err, client.Close(), end.Close())
	}
	c := &embeddedConn{Conn: client, engine: e, id: e.lastID.Add(1), ended: make(chan struct{})}
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil, errors.Join(ErrClosed, client.Close(), end.Close())
	}
	e.conns[c] = struct{}{}
	e.wg.Add(1)
	e.mu.Unlock()
	go func() {
		defer close(c.ended)
		s := newServed(e, c.id, end)
		s.conn = end
		s.serve()
	}()
	return c, nil
}

// SetLog sets where it is told of when a command fails that never should; before,
// nowhere.
func (e *Embedded) SetLog(log *slog.Logger) { e.log.Store(log) }

// OnInner sets who is told of commands inside Lua; see Engine.
func (e *Embedded) OnInner(f func(conn uint64, script, name string, args []string)) {
	e.observer.onInner.Store(&f)
}

// Stats counts the calls so far; see Engine.
func (e *Embedded) Stats(context.Context) (map[string]int64, error) {
	return e.observer.stats(), nil
}

// Supports says whether miniredis has the command.
func (e *Embedded) Supports(name string) bool { return e.srv.IsRegisteredCommand(name) }

// Close ends every connection and waits for miniredis to let go of them, at most
// 5 seconds. Data is lost.
func (e *Embedded) Close() error {
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil
	}
	e.closed = true
	conns := make([]*embeddedConn, 0, len(e.conns))
	for c := range e.conns {
		conns = append(conns, c)
	}
	e.mu.Unlock()

	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, c := range conns {
			_ = c.Close() // it may be closed already
		}
		e.wg.Wait()
		e.mini.Close()
	}()
	timeout := time.NewTimer(closeTimeout)
	defer timeout.Stop()
	select {
	case <-done:
		return nil
	case <-timeout.C:
		return fmt.Errorf("engine: miniredis did not end within %v", closeTimeout)
	}
}

// nudge wakes all connections that wait in blocking commands, so that those
// whose client left notice it.
func (e *Embedded) nudge() { e.mini.DB(nudgeDB).FlushDB() }
