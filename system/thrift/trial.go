package thrift

import (
	"context"
	"time"

	"github.com/hibiken/asynq"
)

// The self-test's queue and group, and its times. The times differ by more than clockTolerance.
const (
	trialQueue      = "thrift}:self-test"
	trialGroup      = "group:1"
	trialDelay      = 24 * time.Hour
	trialRetryDelay = 48 * time.Hour
	trialRetention  = 72 * time.Hour
	trialUniqueTTL  = 96 * time.Hour
)

// What asynq v0.26.0 has built in.
const (
	statsTTL    = 90 * 24 * time.Hour
	archiveTTL  = 90 * 24 * time.Hour
	archiveSize = 10000
	janitorSize = 100
	serverTTL   = 10 // seconds
)

// Types of jobs that end otherwise than well.
const (
	endless  = "endless"
	failing  = "failing"
	hopeless = "hopeless"
)

// trialJob is one that asynq enqueues, by the type and the ID name, and how it ends.
type trialJob struct {
	name   string
	opts   []asynq.Option
	unique bool
	added  kind
	ended  kind // unknown when it is not worked
}

// trialJobs begin with the one that still runs when the others are over.
var trialJobs = []trialJob{
	{name: endless, added: enqueue},
	{name: "plain", added: enqueue, ended: done},
	{name: "unique", unique: true, added: enqueue, ended: done},
	{name: "kept", opts: []asynq.Option{asynq.Retention(trialRetention)}, added: enqueue, ended: complete},
	{name: "unique and kept", opts: []asynq.Option{asynq.Retention(trialRetention)}, unique: true, added: enqueue, ended: complete},
	{name: failing, added: enqueue, ended: retry},
	{name: hopeless, added: enqueue, ended: archive},
	{name: "delayed", opts: []asynq.Option{asynq.ProcessIn(trialDelay)}, added: schedule},
	{name: "unique and delayed", opts: []asynq.Option{asynq.ProcessIn(trialDelay)}, unique: true, added: schedule},
	{name: "grouped", opts: []asynq.Option{asynq.Group(trialGroup)}, added: addToGroup},
	{name: "unique and grouped", opts: []asynq.Option{asynq.Group(trialGroup)}, unique: true, added: addToGroup},
}

// steps are the self-test.
func (t *trial) steps() []step {
	now := time.Now()
	var list []step
	working := maintenance(now)
	for _, job := range trialJobs {
		list = append(list, t.adding(job, now))
		if job.ended != unknown {
			working = append(working, job.ending(now))
		}
	}
	list[0].expect = append(list[0].expect, expected("queue's name", operation{kind: addQueue, queue: trialQueue}))
	return append(list,
		step{
			"pause", func(context.Context) error { return t.inspector.PauseQueue(trialQueue) },
			[]*expectation{expected("pause", operation{kind: pause, queue: trialQueue})},
		},
		step{
			"unpause", func(context.Context) error { return t.inspector.UnpauseQueue(trialQueue) },
			[]*expectation{expected("unpause", operation{kind: unpause, queue: trialQueue})},
		},
		step{
			"cancel", func(context.Context) error { return t.inspector.CancelProcessing(endless) },
			[]*expectation{expected("cancellation", operation{kind: cancelJob, id: endless})},
		},
		step{"scheduler", t.schedule, []*expectation{
			expected("scheduler's name", operation{kind: listScheduler, member: schedulersPrefix}),
			expected("scheduler's entries", operation{
				kind: entries, member: schedulersPrefix,
				ttl: (2 * trialInterval).Seconds(), pairs: []string{"plain"},
			}),
		}},
		step{"server", func(context.Context) error { return t.server.Start(asynq.HandlerFunc(work)) }, working},
		step{
			"shutdown", func(context.Context) error { t.server.Shutdown(); return nil },
			[]*expectation{expected("requeue", operation{kind: requeue, queue: trialQueue, id: endless})},
		},
	)
}

func expected(name string, want operation) *expectation {
	return &expectation{name: name, want: want}
}

// schedule starts a scheduler with a job for the far future.
func (t *trial) schedule(context.Context) error {
	if _, err := t.scheduler.Register("@every 1000h", asynq.NewTask("plain", nil), asynq.Queue(trialQueue)); err != nil {
		return err
	}
	return t.scheduler.Start()
}

// adding is the step that enqueues a job.
func (t *trial) adding(job trialJob, now time.Time) step {
	want := operation{kind: job.added, queue: trialQueue, id: job.name, msg: job.name}
	opts := append([]asynq.Option{asynq.Queue(trialQueue), asynq.TaskID(job.name)}, job.opts...)
	if job.unique {
		opts = append(opts, asynq.Unique(trialUniqueTTL))
		want.uniqueKey, want.uniqueTTL = job.lock(), int64(trialUniqueTTL/time.Second)
	}
	if job.unique && job.added == schedule { // asynq lets the lock's time begin when the job is due
		want.uniqueTTL += int64(trialDelay / time.Second)
	}
	switch job.added {
	case enqueue:
		want.nanos = now.UnixNano()
	case schedule:
		want.at = now.Add(trialDelay).Unix()
	default:
		want.at = now.Unix()
	}
	return step{"enqueue of the job " + job.name, func(ctx context.Context) error {
		_, err := t.asynq.EnqueueContext(ctx, asynq.NewTask(job.name, nil), opts...)
		return err
	}, []*expectation{expected("new job "+job.name, want)}}
}

// ending is what comes when the job is over.
func (job trialJob) ending(now time.Time) *expectation {
	want := operation{kind: job.ended, queue: trialQueue, id: job.name, statsEnd: now.Add(statsTTL).Unix(), day: now.UTC().Format(time.DateOnly)}
	if job.unique {
		want.uniqueKey = job.lock()
	}
	switch job.ended {
	case complete:
		want.msg, want.at = job.name, now.Add(trialRetention).Unix()
	case retry:
		want.msg, want.at, want.failure = job.name, now.Add(trialRetryDelay).Unix(), true
	case archive:
		want.msg, want.at, want.cutoff, want.keep = job.name, now.Unix(), now.Add(-archiveTTL).Unix(), archiveSize
	}
	return expected("end of the job "+job.name, want)
}

// lock is the key of a unique job without a payload.
func (job trialJob) lock() string {
	return keysOf(trialQueue).counterPrefix + "unique:" + job.name + ":"
}

// maintenance is what a server does regularly.
func maintenance(now time.Time) []*expectation {
	at, nanos := now.Unix(), now.UnixNano()
	return []*expectation{
		expected("dequeue", operation{kind: dequeue, queue: trialQueue, at: at}),
		expected("forward of scheduled jobs", operation{kind: forward, queue: trialQueue, at: at, nanos: nanos}),
		expected("forward of retried jobs", operation{kind: forward, queue: trialQueue, at: at, nanos: nanos, retried: true}),
		expected("list of expired leases", operation{kind: listExpired, queue: trialQueue, at: at}),
		expected("reclaim of aggregation sets", operation{kind: reclaim, queue: trialQueue, at: at}),
		expected("deletion of expired jobs", operation{kind: deleteExpired, queue: trialQueue, at: at, limit: janitorSize}),
		expected("server's name", operation{kind: listServer, member: serversPrefix}),
		expected("name of the server's jobs", operation{kind: listWorkers, member: workersPrefix}),
		expected("server's state", operation{kind: serverState, member: serversPrefix, ttl: serverTTL, info: trialQueue}),
	}
}
