package upstash

import (
	"bufio"
	"errors"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"tollgate/fakes/upstash/commands"
	"tollgate/fakes/upstash/resp"
)

const (
	// laneTimeout bounds the opening of a lane.
	laneTimeout = 10 * time.Second
	// maxLaneOut is how many bytes wait for the engine before clients do: 1 MiB.
	maxLaneOut = 1 << 20
	// maxGathered is how many replies a lane hands over before clients are sent any.
	maxGathered = 512
	// laneBuffer is the size of a lane's reading buffer, in bytes.
	laneBuffer = 64 << 10
)

// errLaneClosed is the end of a lane, of which each of its clients is told.
var errLaneClosed = errors.New("upstash: the connection to the engine has ended")

// lane is one connection to the engine that clients share for commands that need
// none of their own: most of them, most of the time. What many clients send at one
// time goes to the engine in one write, and what it answers comes in one read.
//
// If the connection fails, those who are owed replies are hung up on, as if it had
// been their own; the others join another lane with their next command.
type lane struct {
	conn    net.Conn
	timeout time.Duration // of the engine's; 0 means none
	from    *bufio.Reader // only the reader
	held    []byte        // a reply on its way; only the reader

	ready chan struct{} // has room for one: there is something to write
	ended chan struct{} // closed with the lane

	mu      sync.Mutex // never held while waiting for the network
	room    sync.Cond  // there is less to write
	waiting []byte     // to be written
	spare   []byte     // the buffer to fill next
	owed    []owed     // from first on: who gets the next replies
	first   int
	clients map[*link]struct{}
	closed  atomic.Bool // changed under mu
}

// owed are replies that come next.
type owed struct {
	to    *link
	count int
}

// newLane makes a lane of a connection that speaks what its clients speak. It ends
// if the engine takes no command, or gives no reply that it owes, for timeout; 0
// means that it may take any time. spawn starts the lane's goroutines; failed hears
// why it ended.
func newLane(conn net.Conn, timeout time.Duration, spawn func(func()), failed func(error)) *lane {
	l := &lane{
		conn:    conn,
		timeout: timeout,
		from:    bufio.NewReaderSize(conn, laneBuffer),
		ready:   make(chan struct{}, 1),
		ended:   make(chan struct{}),
		clients: map[*link]struct{}{},
	}
	l.room.L = &l.mu
	spawn(l.write)
	spawn(func() {
		err := l.read()
		l.close()
		failed(err)
	})
	return l
}

// needsOwn says whether a command needs a connection of its client's own: because
// it changes the connection's state, may block, or runs scripts, which are booked by
// the connection they run on.
func needsOwn(cmd commands.Command, args [][]byte) bool {
	switch cmd.Name {
	case "EVAL", "EVALSHA", "EVAL_RO", "EVALSHA_RO", "FCALL", "FCALL_RO":
		return true
	}
	return cmd.NoREST || mayBlock(cmd, args)
}

// mayBlock says whether a command may wait for what others do.
func mayBlock(cmd commands.Command, args [][]byte) bool {
	switch cmd.Name {
	case "WAIT", "WAITAOF":
		return true
	case "XREAD", "XREADGROUP":
		return commands.Blocks(args)
	}
	return cmd.NoREST && cmd.Write
}

// join lets a client use the lane.
func (l *lane) join(client *link) (route, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed.Load() {
		return nil, errLaneClosed
	}
	l.clients[client] = struct{}{}
	client.share(newWindow())
	return &laneRoute{lane: l, link: client}, nil
}

// laneRoute is a client's part in a lane.
type laneRoute struct {
	lane  *lane
	link  *link
	batch []byte // what waits for flush
	count int    // of commands in it
}

func (r *laneRoute) send(raw []byte) error {
	r.batch = append(r.batch, raw...)
	r.count++
	if len(r.batch) >= maxLaneOut/4 {
		return r.flush()
	}
	return nil
}

func (r *laneRoute) flush() error {
	if r.count == 0 {
		return nil
	}
	r.link.before()
	err := r.lane.submit(r.batch, owed{r.link, r.count})
	r.batch, r.count = r.batch[:0], 0
	if cap(r.batch) > keptOutbox {
		r.batch = nil
	}
	return err
}

