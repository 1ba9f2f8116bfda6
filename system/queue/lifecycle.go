package queue

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// Start checks every connection made so far with a PING (10 s at most) and starts the workers made so far. A queue
// without a worker is fine: this process then only adds jobs to it, and its jobs are left to others. It fails with
// ErrNoWorkers, ErrStarted, ErrStopped, or the error of a connection by its component; Start can be called again after
// the last of these.
func (f *Factory) Start() error {
	f.mu.Lock()
	err, clients := f.startableLocked(), maps.Clone(f.clients)
	f.mu.Unlock()
	if err == nil {
		err = pingAll(clients) // without the lock, so that a Stop need not wait for it
	}
	if err != nil {
		return fmt.Errorf("queue: start: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.startableLocked(); err != nil {
		return fmt.Errorf("queue: start: %w", err)
	}
	f.servers = f.newServersLocked()
	f.state = started
	for _, server := range f.servers {
		// A fresh server with a handler has no reason to refuse; should it, Stop tidies up those that run.
		if err := server.Start(asynq.HandlerFunc(f.handle)); err != nil {
			return fmt.Errorf("queue: start: %w", err)
		}
	}
	return nil
}

// startableLocked says why the factory cannot be started now.
func (f *Factory) startableLocked() error {
	switch {
	case f.state == started:
		return ErrStarted
	case f.state == stopping:
		return ErrStopped
	case len(f.workers) == 0:
		return ErrNoWorkers
	}
	return nil
}

// pingAll checks the clients all at once and names those that do not answer.
func pingAll(clients map[string]redis.UniversalClient) error {
	ctx, cancel := context.WithTimeout(context.Background(), pingTimeout)
	defer cancel()
	var pings sync.WaitGroup
	var mu sync.Mutex
	var problems []error
	for component, client := range clients {
		pings.Go(func() {
			if err := client.Ping(ctx).Err(); err != nil {
				mu.Lock()
				defer mu.Unlock()
				problems = append(problems, fmt.Errorf("connection %s: %w", component, err))
			}
		})
	}
	pings.Wait()
	return errors.Join(problems...)
}

// newServersLocked makes one asynq server for all workers, or one for each.
func (f *Factory) newServersLocked() []*asynq.Server {
	if f.cfg.Topology == Shared {
		weights, concurrency := make(map[string]int), 0
		for name, w := range f.workers {
			weights[string(name)] = w.spec.Priority
			concurrency += w.spec.Concurrency
		}
		if f.cfg.Concurrency > 0 {
			concurrency = f.cfg.Concurrency
		}
		return []*asynq.Server{f.newServer(f.clients["queues"], weights, concurrency)}
	}
	var servers []*asynq.Server
	for name, w := range f.workers {
		client := f.clients["queue:"+string(name)+":server"]
		servers = append(servers, f.newServer(client, map[string]int{string(name): 1}, w.spec.Concurrency))
	}
	return servers
}

func (f *Factory) newServer(client redis.UniversalClient, weights map[string]int, concurrency int) *asynq.Server {
	logger := asynqLogger{f.cfg.Logger}
	return asynq.NewServerFromRedisClient(client, asynq.Config{
		Concurrency:              concurrency,
		Queues:                   weights,
		BaseContext:              attemptContext,
		TaskCheckInterval:        f.cfg.TaskCheckInterval,
		DelayedTaskCheckInterval: f.cfg.DelayedTaskCheckInterval,
		ShutdownTimeout:          f.cfg.ShutdownTimeout,
		RetryDelayFunc:           retryDelay(f.cfg.RetryBase, f.cfg.RetryCap),
		ErrorHandler:             asynq.ErrorHandlerFunc(f.handleError),
		Logger:                   logger,
		LogLevel:                 logger.level(),
	})
}

// Stop takes no further jobs, lets the running ones finish for up to ShutdownTimeout, has asynq put the rest back into
// their queues, and closes the Redis clients. No accepted job is lost. It returns nil once all of that is done, and an
// error when ctx ends first; the stop then goes on in the background and ends by itself, and another Stop waits for it.
// Stop can be called in any state and more than once.
func (f *Factory) Stop(ctx context.Context) error {
	f.mu.Lock()
	if f.stopped == nil {
		f.state = stopping
		f.stopped = make(chan struct{})
		go f.shutdown(f.stopped)
	}
	done := f.stopped
	f.mu.Unlock()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("queue: stop: %d jobs still running: %w", f.running.count(), ctx.Err())
	}
}

// shutdown is the one goroutine of a stop. Its parts are bounded by ShutdownTimeout, 1.5 times TaskCheckInterval,
// strayTimeout and the clients' own network timeouts.
func (f *Factory) shutdown(done chan<- struct{}) {
	defer close(done)
	var servers sync.WaitGroup
	for _, server := range f.servers {
		servers.Go(server.Shutdown)
	}
	servers.Wait()
	if left := f.running.wait(strayTimeout); left > 0 {
		f.cfg.Logger.Warn("processors ignore their cancelled context", "count", left)
	}
	f.closed.Store(true)
	for component, client := range f.clients {
		if err := client.Close(); err != nil {
			f.cfg.Logger.Warn("close redis client", "component", component, "error", err)
		}
	}
}
