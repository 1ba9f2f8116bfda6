package loadgen

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// MaxUnclaimed caps the jobs of which a [Tracker] has heard an event but not yet
// that they were accepted; events of further ones are dropped and counted.
const MaxUnclaimed = 100_000

// Tracker follows accepted jobs to their end. Its methods may be called from any
// goroutine and in any order: a fast worker finishes a job before the one who
// handed it in hears that it was accepted.
type Tracker struct {
	mu          sync.Mutex
	jobs        map[string]*tracked
	queues      map[string]*queueAccount
	unclaimed   int
	lost        int64 // events dropped because of MaxUnclaimed
	outstanding int64
	idle        chan struct{} // closed while outstanding is 0
}

// tracked is one job. queue is empty until the job is accepted.
type tracked struct {
	queue      string
	acceptedAt time.Time
	endedAt    time.Time
	retries    int64
	successes  int64
	archived   bool
}

// queueAccount is kept per queue of accepted jobs.
type queueAccount struct {
	QueueOutcome
	completion *hdrhistogram.Histogram
}

// NewTracker returns a tracker that knows no jobs.
func NewTracker() *Tracker {
	t := &Tracker{jobs: make(map[string]*tracked), queues: make(map[string]*queueAccount), idle: make(chan struct{})}
	close(t.idle)
	return t
}

// Accepted notes that the job id was accepted by queue at the given time.
// Accepting an id again changes nothing but the count of duplicate ids: where
// jobs are deduplicated, one job answers for several.
func (t *Tracker) Accepted(id, queue string, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	q := t.queues[queue]
	if q == nil {
		q = &queueAccount{QueueOutcome: QueueOutcome{Queue: queue}, completion: newHistogram()}
		t.queues[queue] = q
	}
	j := t.jobs[id]
	switch {
	case j == nil:
		j = &tracked{}
		t.jobs[id] = j
	case j.queue != "":
		q.DuplicateIDs++
		return
	default:
		t.unclaimed--
	}
	j.queue, j.acceptedAt = queue, at
	q.Accepted++
	t.begin(q)
	// Whatever happened before counts now.
	q.Retries += j.retries
	if j.retries > 0 {
		q.Retried++
	}
	if j.successes > 0 {
		t.succeed(q, j)
		q.Duplicates += j.successes - 1
	} else if j.archived {
		t.end(q, j, &q.Archived)
	}
}

// Succeeded notes that the job id was done. A job that is done more than once,
// as at-least-once delivery allows, counts as one success and as duplicates.
func (t *Tracker) Succeeded(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	j, q := t.find(id)
	if j == nil {
		return
	}
	j.successes++
	if j.successes == 1 && !j.archived {
		j.endedAt = time.Now()
	}
	switch {
	case q == nil: // counted when the job is accepted
	case j.successes > 1:
		q.Duplicates++
	case j.archived: // run again from the archive
		q.Archived--
		q.Succeeded++
		q.recover(j)
	default:
		t.succeed(q, j)
	}
}

// succeed counts the first success of an accepted job.
func (t *Tracker) succeed(q *queueAccount, j *tracked) {
	t.end(q, j, &q.Succeeded)
	q.recover(j)
}

// recover counts a job that has now been both retried and done, whichever was heard of first.
func (q *queueAccount) recover(j *tracked) {
	if j.retries > 0 && j.successes > 0 {
		q.Recovered++
	}
}

// Failed notes a failed attempt of the job id. final says that it was the last
// one and the job is archived; otherwise it will be retried.
func (t *Tracker) Failed(id string, final bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	j, q := t.find(id)
	if j == nil {
		return
	}
	if !final {
		j.retries++
		if q != nil {
			q.Retries++
			if j.retries == 1 {
				q.Retried++
				q.recover(j)
			}
		}
		return
	}
	if j.successes > 0 || j.archived {
		return // a duplicate delivery that failed takes nothing back
	}
	j.archived, j.endedAt = true, time.Now()
	if q != nil {
		t.end(q, j, &q.Archived)
	}
}

// find returns the job and, if it was accepted, its queue. An unknown job is
// kept for the time when it is accepted; nil when there is no room for more.
func (t *Tracker) find(id string) (*tracked, *queueAccount) {
	j := t.jobs[id]
	if j == nil {
		if t.unclaimed >= MaxUnclaimed {
			t.lost++
			return nil, nil
		}
		j = &tracked{}
		t.jobs[id] = j
		t.unclaimed++
	}
	return j, t.queues[j.queue]
}

func (t *Tracker) begin(q *queueAccount) {
	if t.outstanding == 0 {
		t.idle = make(chan struct{})
	}
	t.outstanding++
	q.Outstanding++
}

// end takes an outstanding job off and counts it in column.
func (t *Tracker) end(q *queueAccount, j *tracked, column *int64) {
	*column++
	observe(q.completion, j.endedAt.Sub(j.acceptedAt))
	q.Outstanding--
	t.outstanding--
	if t.outstanding == 0 {
		close(t.idle)
	}
}

// Wait returns when every accepted job has ended, or with an error that counts
// the outstanding ones per queue when ctx ends first. Call it after the last job
// was handed in: a moment in which all jobs so far have ended satisfies it.
func (t *Tracker) Wait(ctx context.Context) error {
	t.mu.Lock()
	idle := t.idle
	t.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.outstanding == 0 {
		return nil
	}
	var open []string
	for _, name := range slices.Sorted(maps.Keys(t.queues)) {
		if n := t.queues[name].Outstanding; n > 0 {
			open = append(open, fmt.Sprintf("%s %d", name, n))
		}
	}
	return fmt.Errorf("loadgen: %d accepted jobs have not ended (%s): %w", t.outstanding, strings.Join(open, ", "), context.Cause(ctx))
}