func (r *laneRoute) broken() bool { return r.lane.closed.Load() }

func (r *laneRoute) leave() {
	_ = r.flush() // what was booked runs, if it still can
	r.link.share(nil)
	r.lane.mu.Lock()
	defer r.lane.mu.Unlock()
	delete(r.lane.clients, r.link)
}

// submit takes commands to be written, and who gets the replies.
func (l *lane) submit(raw []byte, to owed) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for !l.closed.Load() && len(l.waiting) >= maxLaneOut {
		l.room.Wait()
	}
	if l.closed.Load() {
		return errLaneClosed
	}
	l.waiting = append(l.waiting, raw...)
	if l.first == len(l.owed) {
		l.owed, l.first = l.owed[:0], 0
	}
	l.owed = append(l.owed, to)
	select {
	case l.ready <- struct{}{}:
	default:
	}
	return nil
}

// write writes what waits until the lane ends.
func (l *lane) write() {
	for {
		select {
		case <-l.ready:
		case <-l.ended:
			return
		}
		runtime.Gosched() // let all clients that have something to send add to it
		taken := l.take()
		if len(taken) == 0 {
			continue // it went with what was before
		}
		if _, err := l.conn.Write(taken); err != nil {
			l.close()
			return
		}
	}
}

func (l *lane) take() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	taken := l.waiting
	if len(taken) > 0 {
		l.limit(true)
	}
	l.waiting, l.spare = l.spare, nil
	if cap(taken) <= 2*maxLaneOut {
		l.spare = taken[:0] // to be filled once it is written
	}
	l.room.Broadcast()
	return taken
}

// limit gives the engine a deadline for taking commands and for the next reply, or
// takes it away. mu is held.
func (l *lane) limit(on bool) {
	if l.timeout == 0 {
		return
	}
	var deadline time.Time
	if on {
		deadline = time.Now().Add(l.timeout)
	}
	_ = l.conn.SetDeadline(deadline) // it may be closed already
}

// rest takes note that there is nothing to read, and waits for as long as it takes
// if nothing is owed.
func (l *lane) rest() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.limit(l.first < len(l.owed))
}

// read hands over replies until the connection ends.
func (l *lane) read() error {
	var next owed
	var reached []*link // who has been handed something and not been flushed
	for unflushed := 0; ; {
		if l.from.Buffered() == 0 || unflushed >= maxGathered {
			unflushed = 0
			for _, client := range reached {
				client.flushOut()
			}
			clear(reached)
			reached = reached[:0]
			if next.count == 0 {
				l.rest()
			}
		}
		if _, err := l.from.Peek(1); err != nil {
			return err
		}
		if next.count == 0 {
			var err error
			if next, err = l.pop(); err != nil {
				return err
			}
		}
		if n := len(reached); n == 0 || reached[n-1] != next.to {
			reached = append(reached, next.to)
		}
		passed, err := l.pass(next)
		if err != nil {
			return err
		}
		next.count -= passed
		unflushed += passed
	}
}

// pop is who gets the next replies.
func (l *lane) pop() (owed, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.first == len(l.owed) {
		return owed{}, errUnasked
	}
	next := l.owed[l.first]
	l.owed[l.first] = owed{}
	if l.first++; l.first >= 1024 && l.first > len(l.owed)/2 {
		l.owed, l.first = append(l.owed[:0], l.owed[l.first:]...), 0
	}
	return next, nil
}

// pass hands over one reply or more, and says how many.
func (l *lane) pass(next owed) (passed int, err error) {
	if passed, err = next.to.passShort(l.from, next.count); err != nil || passed > 0 {
		return passed, err
	}
	raw, size, err := resp.HoldValue(l.held[:0], l.from, engineReply, next.to.maxResult)
	if err != nil {
		return 0, err
	}
	if l.held = raw; cap(raw) > laneBuffer {
		l.held = nil
	}
	return 1, next.to.arrived(raw, size)
}

// close ends the lane for all.
func (l *lane) close() {
	l.mu.Lock()
	again := l.closed.Swap(true)
	clients := l.clients
	l.clients = nil
	l.room.Broadcast()
	l.mu.Unlock()
	if again {
		return
	}
	close(l.ended)
	l.conn.Close()
	for client := range clients {
		if client.owes() {
			client.deafen()
		}
	}
}
