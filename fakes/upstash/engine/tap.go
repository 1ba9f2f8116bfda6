package engine

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

const (
	// tapName is the client name of a tap's two connections.
	tapName = "tollgate-tap"
	// tapTimeout bounds each wait for a tap: until it is open, until it knows a
	// connection's address, until it has seen what a script called.
	tapTimeout = 10 * time.Second
)

// errTapBroken is a tap that ended; another takes its place.
var errTapBroken = errors.New("the connection that watches scripts broke")

// tap listens to everything that a Redis runs, by MONITOR, and tells of commands
// called inside scripts. A Redis runs one command at a time, so that what a script
// calls comes right after the command that called the script.
//
// MONITOR costs a Redis much of its throughput: there is a tap only once there are
// scripts.
type tap struct {
	remote  *Remote
	monitor *wire
	side    *wire  // for what the tap itself has to send
	addr    string // the side's, as CLIENT LIST has it
	marker  string // what its markers begin with

	broken chan struct{} // closed when it is of no more use
	once   sync.Once
	err    error // why; set before broken is closed

	asking sync.Mutex // held while a command of the side's is under way

	mu      sync.Mutex
	callers map[string]uint64 // connections by the address that MONITOR shows
	current *round            // whose marker is on its way
	next    *round            // who came since
	wake    chan struct{}     // has room for one: there is a next
}

// startTap opens the tap's connections and its two goroutines, which end when it
// breaks, at the latest when the engine is closed.
func (r *Remote) startTap(ctx context.Context) (*tap, error) {
	t := &tap{
		remote: r, marker: uuid.NewString() + "-", callers: map[string]uint64{},
		broken: make(chan struct{}), wake: make(chan struct{}, 1),
	}
	var err error
	if t.side, err = r.dialWire(ctx, tapName); err != nil {
		return nil, err
	}
	if t.monitor, err = r.dialWire(ctx, tapName); err == nil {
		if _, err = t.monitor.do(ctx, "MONITOR"); err != nil {
			t.monitor.Close()
			err = fmt.Errorf("engine: the Redis at %v does not let scripts be watched: %w", r.address, err)
		}
	}
	if err != nil {
		t.side.Close()
		return nil, err
	}
	if t.addr, err = t.addrOf(t.side.serverID); err == nil {
		err = t.start()
	}
	if err == nil {
		err = t.passed(ctx) // it sees its own marker
	}
	if err != nil {
		t.end(err)
		return nil, err
	}
	return t, nil
}

// start starts the goroutines.
func (t *tap) start() error {
	t.remote.mu.Lock()
	defer t.remote.mu.Unlock()
	if t.remote.closed {
		return ErrClosed
	}
	t.remote.wg.Go(t.listen)
	t.remote.wg.Go(t.mark)
	return nil
}

// end breaks the tap, for good.
func (t *tap) end(err error) {
	t.once.Do(func() {
		t.err = fmt.Errorf("%w: %w", errTapBroken, err)
		close(t.broken)
		t.monitor.Close()
		t.side.Close()
	})
}

// alive says whether the tap has not broken.
func (t *tap) alive() bool {
	select {
	case <-t.broken:
		return false
	default:
		return true
	}
}

// listen reads MONITOR until the connection ends.
func (t *tap) listen() {
	reader := newMonitorReader(t)
	for {
		if err := reader.next(); err != nil {
			t.end(err)
			return
		}
	}
}

// introduce makes sure that the tap knows a connection by its address.
func (t *tap) introduce(c *remoteConn) error {
	c.tapMu.Lock()
	defer c.tapMu.Unlock()
	if c.tap == t {
		return nil
	}
	if c.addr == "" {
		addr, err := t.addrOf(c.serverID)
		if err != nil {
			return err
		}
		c.addr = addr
	}
	c.tap = t
	t.mu.Lock()
	defer t.mu.Unlock()
	t.callers[c.addr] = c.id
	return nil
}

// caller is whose the connection of an address is; 0 if it is not the engine's.
func (t *tap) caller(addr []byte) uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.callers[string(addr)]
}

// dismiss forgets a connection.
func (t *tap) dismiss(addr string, conn uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.callers[addr] == conn { // or another connection has the address now
		delete(t.callers, addr)
	}
}

// addrOf asks for the address of a connection, which may be another than this end
// knows.
func (t *tap) addrOf(serverID int64) (string, error) {
	id := strconv.FormatInt(serverID, 10)
	list, err := t.ask("CLIENT", "LIST", "ID", id)
	if err != nil {
		return "", err
	}
	addr := clientAddr(list, id)
	if addr == "" {
		return "", fmt.Errorf("CLIENT LIST does not show connection %s", id)
	}
	return addr, nil
}

// clientAddr is the addr of the client of that ID in a reply to CLIENT LIST, or "".
func clientAddr(list, id string) string {
	for line := range strings.Lines(list) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] != "id="+id {
			continue
		}
		if addr, ok := strings.CutPrefix(fields[1], "addr="); ok {
			return addr
		}
	}
	return ""
}
