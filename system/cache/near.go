package cache

import (
	"container/list"
	"hash/maphash"
	"sync"
	"time"
)

// generations is the number of write counters. Keys share them by hash: a collision only keeps one value out of the near cache.
const generations = 1024

// answer is what is known of a key: its encoded value, or that it does not exist.
type answer struct {
	raw   []byte
	found bool
}

// near is the memory of one process: a capped least-recently-used map with expiry, and the write generation of every key.
// With size 0 it keeps no values and only counts generations. It is safe for concurrent use.
type near struct {
	size int
	ttl  time.Duration
	seed maphash.Seed

	mu      sync.Mutex
	entries map[string]*list.Element
	recent  *list.List // of *entry, most recently used first
	written [generations]uint64
}

// entry is one remembered answer.
type entry struct {
	key     string
	answer  answer
	expires time.Time
}

func newNear(cfg *Near) *near {
	n := &near{seed: maphash.MakeSeed(), entries: map[string]*list.Element{}, recent: list.New()}
	if cfg != nil {
		n.size, n.ttl = cfg.Size, cfg.TTL
	}
	return n
}

// generation returns the write count of key as of now; hand it to learn or wrote later.
func (n *near) generation(key string) uint64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.written[n.slot(key)]
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
	if !time.Now().Before(e.expires) {
		n.removeLocked(el)
		return answer{}, false
	}
	n.recent.MoveToFront(el)
	return e.answer, true
}

// learn keeps the reply of a read that was asked at that instant and generation, unless this process wrote the key since. Its
// age counts from the asking: the value may be as old as that.
func (n *near) learn(key string, a answer, asked time.Time, generation uint64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.written[n.slot(key)] != generation {
		return
	}
	ttl := n.ttl
	if !a.found {
		ttl /= missShare
	}
	n.putLocked(key, a, asked.Add(ttl))
}

// wrote keeps a value that this process wrote with the given time to live (0 = none), both counted from the sending. When another write of the key ended since
// generation (alone is false), nobody knows which of the two the store holds, and the key is dropped instead.
func (n *near) wrote(key string, raw []byte, ttl time.Duration, sent time.Time, generation uint64) (alone bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	slot := n.slot(key)
	alone = n.written[slot] == generation
	if alone {
		if ttl <= 0 || ttl > n.ttl {
			ttl = n.ttl
		}
		n.putLocked(key, answer{raw: raw, found: true}, sent.Add(ttl))
	} else if el, ok := n.entries[key]; ok {
		n.removeLocked(el)
	}
	n.written[slot]++
	return alone
}

// drop forgets keys that this process deleted, or whose write has an unknown outcome.
func (n *near) drop(keys ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, key := range keys {
		if el, ok := n.entries[key]; ok {
			n.removeLocked(el)
		}
		n.written[n.slot(key)]++
	}
}

// clear forgets everything.
func (n *near) clear() {
	n.mu.Lock()
	defer n.mu.Unlock()
	clear(n.entries)
	n.recent.Init()
	for i := range n.written {
		n.written[i]++
	}
}

func (n *near) slot(key string) uint64 { return maphash.String(n.seed, key) % generations }

func (n *near) putLocked(key string, a answer, expires time.Time) {
	if n.size == 0 {
		return
	}
	if el, ok := n.entries[key]; ok {
		n.removeLocked(el)
	}
	if len(n.entries) >= n.size {
		n.removeLocked(n.recent.Back())
	}
	n.entries[key] = n.recent.PushFront(&entry{key: key, answer: a, expires: expires})
}

func (n *near) removeLocked(el *list.Element) {
	n.recent.Remove(el)
	delete(n.entries, el.Value.(*entry).key)
}
