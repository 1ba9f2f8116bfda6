package thrift

import "time"

// leaseDuration is asynq's own (internal/rdb). A job is taken for lost when its lease ended that long ago.
const leaseDuration = 30 * time.Second

// Places that a change puts a job in. Those of jobs in Redis are the names of asynq's task states.
const (
	placePending   = "pending"
	placeActive    = "active"
	placeScheduled = "scheduled"
	placeRetry     = "retry"
	placeArchived  = "archived"
	placeCompleted = "completed"
	placeDone      = "done" // nowhere: the job is deleted
)

// change is what happens to one job and has to be written.
type change struct {
	queue *queue
	op    *operation
	ends  bool   // an attempt ends; else a job is new
	place string // where the job goes

	fresh  bool // of a new job: no other one can have its ID
	own    bool // of an attempt: this process made it
	waited bool // of an attempt: the job was in the pending list before
	// deferred says that asynq was told that the attempt is over before that is written.
	deferred bool
	lease    int64 // end of the lease in Redis, in Unix seconds; of a new job that becomes active, set when it is sent

	sentWith *fetch // of the same queue, after the change: it finds the job
	again    bool   // it may have been written already
	attempts int
	leased   bool  // of an attempt: the lease could not be removed
	result   int64 // 1: written; 0 and -1 as in the scripts
	err      error
	settled  chan struct{} // closed when result and err are set
}

func newChange(q *queue, op *operation, place string) *change {
	return &change{queue: q, op: op, place: place, settled: make(chan struct{})}
}

// size is about how many bytes are sent.
func (c *change) size() int { return 200 + len(c.op.msg) }

// plain says whether the change needs no script. The README has what a crash between its commands leaves behind.
func (c *change) plain(now time.Time) bool {
	if c.again || c.op.uniqueKey != "" {
		return false
	}
	if c.ends {
		return c.place == placeDone && c.own && c.lease-now.Unix() >= int64(safeLease/time.Second)
	}
	return c.fresh
}

// safeLease is how much of a lease must be left for a job to be ended without looking whether this process still has it.
const safeLease = 10 * time.Second

// fetch asks for jobs of a queue.
type fetch struct {
	queue      *queue
	wanted     int
	messages   bool // ask for messages too, as some may not be known here
	generation uint64

	lease  int64 // end of the leases in Redis, set when it is sent
	paused bool
	found  []job
	err    error
}
