package queue

import (
	"maps"
	"slices"
	"time"

	"github.com/hibiken/asynq"

	"tollgate/system/thrift"
)

// asynq's intervals under a governor. What asynq takes for a look at Redis then waits in the governor for something to
// do, so that a pause of asynq's own only delays jobs: the interval after a look at empty queues is the shortest that
// still keeps asynq from spinning. The one for due jobs decides how late they are noticed, and each look is answered
// from memory.
const (
	governedTaskCheckInterval        = time.Millisecond
	governedDelayedTaskCheckInterval = 100 * time.Millisecond
)

// newServersLocked makes one asynq server for all workers, or one for each.
func (f *Factory) newServersLocked() ([]*asynq.Server, error) {
	if f.cfg.Topology == Shared {
		server, err := f.newSharedServerLocked()
		return []*asynq.Server{server}, err
	}
	var servers []*asynq.Server
	for name, w := range f.workers {
		component := f.cfg.pool(name, "server").Component
		servers = append(servers, f.newServerLocked(component, map[string]int{string(name): 1}, w.spec.Concurrency))
	}
	return servers, nil
}

// newSharedServerLocked makes the one server, and tells the governor of it.
func (f *Factory) newSharedServerLocked() (*asynq.Server, error) {
	weights, concurrency := make(map[string]int), 0
	for name, w := range f.workers {
		weights[string(name)] = w.spec.Priority
		concurrency += w.spec.Concurrency
	}
	if f.cfg.Concurrency > 0 {
		concurrency = f.cfg.Concurrency
	}
	if f.governor != nil {
		if err := f.governor.Work(slices.Sorted(maps.Keys(weights)), concurrency); err != nil {
			return nil, err
		}
	}
	return f.newServerLocked("queues", weights, concurrency), nil
}

func (f *Factory) newServerLocked(component string, weights map[string]int, concurrency int) *asynq.Server {
	logger := asynqLogger{f.cfg.Logger}
	taskCheck, delayedTaskCheck := f.intervalsLocked()
	return asynq.NewServerFromRedisClient(f.asynqClientLocked(component), asynq.Config{
		Concurrency:              concurrency,
		Queues:                   weights,
		BaseContext:              attemptContext,
		TaskCheckInterval:        taskCheck,
		DelayedTaskCheckInterval: delayedTaskCheck,
		ShutdownTimeout:          f.cfg.ShutdownTimeout,
		RetryDelayFunc:           retryDelay(f.cfg.RetryBase, f.cfg.RetryCap),
		ErrorHandler:             asynq.ErrorHandlerFunc(f.handleError),
		Logger:                   logger,
		LogLevel:                 logger.level(),
	})
}

// intervalsLocked are the pauses between asynq's looks at empty queues and for due jobs. A governor that lets everything
// through leaves them as configured: with the short ones asynq would send eleven thousand commands a second.
func (f *Factory) intervalsLocked() (taskCheck, delayedTaskCheck time.Duration) {
	if f.governor != nil && f.governor.Level() != thrift.Off {
		return governedTaskCheckInterval, governedDelayedTaskCheckInterval
	}
	return f.cfg.TaskCheckInterval, f.cfg.DelayedTaskCheckInterval
}
