package thrift

// kind is what asynq does with a command.
type kind int

// The kinds. Those that are not listed pass through.
const (
	unknown kind = iota

	enqueue       // a new job into the pending list
	schedule      // a new job into the scheduled set
	dequeue       // the next job of a queue into the active list, with a lease
	done          // an active job is over and deleted
	complete      // an active job is over and kept for its retention
	retry         // an active job goes into the retry set
	archive       // an active job goes into the archive
	requeue       // an active job goes back to the head of the pending list
	forward       // due jobs of the scheduled or the retry set go into the pending list
	listExpired   // active jobs whose lease is over
	reclaim       // aggregation sets whose time is over
	deleteExpired // completed jobs whose retention is over
	serverState   // a server's entry and its running jobs
	entries       // a scheduler's entries
	recordTick    // a scheduler's record of a job that it added
	extendLease   // the leases of a queue's running jobs
	listServer    // a server's name among the servers
	listWorkers   // a server's name among those with a list of running jobs
	listScheduler // a scheduler's name among the schedulers
	addQueue      // a queue's name among the queues
	addToGroup    // a new job into a group
	listGroups    // a queue's groups
	aggregate     // a group that is full or old enough becomes an aggregation set
	pause         // a queue is paused
	unpause       // and goes on
	cancelJob     // a running job is to be cancelled
	inspect       // anything else that may put jobs into a pending list: asynq's Inspector
)

// operation is a command of asynq, understood. Which fields are set depends on the kind.
type operation struct {
	kind  kind
	queue string // its name; "" where the kind has none

	id        string // of the job; of cancelJob too
	msg       string // asynq's encoded message
	uniqueKey string // of the job's lock; "" without one
	uniqueTTL int64  // of that lock, in seconds

	// at is, in Unix seconds: when a scheduled or retried job is due, when a completed one is deleted, when an archived one
	// was given up, the cutoff of listExpired, reclaim and deleteExpired, the time of forward, the lease's end in dequeue
	// and extendLease.
	at    int64
	nanos int64 // the time of enqueue and forward, in Unix nanoseconds

	failure  bool     // of retry: it counts as a failure
	statsEnd int64    // of done, complete, retry, archive: when the day's counters expire, in Unix seconds
	day      string   // of the same: the day of the counters, yyyy-mm-dd
	cutoff   int64    // of archive: older archived jobs are deleted, in Unix seconds
	keep     int64    // of archive: and those beyond this number
	limit    int64    // of deleteExpired: how many at once
	retried  bool     // of forward: from the retry set, not the scheduled one
	ids      []string // of extendLease: the jobs

	member string   // of serverState, entries, listServer, listWorkers, listScheduler, recordTick: the key that describes the member
	ttl    float64  // of serverState and entries: asynq's time to live, in seconds
	info   string   // of serverState: the server; of recordTick: the record
	pairs  []string // of serverState: job ID and description, in turn; of entries: the entries
}
