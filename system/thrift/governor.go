package thrift

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

// Governor keeps one process's asynq quiet. Its methods are safe for concurrent use.
type Governor struct {
	cfg       Config
	blind     bool                  // asynq is not the one that thrift knows: everything passes through
	redis     redis.UniversalClient // the real one
	client    redis.UniversalClient // what asynq gets
	scheduler redis.UniversalClient // what its scheduler gets; nil at level Off
	split     bool                  // Redis is a cluster: a command serves one queue
	committer *committer
	board     *switchboard
	listener  *listener // nil without Config.Wake
	waker     *waker
	presence  presence
	histories histories

	closing context.Context // ends with Close
	stop    context.CancelFunc
	poke    chan struct{} // maintain has something new to consider
	tasks   sync.WaitGroup

	mu          sync.Mutex
	changed     chan struct{} // closed and replaced when what a waiting call looks at has changed
	queues      map[string]*queue
	order       []*queue // the served ones
	concurrency int
	turn        int    // which of them is the first to be fetched from
	polled      bool   // asynq's server has begun to look at queues
	looks       rounds // of dequeue
	moves       rounds // of forward
	surveyed    bool   // what is known comes from Redis
	draining    bool   // nothing more is started
	reserved    int    // workers promised to jobs that are on their way from or to Redis
	running     map[string]job
	unwritten   int       // of these, those whose attempt is over
	late        []*change // deferred, to be sent again
	pace        pace
	breaker     breaker
	counters    counters
	expiring    map[string]int64 // days' counters that expire, and when, in Unix seconds
	nextSurvey  time.Time
	nextFull    time.Time
	lastFull    time.Time
	ownBytes    int           // size of the messages in queue.own
	left        []redis.Cmder // to be sent again
}

// New puts a governor before client, which stays the caller's: close it after Close. The client must not repeat commands
// by itself (MaxRetries -1), since the governor does that where it is safe. New sends nothing. It fails when the
// configuration is wrong or the client repeats commands. When asynq is not the one that thrift knows, New says so in the
// log, and the governor passes everything through but asynq's subscriptions, so that the connections stay few.
func New(client redis.UniversalClient, cfg Config) (*Governor, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	if cfg.Level == Off {
		return &Governor{cfg: cfg, redis: client, client: client}, nil
	}
	if c, ok := client.(*redis.Client); ok && c.Options().MaxRetries > 0 {
		return nil, fmt.Errorf("thrift: the client repeats commands %d times by itself: set MaxRetries to -1", c.Options().MaxRetries)
	}
	ctx, cancel := context.WithTimeout(context.Background(), selfTestTimeout)
	defer cancel()
	blind := false
	if err := selfTest(ctx); err != nil {
		cfg.Logger.Error("thrift passes everything through: asynq's commands are not those it knows", "error", err)
		blind = true
	}
	return newGovernor(client, cfg, blind), nil
}

// newGovernor makes a governor; a blind one recognises no command.
func newGovernor(client redis.UniversalClient, cfg Config, blind bool) *Governor {
	_, split := client.(*redis.ClusterClient)
	g := &Governor{
		cfg: cfg, blind: blind, redis: client, split: split, board: newSwitchboard(), poke: make(chan struct{}, 1),
		changed: make(chan struct{}), queues: map[string]*queue{}, running: map[string]job{}, looks: newRounds(), moves: newRounds(),
		counters: counters{}, expiring: map[string]int64{}, presence: presence{written: map[string]entry{}},
	}
	g.closing, g.stop = context.WithCancel(context.Background())
	g.committer = newCommitter(g)
	g.client = newFront(g.process, g.passPipeline, g.board.subscribe)
	g.scheduler = newFront(func(ctx context.Context, cmd redis.Cmder) error {
		return g.process(WithFreshID(ctx), cmd)
	}, g.passPipeline, g.board.subscribe)
	sender := uuid.NewString()
	g.waker = newWaker(client, sender, cfg.WakeInterval, cfg.Wake && !blind, cfg.Logger)
	if cfg.Wake {
		calls := listenerCalls{wake: g.woken, cancel: g.cancelled, subscribed: g.distrust}
		g.listener = newListener(client, sender, calls, cfg.Logger)
	}
	g.tasks.Go(g.maintain)
	return g
}

// Client is what asynq's server, clients, scheduler and inspector of this process use. At level Off it is the client that
// New got.
func (g *Governor) Client() redis.UniversalClient { return g.client }

// SchedulerClient is Client for asynq's scheduler. It says of each job that is added over it that its ID was made at random for
// it, which asynq's scheduler does unless a schedule has the option TaskID: then use Client. It saves two billed commands a job.
func (g *Governor) SchedulerClient() redis.UniversalClient {
	if g.scheduler == nil {
		return g.client
	}
	return g.scheduler
}

