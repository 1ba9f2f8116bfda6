package queue

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// Start checks every connection made so far with a PING (10 s at most) and starts the workers made so far. A queue
// without a worker is fine: this process then only adds jobs to it, and its jobs are left to others. It fails with
// ErrNoWorkers, ErrStarted, ErrStopped, or the error of a connection by its component; Start can be called again after
// the last of these.
func (f *Factory) Start() error {
	f.mu.Lock()
	err, clients := f.startableLocked(), f.asynqClientsLocked()
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
	if f.servers, err = f.newServersLocked(); err != nil {
		return fmt.Errorf("queue: start: %w", err)
	}
	if f.scheduler, err = f.newSchedulerLocked(); err != nil {
		return fmt.Errorf("queue: start: %w", err)
	}
	f.state = started
	for _, server := range f.servers {
		// A fresh server with a handler has no reason to refuse; should it, Stop tidies up those that run.
		if err := server.Start(asynq.HandlerFunc(f.handle)); err != nil {
			return fmt.Errorf("queue: start: %w", err)
		}
	}
	if f.scheduler != nil {
		if err := f.scheduler.Start(); err != nil {
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

// shutdown is the goroutine of a stop. Its parts are bounded by schedulerTimeout, ShutdownTimeout, 1.5 times TaskCheckInterval,
// strayTimeout, flushTimeout and the clients' own network timeouts.
func (f *Factory) shutdown(done chan<- struct{}) {
	defer close(done)
	schedulerEnded := f.stopScheduler() // first: what it adds meanwhile is still worked
	if f.governor != nil {
		f.governor.Quiesce() // or the servers would wait for looks that wait in it
	}
	var servers sync.WaitGroup
	for _, server := range f.servers {
		servers.Go(server.Shutdown)
	}
	servers.Wait()
	if left := f.running.wait(strayTimeout); left > 0 {
		f.cfg.Logger.Warn("processors ignore their cancelled context", "count", left)
	}
	f.closed.Store(true)
	if f.governor != nil {
		f.closeGovernor()
	}
	for component, client := range f.clients {
		if err := client.Close(); err != nil {
			f.cfg.Logger.Warn("close redis client", "component", component, "error", err)
		}
	}
	<-schedulerEnded // at once: what is left of its commands fails on closed clients
}

// stopScheduler stops asynq's scheduler, if there is one, and waits for its end up to schedulerTimeout. asynq bounds each of its
// commands, one and more for each schedule, by the client's network timeouts and all of them by nothing.
func (f *Factory) stopScheduler() (ended <-chan struct{}) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		if f.scheduler != nil {
			f.scheduler.Shutdown()
		}
	}()
	timeout := time.NewTimer(schedulerTimeout)
	defer timeout.Stop()
	select {
	case <-done:
	case <-timeout.C:
		f.cfg.Logger.Warn("the scheduler cannot take back its entries in time; they stay in Redis until their time to live ends",
			"schedules", len(f.cfg.Schedules))
	}
	return done
}

// Flush writes what the governor deferred: asynq's statistics. Without a governor nothing is deferred. Stop flushes, too.
func (f *Factory) Flush(ctx context.Context) error {
	f.mu.Lock()
	governor := f.governor
	f.mu.Unlock()
	if governor == nil {
		return nil
	}
	if err := governor.Flush(ctx); err != nil {
		return fmt.Errorf("queue: flush: %w", err)
	}
	return nil
}

// closeGovernor has the governor write what it deferred while its client is still open.
func (f *Factory) closeGovernor() {
	ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
	defer cancel()
	if err := f.governor.Close(ctx); err != nil {
		f.cfg.Logger.Warn("close governor", "error", err)
	}
}
