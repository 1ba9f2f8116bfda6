package ratelimit

import (
	"slices"
	"sync"
	"time"
)

const (
	// settling is how long after a bucket's end its entries may still come: writes of other processes that are under way, and
	// clocks that are behind. What is read later is final.
	settling = 2 * time.Second
	// maxPreviousEntries is the most entries of one subject that are remembered of the bucket before the current one.
	maxPreviousEntries = 256
)

// previous remembers which entries subjects have in the bucket before the current one. Nothing is added to that bucket any
// more, so that one read of it tells the rest of a subject's window; without it each check in a bucket's first window would
// count both. It is capped: a subject beyond max is not remembered, which costs commands and changes no answer.
type previous struct {
	max int

	mu     sync.Mutex
	bucket int64 // the one remembered; another one drops all
	looks  map[string]look
}

// look is what one read of a bucket told of one subject.
type look struct {
	from      int64   // the entries are those from this microsecond on
	entries   []int64 // their times in microseconds, ascending
	uncounted bool    // there are too many to remember, or one is no entry: Redis is asked for their number
}

// put remembers a look into the bucket.
func (p *previous) put(bucket int64, subject string, l look) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bucket != bucket || p.looks == nil {
		p.bucket, p.looks = bucket, map[string]look{}
	}
	if len(p.looks) < p.max {
		p.looks[subject] = l
	}
}

// count returns how many entries from a time on the subject has in the bucket, when that is known, and whether there was a look
// that says that it cannot be. A clock that stepped back asks for a time before the look, which is not known but may be read.
func (p *previous) count(bucket int64, subject string, from int64) (n int64, known, uncounted bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bucket != bucket {
		return 0, false, false
	}
	l, ok := p.looks[subject]
	if !ok || l.uncounted || from < l.from {
		return 0, false, l.uncounted
	}
	first, _ := slices.BinarySearch(l.entries, from)
	return int64(len(l.entries) - first), true, false
}
