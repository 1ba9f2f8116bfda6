package benchthrift

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"tollgate/fakes/memnet"
	"tollgate/loadgen"
	"tollgate/system/thrift"
)

// asynq's intervals under a governor, those of the service: its looks wait in the governor.
const (
	governedTaskCheck        = time.Millisecond
	governedDelayedTaskCheck = 100 * time.Millisecond
)

// closeTimeout bounds what a governor writes at its end.
const closeTimeout = 10 * time.Second

// queues are the names of the eleven queues.
func queues() []string { return loadgen.Queues() }

// place is where a process finds its Redis.
type place struct {
	network memnet.Network
	address string // host and port
}

// process is one process of a variant, with connections of its own.
type process struct {
	variant   Variant
	place     place
	clients   []redis.UniversalClient // the real ones
	governor  *thrift.Governor        // nil with plain asynq
	producers map[string]*asynq.Client
	servers   []*asynq.Server
}

// newProcess makes a process that adds jobs. It dials when it has something to say.
func newProcess(at place, v Variant) (*process, error) {
	p := &process{variant: v, place: at, producers: map[string]*asynq.Client{}}
	if v.PerQueue {
		for _, name := range queues() {
			p.producers[name] = asynq.NewClientFromRedisClient(p.plainClient())
		}
		return p, nil
	}
	client, err := p.sharedClient()
	if err != nil {
		return nil, err
	}
	if v.governed() {
		p.governor, err = thrift.New(client, thrift.Config{Level: v.Level, Wake: !v.Alone})
		if err != nil {
			return nil, errors.Join(err, client.Close())
		}
		client = p.governor.Client()
	}
	producer := asynq.NewClientFromRedisClient(client)
	for _, name := range queues() {
		p.producers[name] = producer
	}
	return p, nil
}

// work starts the servers of a process. On an error the process has to be stopped.
func (p *process) work(concurrency int, handler asynq.Handler) error {
	if p.variant.PerQueue {
		each := (concurrency + len(queues()) - 1) / len(queues())
		for _, name := range queues() {
			p.servers = append(p.servers, p.newServer(p.plainClient(), map[string]int{name: 1}, each))
		}
	} else {
		client, weights := p.clients[0], map[string]int{}
		for _, name := range queues() {
			weights[name] = 1
		}
		if p.governor != nil {
			client = p.governor.Client()
			if err := p.governor.Work(queues(), concurrency); err != nil {
				return err
			}
		}
		p.servers = append(p.servers, p.newServer(client, weights, concurrency))
	}
	for i, server := range p.servers {
		if err := server.Start(handler); err != nil {
			p.servers = p.servers[:i] // only those that run can be shut down
			return fmt.Errorf("start asynq: %w", err)
		}
	}
	return nil
}

func (p *process) newServer(client redis.UniversalClient, weights map[string]int, concurrency int) *asynq.Server {
	cfg := asynq.Config{Concurrency: concurrency, Queues: weights, LogLevel: asynq.FatalLevel}
	if !p.plain() {
		cfg.TaskCheckInterval, cfg.DelayedTaskCheckInterval = governedTaskCheck, governedDelayedTaskCheck
	}
	return asynq.NewServerFromRedisClient(client, cfg)
}

// plain says whether asynq's commands reach Redis as they are: with a governor too, while it passes them through.
func (p *process) plain() bool { return p.governor == nil || p.governor.Level() == thrift.Off }

// enqueue adds job n to the queue whose turn it is.
func (p *process) enqueue(ctx context.Context, n int) error {
	name := queues()[n%len(queues())]
	options := []asynq.Option{asynq.Queue(name)}
	if p.governor != nil && !p.variant.Unmarked {
		ctx = thrift.WithFreshID(ctx)
		options = append(options, asynq.TaskID(uuid.NewString()))
	}
	task := asynq.NewTask("bench", []byte(strconv.Itoa(n)))
	if _, err := p.producers[name].EnqueueContext(ctx, task, options...); err != nil {
		return fmt.Errorf("add job %d to %s: %w", n, name, err)
	}
	return nil
}

// enqueueAll adds the jobs from first on, up to the one before end, from several goroutines.
func (p *process) enqueueAll(ctx context.Context, first, end, goroutines int) error {
	var all sync.WaitGroup
	errs := make([]error, goroutines)
	for g := range goroutines {
		all.Go(func() {
			for n := first + g; n < end && errs[g] == nil; n += goroutines {
				errs[g] = p.enqueue(ctx, n)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

// stop ends the process in good order: what was deferred is written. It can be called after work failed.
func (p *process) stop() error {
	if p.governor != nil {
		p.governor.Quiesce()
	}
	var servers sync.WaitGroup
	for _, server := range p.servers {
		servers.Go(server.Shutdown)
	}
	servers.Wait()
	var errs []error
	if p.governor != nil {
		ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
		defer cancel()
		errs = append(errs, p.governor.Close(ctx))
	}
	for _, client := range p.clients {
		errs = append(errs, client.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	return nil
}

// complete adds jobs as enqueueAll does and waits until they are done.
func (p *process) complete(ctx context.Context, jobs *tally, first, end, goroutines int) error {
	if err := p.enqueueAll(ctx, first, end, goroutines); err != nil {
		return err
	}
	return jobs.wait(ctx, first, end)
}
