package cache

import (
	"container/list"
	"hash/maphash"
	"sync"
	"time"
)

// entryBytes is what an entry takes beside its key and its value, about.
const entryBytes = 200

// answer is what is known of a key: its encoded value, or that it does not exist.
type answer struct {
	raw   []byte
	found bool
}

// near is the memory of one process: a capped least-recently-used map with expiry, and the write generation of every key.
// With size 0 it keeps no values and only counts generations. It is safe for concurrent use.
type near struct {
	cfg  Near
	seed maphash.Seed

	mu      sync.Mutex
	entries map[string]*list.Element
	recent  *list.List // of *entry, most recently used first
	bytes   int
	written [generations]uint64
	doubt   time.Time // until then what is learned or written may be changed by others
}

// entry is one remembered answer.
type entry struct {
	key    string
	answer answer
	ends   time.Time // when the key expires by this process's own writing; zero: it does not, or nobody knows
	stale  time.Time // when the answer must be asked for again; zero: never
}

func (e *entry) bytes() int { return len(e.key) + len(e.answer.raw) + entryBytes }

func newNear(cfg *Near) *near {
	n := &near{seed: maphash.MakeSeed(), entries: map[string]*list.Element{}, recent: list.New()}
	if cfg != nil {
		n.cfg = *cfg
	}
	n.doubt = time.Now().Add(doubtFor)
	return n
}

// get returns what is known of key, when something fresh is.
func (n *near) get(key string) (answer, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	el, ok := n.entries[key]
	if !ok {
		return answer{}, false
	}
	e := el.Value.(*entry)
	now := time.Now()
	if past(e.stale, now) {
		n.removeLocked(el)
		return answer{}, false
	}
	if past(e.ends, now) { // and nobody else writes it
		n.bytes -= len(e.answer.raw)
		e.answer, e.ends = answer{}, time.Time{}
	}
	n.recent.MoveToFront(el)
	return e.answer, true
}

// past reports whether a moment, if there is one, has come.
func past(moment, now time.Time) bool { return !moment.IsZero() && !now.Before(moment) }

// learn keeps the reply of a read that was asked at that instant and generation, unless this process wrote the key since. Its
// age counts from the asking: the value may be as old as that. When a value that was read expires, nobody told; that a key does
// not exist stays true where nobody else writes.
func (n *near) learn(key string, a answer, asked time.Time, generation uint64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.written[n.slot(key)] != generation {
		return
	}
	e := &entry{key: key, answer: a}
	switch {
	case a.found:
		e.stale = asked.Add(n.cfg.TTL)
	case !n.aloneLocked(asked):
		e.stale = asked.Add(n.cfg.TTL / missShare)
	}
	n.putLocked(e)
}

func (n *near) putLocked(e *entry) {
	n.forgetLocked(e.key)
	if n.cfg.Size == 0 || e.bytes() > n.cfg.Bytes {
		return
	}
	for len(n.entries) >= n.cfg.Size || n.bytes+e.bytes() > n.cfg.Bytes {
		n.removeLocked(n.recent.Back())
	}
	n.entries[e.key] = n.recent.PushFront(e)
	n.bytes += e.bytes()
}

func (n *near) forgetLocked(key string) {
	if el, ok := n.entries[key]; ok {
		n.removeLocked(el)
	}
}

func (n *near) removeLocked(el *list.Element) {
	e := el.Value.(*entry)
	n.recent.Remove(el)
	delete(n.entries, e.key)
	n.bytes -= e.bytes()
}
