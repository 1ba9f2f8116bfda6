package ratelimit

import (
	"cmp"
	"slices"
	"strings"
)

// entry is one allowed check in memory.
type entry struct {
	at      int64  // microseconds
	subject string // escaped
	number  uint64 // of this process's entries, from 1; 0 for one that was read from Redis
}

// history is what one subject has in the window.
type history struct {
	subject string
	times   fifo[int64] // microseconds
}

// memory is the log of all subjects, as far as it is inside the window. It is not safe for concurrent use.
type memory struct {
	window int64 // microseconds

	now      int64 // the latest time seen: time stands still while the clock is behind it
	entries  fifo[entry]
	subjects map[string]*history
	last     uint64 // number of this process's latest entry
}

func newMemory(window int64) *memory {
	return &memory{window: window, subjects: map[string]*history{}}
}

// advance lets the window end at a time, forgets what has left it and returns the time. A clock that stepped back by more than
// a window takes the whole log with it, or subjects would be denied for that long.
func (m *memory) advance(now int64) int64 {
	if now < m.now-m.window {
		m.forget()
		m.now = now
	}
	m.now = max(m.now, now)
	for m.entries.len() > 0 && m.entries.at(0).at <= m.now-m.window {
		m.drop()
	}
	return m.now
}

// times are those of a subject's entries, nil when it has none.
func (m *memory) times(subject string) []int64 {
	if h, ok := m.subjects[subject]; ok {
		return h.times.all()
	}
	return nil
}

// add logs a check of this process, now.
func (m *memory) add(subject string) {
	m.last++
	m.put(entry{at: m.now, subject: subject, number: m.last})
}

// merge adds entries of other processes, and keeps the newest max of all.
func (m *memory) merge(others []entry, most int) {
	for i := range others {
		others[i].at = min(others[i].at, m.now) // of a clock that is ahead
	}
	all := append(others, m.entries.all()...)
	slices.SortStableFunc(all, func(a, b entry) int { return cmp.Compare(a.at, b.at) })
	m.forget()
	for _, e := range all[max(0, len(all)-most):] {
		m.put(e)
	}
}

// unwritten returns the oldest of this process's entries with a higher number than the given one: at most `most`, of one bucket.
func (m *memory) unwritten(after uint64, bucket int64, most int) (batch []entry) {
	for _, e := range m.entries.all() {
		if e.number <= after {
			continue
		}
		if len(batch) == most || (len(batch) > 0 && e.at/bucket != batch[0].at/bucket) {
			break
		}
		batch = append(batch, e)
	}
	return batch
}

func (m *memory) put(e entry) {
	h, ok := m.subjects[e.subject]
	if !ok {
		h = &history{subject: strings.Clone(e.subject)} // the caller's may be a part of something large
		m.subjects[h.subject] = h
	}
	e.subject = h.subject
	h.times.push(e.at)
	m.entries.push(e)
}

// drop forgets the oldest entry.
func (m *memory) drop() {
	h := m.subjects[m.entries.at(0).subject]
	m.entries.pop()
	if h.times.pop(); h.times.len() == 0 {
		delete(m.subjects, h.subject)
	}
}

func (m *memory) forget() {
	m.entries = fifo[entry]{}
	clear(m.subjects)
}
