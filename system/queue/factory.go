package queue

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"tollgate/system/thrift"
)

// Factory makes queues and workers and owns their Redis clients. It goes through one life: create, Start, Stop. Its
// methods are safe for concurrent use.
type Factory struct {
	cfg     Config
	bus     *Bus
	running inFlight
	closed  atomic.Bool // the clients are closed

	mu      sync.Mutex
	state   state
	clients map[string]redis.UniversalClient // by component
	// governor stands between asynq and the one shared client; nil before that client is needed, and without thrift
	governor *thrift.Governor
	queues   map[Name]*Queue
	workers  map[Name]*Worker
	servers  []*asynq.Server
	// scheduler is nil before Start and without schedules
	scheduler *asynq.Scheduler
	stopped   chan struct{} // closed when a stop is complete; nil before the first Stop
}

type state int

const (
	created state = iota
	started
	stopping
)

// NewFactory checks cfg. It opens no connection.
func NewFactory(cfg Config) (*Factory, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	cfg = cfg.withDefaults()
	return &Factory{
		cfg:     cfg,
		bus:     newBus(cfg.Logger),
		clients: make(map[string]redis.UniversalClient),
		queues:  make(map[Name]*Queue),
		workers: make(map[Name]*Worker),
	}, nil
}

// Events returns the bus of all workers' events.
func (f *Factory) Events() *Bus { return f.bus }

// CreateQueue makes the producer side of a queue, before or after its worker, before or after Start. It fails with
// ErrUnknownQueue, ErrExists, ErrStopped or Connect's error.
func (f *Factory) CreateQueue(name Name) (*Queue, error) {
	spec, err := Lookup(string(name))
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.state == stopping {
		return nil, fmt.Errorf("create queue %s: %w", name, ErrStopped)
	}
	if _, ok := f.queues[name]; ok {
		return nil, fmt.Errorf("create queue %s: %w", name, ErrExists)
	}
	client, err := f.connectLocked(name, "client")
	if err != nil {
		return nil, fmt.Errorf("create queue %s: %w", name, err)
	}
	q := &Queue{
		spec:        spec,
		client:      asynq.NewClientFromRedisClient(client),
		deduplicate: f.cfg.Deduplicate,
		closed:      &f.closed,
	}
	f.queues[name] = q
	return q, nil
}

// CreateWorker gives a queue its processor; the worker runs from Start on. It fails with ErrUnknownQueue, ErrExists,
// ErrStarted, ErrStopped or Connect's error.
func (f *Factory) CreateWorker(name Name, processor Processor) (*Worker, error) {
	spec, err := Lookup(string(name))
	if err != nil {
		return nil, err
	}
	if processor == nil {
		return nil, fmt.Errorf("create worker %s: the processor is nil", name)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	switch f.state {
	case started:
		return nil, fmt.Errorf("create worker %s: %w", name, ErrStarted)
	case stopping:
		return nil, fmt.Errorf("create worker %s: %w", name, ErrStopped)
	}
	if _, ok := f.workers[name]; ok {
		return nil, fmt.Errorf("create worker %s: %w", name, ErrExists)
	}
	if _, err := f.connectLocked(name, "server"); err != nil {
		return nil, fmt.Errorf("create worker %s: %w", name, err)
	}
	w := &Worker{spec: spec, processor: processor, bus: f.bus}
	f.workers[name] = w
	return w, nil
}

// Enqueue adds a job to a queue made by CreateQueue; see Queue.Enqueue. It fails with ErrUnknownQueue or ErrNotCreated
// where there is none.
func (f *Factory) Enqueue(ctx context.Context, name Name, payload any, opts ...Option) (id string, err error) {
	if _, err := Lookup(string(name)); err != nil {
		return "", err
	}
	f.mu.Lock()
	q, ok := f.queues[name]
	f.mu.Unlock()
	if !ok {
		return "", fmt.Errorf("queue %s: enqueue: %w", name, ErrNotCreated)
	}
	return q.Enqueue(ctx, payload, opts...)
}

func (f *Factory) worker(name Name) (*Worker, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	w, ok := f.workers[name]
	return w, ok
}
