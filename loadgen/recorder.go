package loadgen

import (
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// maxExample is the longest example of an error that is kept, in bytes.
const maxExample = 300

// part is what is measured apart: a kind, and within it a queue or a route.
type part struct {
	kind  Kind
	label string
}

// recorder counts and times. Its map is complete before the run and not changed
// afterwards, so only the cells need locks.
type recorder struct {
	cells map[part]*cell
	parts []part // in the order of kinds, then labels
	lag   *timing
}

// cell is the account of one part.
type cell struct {
	mu        sync.Mutex
	counts    Counts
	errors    map[Class]*ErrorCount
	intended  *hdrhistogram.Histogram
	fromStart *hdrhistogram.Histogram
}

// timing is one histogram with its lock.
type timing struct {
	mu sync.Mutex
	h  *hdrhistogram.Histogram
}

func newRecorder(arrivals []Arrival) *recorder {
	r := &recorder{cells: make(map[part]*cell), lag: &timing{h: newHistogram()}}
	for i := range arrivals {
		p := partOf(&arrivals[i])
		c, ok := r.cells[p]
		if !ok {
			c = newCell()
			r.cells[p] = c
			r.parts = append(r.parts, p)
		}
		c.counts.Planned++
	}
	sortParts(r.parts)
	return r
}

func newCell() *cell {
	return &cell{errors: make(map[Class]*ErrorCount), intended: newHistogram(), fromStart: newHistogram()}
}

func partOf(a *Arrival) part { return part{a.Kind, a.Label()} }

func (r *recorder) dropped(a *Arrival) {
	c := r.cells[partOf(a)]
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts.Dropped++
}

// sent counts an arrival that starts lag after its intended time.
func (r *recorder) sent(a *Arrival, lag time.Duration) {
	c := r.cells[partOf(a)]
	c.mu.Lock()
	c.counts.Sent++
	c.mu.Unlock()
	r.lag.mu.Lock()
	defer r.lag.mu.Unlock()
	observe(r.lag.h, lag)
}

// interrupted counts an arrival that the end of the run cut short. It is not
// timed: its time would be the run's, not the service's.
func (r *recorder) interrupted(a *Arrival) {
	c := r.cells[partOf(a)]
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts.Interrupted++
}

// answered counts and times an arrival that came to its end, good or bad.
func (r *recorder) answered(a *Arrival, got answer, sinceIntended, sinceStart time.Duration) {
	c := r.cells[partOf(a)]
	c.mu.Lock()
	defer c.mu.Unlock()
	observe(c.intended, sinceIntended)
	observe(c.fromStart, sinceStart)
	switch {
	case got.limited:
		c.counts.Limited++
	case got.err != nil:
		c.counts.Errors++
		c.fail(got.err)
	default:
		c.counts.OK++
		if got.hit {
			c.counts.Hits++
		}
	}
}

// fail notes the class of err, and its text as an example of the class.
func (c *cell) fail(err error) {
	class := ClassOf(err)
	e, ok := c.errors[class]
	if !ok {
		text := err.Error()
		e = &ErrorCount{Class: class, Example: text[:min(len(text), maxExample)]}
		c.errors[class] = e
	}
	e.Count++
}

// copyOf returns an independent copy of the cell.
func (c *cell) copyOf() *cell {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := newCell()
	out.add(c)
	return out
}

// add merges other into c. Nobody else may use either meanwhile.
func (c *cell) add(other *cell) {
	c.counts = c.counts.plus(other.counts)
	for class, e := range other.errors {
		if have, ok := c.errors[class]; ok {
			have.Count += e.Count
		} else {
			copied := *e
			c.errors[class] = &copied
		}
	}
	c.intended.Merge(other.intended)
	c.fromStart.Merge(other.fromStart)
}