// Level is the level in use: that of the configuration, or Off when New did not recognise asynq.
func (g *Governor) Level() Level {
	if g.blind {
		return Off
	}
	return g.cfg.Level
}

// Work says which queues this process's asynq server works, and that server's concurrency. Call it before
// asynq.Server.Start; without it the process only adds jobs.
func (g *Governor) Work(queues []string, concurrency int) error {
	if len(queues) == 0 || concurrency < 1 {
		return fmt.Errorf("thrift: work %d queues with concurrency %d: give those of the asynq server", len(queues), concurrency)
	}
	if g.Level() == Off {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.concurrency > 0 {
		return errors.New("thrift: Work was called before")
	}
	g.concurrency = concurrency
	for _, name := range queues {
		q := g.queueLocked(name)
		q.served = true
		g.order = append(g.order, q)
	}
	g.nextSurvey = time.Now()
	g.nextFull = g.nextSurvey
	g.pokeMaintain()
	return nil
}

// Quiesce ends fetching: call it before asynq's Server.Shutdown, which otherwise waits for a look at the queues (up to
// 10 s). Jobs that were fetched and not started go back to their queues.
func (g *Governor) Quiesce() {
	if g.cfg.Level == Off {
		return
	}
	g.mu.Lock()
	g.draining = true
	back := append(g.giveBackLocked(func(job) bool { return true }), g.takeLateLocked(time.Now())...)
	g.changedLocked()
	g.mu.Unlock()
	g.at(FailBeforeReturn)
	g.committer.submit(back, nil)
	for _, ch := range back {
		<-ch.settled
	}
	g.written()
}

// Close writes what was deferred, tells the other processes of the jobs that are left to them, and stops every goroutine.
// The client stays open. Call it after Server.Shutdown. It fails when ctx ends first or Redis refuses the statistics.
func (g *Governor) Close(ctx context.Context) error {
	if g.cfg.Level == Off {
		return nil
	}
	g.Quiesce()
	err := g.flushStatistics(ctx)
	if n := g.sendLeft(ctx); n > 0 {
		g.cfg.Logger.Error("thrift: Redis refuses what is left to clear away, orphans stay", "commands", n)
	}
	g.handOver()
	g.waker.close(ctx)
	g.stop()
	g.tasks.Wait()
	g.committer.close() // bounded by its timeouts
	if g.listener != nil {
		g.listener.close()
	}
	g.board.close()
	return errors.Join(err, g.client.Close(), g.scheduler.Close())
}

// handOver tells the other processes of the jobs that this one would have started.
func (g *Governor) handOver() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, q := range g.order {
		if q.mayHaveJobs {
			g.waker.note(q.name, wakeJobs, 0)
		}
		if due := min(q.scheduledAt, q.retryAt); due != never {
			g.waker.note(q.name, wakeDue, due)
		}
	}
}

// Flush writes the statistics that were deferred.
func (g *Governor) Flush(ctx context.Context) error {
	if g.cfg.Level == Off {
		return nil
	}
	return g.flushStatistics(ctx)
}

func (g *Governor) lean() bool { return g.cfg.Level == Lean || g.cfg.Level == Full }
func (g *Governor) full() bool { return g.cfg.Level == Full }

// queueLocked is what is known of a queue.
func (g *Governor) queueLocked(name string) *queue {
	q, ok := g.queues[name]
	if !ok {
		q = newQueue(name)
		g.queues[name] = q
	}
	return q
}

// changedLocked lets waiting calls look again.
func (g *Governor) changedLocked() {
	close(g.changed)
	g.changed = make(chan struct{})
}

// pokeMaintain lets maintain look again at what is due.
func (g *Governor) pokeMaintain() {
	select {
	case g.poke <- struct{}{}:
	default:
	}
}

// freeLocked is how many workers have nothing to do and nothing promised.
func (g *Governor) freeLocked() int {
	free := g.concurrency - (len(g.running) - g.unwritten) - g.reserved
	for _, q := range g.order {
		free -= len(q.ready)
	}
	return free
}

// fail notes that Redis failed while nobody but the governor was told.
func (g *Governor) fail(what string, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.failLocked(what, err)
}

func (g *Governor) failLocked(what string, err error) {
	first := g.breaker.trip(time.Now(), err)
	g.pokeMaintain()
	if first {
		next := time.Until(g.breaker.until).Round(time.Millisecond)
		g.cfg.Logger.Warn("thrift: Redis fails, looks at it are spaced out", "at", what, "error", err, "next", next)
	}
}

// WithFreshID tells the governor that the task ID of the enqueue call that gets this context was made at random for this
// call, so that no other job can have it. It saves looking: two billed commands a job.
func WithFreshID(ctx context.Context) context.Context {
	return context.WithValue(ctx, freshKey{}, true)
}

// freshKey marks a context whose task ID was made at random for one call.
type freshKey struct{}
