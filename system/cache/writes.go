package cache

import (
	"hash/maphash"
	"strings"
	"time"
)

const (
	// generations is the number of write counters. Keys share them by hash: a collision only keeps one value out of the near cache.
	generations = 1024
	// doubtFor is how long a process that is alone goes without saying so: after its start, when the one before it may still be
	// there, and after a write that failed, which may still be carried out.
	doubtFor = time.Minute
)

// generation returns the write count of key as of now; hand it to learn or wrote later.
func (n *near) generation(key string) uint64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.written[n.slot(key)]
}

// generationsOf is generation for several keys.
func (n *near) generationsOf(keys []string) []uint64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	of := make([]uint64, len(keys))
	for i, key := range keys {
		of[i] = n.written[n.slot(key)]
	}
	return of
}

// wrote keeps a value that this process wrote with the given time to live (0 = none), both counted from the sending. When
// another write of the key ended since generation (alone is false), nobody knows which of the two the store holds, and the key
// is dropped instead.
func (n *near) wrote(key string, raw []byte, ttl time.Duration, sent time.Time, generation uint64) (alone bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	slot := n.slot(key)
	alone = n.written[slot] == generation
	n.written[slot]++
	if !alone {
		n.forgetLocked(key)
		return false
	}
	e := &entry{key: key, answer: answer{raw: raw, found: true}}
	switch {
	case !n.aloneLocked(sent) && (ttl <= 0 || ttl > n.cfg.TTL):
		e.stale = sent.Add(n.cfg.TTL)
	case !n.aloneLocked(sent):
		e.stale = sent.Add(ttl)
	case ttl > 0:
		e.ends = sent.Add(ttl)
	}
	n.putLocked(e)
	return true
}

// deleted notes that this process deleted keys, of which before are the generations at the sending.
func (n *near) deleted(keys []string, sent time.Time, before []uint64) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i, key := range keys {
		slot := n.slot(key)
		if n.written[slot] == before[i] && n.aloneLocked(sent) {
			n.putLocked(&entry{key: key})
		} else {
			n.forgetLocked(key)
		}
		n.written[slot]++
	}
}

// unsure forgets keys whose write or deletion failed: it may have been carried out, or may still be.
func (n *near) unsure(keys ...string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, key := range keys {
		n.forgetLocked(key)
		n.written[n.slot(key)]++
	}
	n.doubt = time.Now().Add(doubtFor)
}

// deletedPattern forgets all keys that a Redis glob pattern can match: those that begin as it does.
func (n *near) deletedPattern(pattern string, failed bool) {
	literal := pattern
	if i := strings.IndexAny(pattern, `*?[\`); i >= 0 {
		literal = pattern[:i]
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for key, el := range n.entries {
		if strings.HasPrefix(key, literal) {
			n.removeLocked(el)
		}
	}
	for i := range n.written {
		n.written[i]++
	}
	if failed {
		n.doubt = time.Now().Add(doubtFor)
	}
}

// aloneLocked reports whether what this process did or saw at a moment is changed by nobody else.
func (n *near) aloneLocked(at time.Time) bool { return n.cfg.Sole && !at.Before(n.doubt) }

func (n *near) slot(key string) uint64 { return maphash.String(n.seed, key) % generations }
