package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/alicebob/miniredis/v2/server"

	"tollgate/fakes/memnet"
	"tollgate/fakes/upstash/resp"
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
	// introduce is the command by which a new connection tells its ID.
	introduce = "TOLLGATE.INTRODUCE"
)

// Embedded is miniredis in this process. Make one with NewEmbedded.
type Embedded struct {
	mini     *miniredis.Miniredis
	srv      *server.Server
	observer *observer
	lastID   atomic.Uint64

	mu     sync.Mutex
	closed bool
	conns  map[*embeddedConn]struct{}
	wg     sync.WaitGroup // one per connection, until miniredis has let go of it
}

var (
	_ Engine    = (*Embedded)(nil)
	_ Supporter = (*Embedded)(nil)
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
	e.observer = newObserver(e.srv, newTTLClock(mini.FastForward))
	e.srv.SetPreHook(e.observer.hook)
	return e, nil
}

// Dial opens a connection. It never waits.
func (e *Embedded) Dial(ctx context.Context) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	client, end := memnet.Pipe(maxUnread)
	c := &embeddedConn{Conn: client, engine: e, id: e.lastID.Add(1), ended: make(chan struct{})}
	e.mu.Lock()
	if e.closed {
		e.mu.Unlock()
		return nil, errors.Join(ErrClosed, client.Close(), end.Close())
	}
	e.conns[c] = struct{}{}
	e.wg.Add(1)
	e.srv.ServeConn(&servedConn{Conn: end, ended: c.ended})
	e.mu.Unlock()

	// The observer answers nothing to it, so the client's first reply is its own.
	hello := resp.AppendCommand(nil, []byte(introduce), strconv.AppendUint(nil, c.id, 10))
	if _, err := client.Write(hello); err != nil {
		return nil, errors.Join(fmt.Errorf("engine: introduce connection: %w", err), c.Close())
	}
	return c, nil
}

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
