package thrift

import (
	"math"
	"time"
)

// never is the time of what is not known to happen, in Unix seconds.
const never = math.MaxInt64

// queue is what this process knows of a queue. Its governor's mutex guards it.
type queue struct {
	keys
	served bool // by this process's asynq server

	// mayHaveJobs is true while the pending list may hold jobs; generation counts what may have put some there.
	mayHaveJobs bool
	generation  uint64
	isPaused    bool
	fetching    bool  // a fetch is under way
	ready       []job // fetched or handed off, and not started yet

	// The earliest time in each sorted set, in Unix seconds: when a job is due, or its retention or its lease ends. It may
	// be too early and costs a look then; it is too late only until the next survey.
	scheduledAt, retryAt, completedAt, leaseAt int64

	mayHaveGroups, mayHaveSets bool // groups of jobs, and aggregation sets

	listed  bool          // its name is among asynq's queues
	listing chan struct{} // closed when it is, or that failed; nil while nobody tries

	// own holds messages of pending jobs that this process enqueued.
	own map[string]ownMessage
}

// ownMessage is one of those, of a job that is on its way to Redis or was written.
type ownMessage struct {
	text    string
	written bool
}

func newQueue(name string) *queue {
	return &queue{
		keys: keysOf(name), own: map[string]ownMessage{},
		scheduledAt: never, retryAt: never, completedAt: never, leaseAt: never,
	}
}

// job is one that this process has taken from Redis, or put there as active.
type job struct {
	queue       *queue
	id, message string
	taken       time.Time
	lease       int64 // end of the lease in Redis, in Unix seconds
	waited      bool  // it was in the pending list
	over        bool  // its attempt is over, which is not written yet
}

// added notes that jobs may have come into the pending list.
func (q *queue) added() {
	q.mayHaveJobs = true
	q.generation++
}

// open is true when a fetch may find jobs.
func (q *queue) open() bool { return q.served && q.mayHaveJobs && !q.isPaused }

// delayed is the key of one of the sets of delayed jobs, and when the next one there is due.
func (q *queue) delayed(retried bool) (key string, next *int64) {
	if retried {
		return q.retry, &q.retryAt
	}
	return q.scheduled, &q.scheduledAt
}

// next takes the job that has waited longest for a worker.
func (q *queue) next() (job, bool) {
	if len(q.ready) == 0 {
		return job{}, false
	}
	j := q.ready[0]
	q.ready[0] = job{}
	q.ready = q.ready[1:]
	return j, true
}

// earlier lowers a time.
func earlier(t *int64, to int64) { *t = min(*t, to) }
