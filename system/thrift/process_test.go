package thrift_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"tollgate/system/thrift"
)

// plain is a process without a governor: asynq by itself.
const plain thrift.Level = "plain"

// kind says what a process is.
type kind struct {
	level    thrift.Level // or plain
	wake     bool
	producer bool // it adds jobs and works none
}

// concurrency is that of every process.
const concurrency = 5

// process is one process with asynq's server, client and inspector on one Redis client, under a governor or without.
type process struct {
	w    *world
	name string
	kind kind
	line *line

	redis     *redis.Client
	governor  *thrift.Governor // nil in a plain process
	server    *asynq.Server    // nil in a producer
	client    *asynq.Client
	inspector *asynq.Inspector

	mu   sync.Mutex
	over chan struct{} // closed when it stopped or crashed
	dead bool          // it crashed
}

// start starts a process.
func (w *world) start(name string, k kind) *process {
	p := &process{w: w, name: name, kind: k, line: newLine(w.dial), over: make(chan struct{})}
	p.redis = connect(w.t, name, p.line)
	var client redis.UniversalClient = p.redis
	if k.level != plain {
		if w.sabotage != nil {
			p.redis.AddHook(w.sabotage)
		}
		cfg := thrift.Config{
			Level: k.level, Wake: k.wake, Logger: w.logger,
			SurveyInterval: w.times.survey, FullSurveyInterval: w.times.fullSurvey,
			HeartbeatInterval: w.times.heartbeat, StatisticsInterval: w.times.statistics,
			Failpoint: w.failpoint,
		}
		governor, err := thrift.New(p.redis, cfg)
		require.NoError(w.t, err)
		if !k.producer {
			require.NoError(w.t, governor.Work(queueNames, concurrency))
		}
		p.governor, client = governor, governor.Client()
	}
	p.client, p.inspector = asynq.NewClientFromRedisClient(client), asynq.NewInspectorFromRedisClient(client)
	if !k.producer {
		p.server = asynq.NewServerFromRedisClient(client, p.config())
		require.NoError(w.t, p.server.Start(asynq.HandlerFunc(p.handle)))
	}
	w.processes = append(w.processes, p)
	return p
}

// config is asynq's. Under a governor that answers for asynq, asynq asks all the time.
func (p *process) config() asynq.Config {
	times := p.w.times
	cfg := asynq.Config{
		Concurrency: concurrency, LogLevel: asynq.FatalLevel, Logger: mute{},
		Queues:                   map[string]int{},
		TaskCheckInterval:        times.check,
		DelayedTaskCheckInterval: times.forward,
		JanitorInterval:          times.janitor,
		GroupGracePeriod:         times.grace,
		GroupAggregator:          asynq.GroupAggregatorFunc(aggregate),
		ShutdownTimeout:          times.shutdown,
		RetryDelayFunc: func(_ int, err error, _ *asynq.Task) time.Duration {
			if strings.Contains(err.Error(), later) {
				return far
			}
			return times.retry
		},
	}
	for _, name := range queueNames {
		cfg.Queues[name] = 1
	}
	if p.kind.level != plain && p.kind.level != thrift.Off {
		cfg.TaskCheckInterval, cfg.DelayedTaskCheckInterval = time.Millisecond, 100*time.Millisecond
	}
	return cfg
}

// isRunning says whether it neither stopped nor crashed.
func (p *process) isRunning() bool {
	select {
	case <-p.over:
		return false
	default:
		return true
	}
}

// end marks it as over, once.
func (p *process) end(crashed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dead = crashed
	close(p.over)
}

// isDead says whether it crashed.
func (p *process) isDead() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dead
}

// stop ends it in good order.
func (p *process) stop() {
	require.NoError(p.w.t, p.shutdown())
	p.end(false)
}

// crash ends it as a kill does: nothing that it does from now on reaches the Redis. What remains of it in this test's
// process is cleared away in the background.
func (p *process) crash() {
	p.line.cutOff(true)
	p.end(true)
	p.w.crashed = true
	p.w.buried.Go(func() { _ = p.shutdown() }) // it fails: nobody answers it
}

func (p *process) shutdown() error {
	if p.governor != nil {
		p.governor.Quiesce()
	}
	if p.server != nil {
		p.server.Shutdown()
	}
	var err error
	if p.governor != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		err = p.governor.Close(ctx)
	}
	if closing := p.redis.Close(); err == nil {
		err = closing
	}
	return err
}

// handle works a job in the way that its payload says.
func (p *process) handle(ctx context.Context, task *asynq.Task) error {
	id, _ := asynq.GetTaskID(ctx)
	retried, _ := asynq.GetRetryCount(ctx)
	until, _ := ctx.Deadline()
	if task.Type() == aggregated {
		p.w.journal.began(p, id, retried, until)
		var members []string
		if err := json.Unmarshal(task.Payload(), &members); err != nil {
			return err
		}
		p.w.journal.finished(p, append(members, id)...)
		return nil
	}
	var job job
	if err := json.Unmarshal(task.Payload(), &job); err != nil {
		return err
	}
	act := job.Do[min(retried, len(job.Do)-1)]
	release := p.w.journal.began(p, id, retried, until)
	defer p.w.journal.ended(p, id)
	err := p.act(ctx, act, release, task)
	if err == nil || act == revoke {
		p.w.journal.finished(p, id)
	}
	return err
}

// aggregated is the type of the job that asynq makes of a group.
const aggregated = "aggregated"

// aggregate makes one job of a group. Its ID follows from its members, so that two runs can be compared.
func aggregate(group string, tasks []*asynq.Task) *asynq.Task {
	var members []string
	for _, task := range tasks {
		var job job
		if err := json.Unmarshal(task.Payload(), &job); err != nil {
			panic(fmt.Sprintf("payload of a member of group %s: %v", group, err))
		}
		members = append(members, job.ID)
	}
	slices.Sort(members)
	payload, err := json.Marshal(members)
	if err != nil {
		panic(err)
	}
	return asynq.NewTask(aggregated, payload, asynq.TaskID(group+"-"+strings.Join(members, "-")))
}

// mute is asynq's logger.
type mute struct{}

func (mute) Debug(...any) {}
func (mute) Info(...any)  {}
func (mute) Warn(...any)  {}
func (mute) Error(...any) {}
func (mute) Fatal(...any) {}
