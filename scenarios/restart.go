package scenarios

import (
	"context"
	"errors"
	"fmt"

	"tollgate/fakes/providers"
	"tollgate/system/cache"
	"tollgate/system/queue"
	"tollgate/system/service"
)

// retired is what services that were replaced had counted.
type retired struct {
	errors service.ConnectionErrors
	cache  cache.Stats
}

// Service is the service that requests and jobs go to now.
func (w *World) Service() *service.Service {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.service
}

// ProviderPlan is which provider calls fail.
func (w *World) ProviderPlan() providers.Plan { return w.plan }

// Subscribe has handle called for the events of the service and of those that
// replace it later; see queue.Bus.Subscribe.
func (w *World) Subscribe(handle func(queue.Event)) (cancel func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := &subscription{handle: handle}
	s.to(w.service)
	w.subscriptions = append(w.subscriptions, s)
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		s.cancelAll()
	}
}

// subscription is a handler of events with what ends it at each service.
type subscription struct {
	handle  func(queue.Event)
	cancels []func()
	ended   bool
}

func (s *subscription) to(svc *service.Service) {
	if !s.ended {
		s.cancels = append(s.cancels, svc.Subscribe(s.handle))
	}
}

func (s *subscription) cancelAll() {
	s.ended = true
	for _, cancel := range s.cancels {
		cancel()
	}
	s.cancels = nil
}

// Restart replaces the service as a rolling deploy does: another one is started,
// what comes goes to it, and then the one before is stopped, which waits for its
// requests and jobs. When the new one does not start the old one stays.
func (w *World) Restart(ctx context.Context) error {
	next, err := w.startService(ctx)
	if err != nil {
		return fmt.Errorf("restart: %w", err)
	}
	w.mu.Lock()
	last := w.service
	for _, s := range w.subscriptions {
		s.to(next)
	}
	w.service = next
	w.mu.Unlock()

	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	stopErr := last.Stop(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.retired.errors = addErrors(w.retired.errors, last.ConnectionErrors())
	w.retired.cache = addStats(w.retired.cache, last.Cache().Stats())
	if stopErr != nil {
		return fmt.Errorf("restart: stop of the service before: %w", stopErr)
	}
	return nil
}

// startService makes a service of the world's stage and starts it.
func (w *World) startService(ctx context.Context) (*service.Service, error) {
	ctx, cancel := context.WithTimeout(ctx, startupTimeout)
	defer cancel()
	svc, err := service.New(w.settings, w.deps)
	if err != nil {
		return nil, err
	}
	if err := svc.Start(ctx); err != nil {
		stopCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
		defer cancel()
		return nil, errors.Join(err, svc.Stop(stopCtx))
	}
	return svc, nil
}

// ConnectionErrors counts the network failures towards Redis of the service and of
// those that it replaced.
func (w *World) ConnectionErrors() service.ConnectionErrors {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return addErrors(w.retired.errors, w.service.ConnectionErrors())
}

// CacheStats are the cache's figures of the service and of those that it replaced.
func (w *World) CacheStats() cache.Stats {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return addStats(w.retired.cache, w.service.Cache().Stats())
}

func addErrors(a, b service.ConnectionErrors) service.ConnectionErrors {
	return service.ConnectionErrors{KeyValue: a.KeyValue + b.KeyValue, Queues: a.Queues + b.Queues}
}

func addStats(a, b cache.Stats) cache.Stats {
	return cache.Stats{
		Hits: a.Hits + b.Hits, NearHits: a.NearHits + b.NearHits, Misses: a.Misses + b.Misses, Sets: a.Sets + b.Sets, Errors: a.Errors + b.Errors,
	}
}
