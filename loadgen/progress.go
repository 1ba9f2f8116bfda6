package loadgen

import (
	"fmt"
	"strings"
	"time"
)

// Progress is a moment of a run.
type Progress struct {
	Elapsed     time.Duration
	Counts            // of all kinds
	InFlight    int64 // arrivals under way
	JobsPlanned int64 // jobs in the schedule
	JobsOK      int64 // jobs accepted by the service
	JobsEnded   int64 // accepted jobs that ended; -1 where nobody watches them
	// P50, P95 and P99 count from the intended start, over all kinds; 0 before the first answer.
	P50, P95, P99 time.Duration
	Queues        []QueueProgress // those that have jobs, in alphabetical order
	AnError       string          // an example of an error, "" before the first
}

// QueueProgress is a moment of one queue.
type QueueProgress struct {
	Queue    string
	Planned  int64
	Accepted int64
	Errors   int64 // refused, failed or dropped
	Ended    int64 // accepted jobs that ended; -1 where nobody watches them
}

// Progress returns the state of the run; it may be called at any time from any
// goroutine. It merges histograms, which takes about a millisecond.
func (r *Runner) Progress() Progress {
	p := Progress{InFlight: r.inFlight.Load(), JobsEnded: -1}
	if start := r.began.Load(); start != nil {
		p.Elapsed = time.Since(*start)
	}
	var ended map[string]int64
	if r.cfg.Tracker != nil {
		ended = r.cfg.Tracker.endedByQueue()
		p.JobsEnded = r.cfg.Tracker.Ended()
	}
	all := newHistogram()
	for _, part := range r.record.parts {
		c := r.record.cells[part]
		c.mu.Lock()
		p.Counts = p.plus(c.counts)
		if part.kind == KindJob {
			p.JobsPlanned += c.counts.Planned
			p.JobsOK += c.counts.OK
			q := QueueProgress{
				Queue: part.label, Planned: c.counts.Planned, Accepted: c.counts.OK,
				Errors: c.counts.Errors + c.counts.Limited + c.counts.Dropped, Ended: -1,
			}
			if ended != nil {
				q.Ended = ended[part.label]
			}
			p.Queues = append(p.Queues, q)
		}
		if counts := c.errorCounts(); len(counts) > 0 && p.AnError == "" {
			p.AnError = counts[0].Example
		}
		all.Merge(c.intended)
		c.mu.Unlock()
	}
	if all.TotalCount() > 0 {
		at := all.ValueAtPercentilesSlice([]float64{50, 95, 99})
		us := func(v int64) time.Duration { return time.Duration(v) * time.Microsecond }
		p.P50, p.P95, p.P99 = us(at[0]), us(at[1]), us(at[2])
	}
	return p
}

// line renders a progress as one line; red marks errors and drops for a
// terminal that shows colours.
func (p Progress) line(colour bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%6.1fs  sent %d/%d", p.Elapsed.Seconds(), p.Sent, p.Planned)
	switch {
	case p.JobsPlanned == 0:
	case p.JobsEnded >= 0:
		fmt.Fprintf(&b, "  jobs done %d/%d", p.JobsEnded, p.JobsPlanned)
	default:
		fmt.Fprintf(&b, "  jobs accepted %d/%d", p.JobsOK, p.JobsPlanned)
	}
	fmt.Fprintf(&b, "  ok %d  limited %d", p.OK, p.Limited)
	bad := fmt.Sprintf("  errors %d  dropped %d", p.Errors, p.Dropped)
	if colour && p.Errors+p.Dropped > 0 {
		bad = "\x1b[31m" + bad + "\x1b[0m"
	}
	b.WriteString(bad)
	if p.P95 > 0 {
		b.WriteString("  p95 " + short(p.P95))
	}
	return b.String()
}

// short renders a duration with three to four digits.
func short(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%dµs", d.Microseconds())
	case d < time.Second:
		return fmt.Sprintf("%.1fms", d.Seconds()*1e3)
	default:
		return fmt.Sprintf("%.2fs", d.Seconds())
	}
}
