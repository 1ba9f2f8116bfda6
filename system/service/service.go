package service

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"tollgate/system/accounts"
	"tollgate/system/api"
	"tollgate/system/cache"
	"tollgate/system/config"
	"tollgate/system/jobs"
	"tollgate/system/providers"
	"tollgate/system/queue"
	"tollgate/system/ratelimit"
)

// checkTimeout bounds the credential check at start.
const checkTimeout = 10 * time.Second

// ErrStarted is returned by Start on a service that was started before.
var ErrStarted = errors.New("service: already started")

// Accounts is the application's own database, which is not Redis's business.
// accounts.Memory is one.
type Accounts interface {
	jobs.Accounts
	api.Accounts
}

// Deps is what a service needs beside its configuration. The zero value is a
// service on the operating system's network with accounts in memory.
type Deps struct {
	Network  Network     // nil: the operating system's
	TLS      *tls.Config // for Redis and REST; nil: the system's root certificates, TLS 1.2 or newer
	Accounts Accounts    // nil: those of the configured file; without one no user is known
	// Schedules are jobs that this process adds at times of the calendar, beside those of the configured file.
	Schedules []queue.Schedule
	Logger    *slog.Logger // nil: nothing is logged
}

func (d Deps) withDefaults(cfg config.Config) (Deps, error) {
	if d.Network == nil {
		d.Network = newSystemNetwork()
	}
	if d.Accounts == nil {
		d.Accounts = accounts.NewMemory(nil)
		if cfg.AccountsFile != "" {
			stored, err := accounts.ReadFile(cfg.AccountsFile)
			if err != nil {
				return d, fmt.Errorf("ACCOUNTS_FILE: %w", err)
			}
			d.Accounts = stored
		}
	}
	if cfg.SchedulesFile != "" {
		stored, err := queue.ReadSchedules(cfg.SchedulesFile)
		if err != nil {
			return d, fmt.Errorf("SCHEDULES_FILE: %w", err)
		}
		d.Schedules = append(slices.Clone(d.Schedules), stored...)
	}
	if d.Logger == nil {
		d.Logger = slog.New(slog.DiscardHandler)
	}
	return d, nil
}

// Service is one running stage. Its methods are safe for concurrent use.
type Service struct {
	cfg    config.Config
	logger *slog.Logger

	stores    *stores
	cache     *cache.Cache
	locals    []*ratelimit.Local // limiters that write their log behind their answers
	providers *providers.Clients
	clients   queueClients
	factory   *queue.Factory
	http      *httpServer

	start    sync.Mutex
	started  bool
	stopOnce sync.Once
	stopErr  error
}

// New builds the service of cfg.Stage. Nothing is listened on or taken from a
// queue before Start; only the fixed-size pools of the TCP transport begin to
// open their connections in the background.
func New(cfg config.Config, deps Deps) (*Service, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	deps, err := deps.withDefaults(cfg)
	if err != nil {
		return nil, fmt.Errorf("service: %w", err)
	}
	s := &Service{cfg: cfg, logger: deps.Logger}
	if err := s.build(deps); err != nil {
		return nil, errors.Join(fmt.Errorf("service: stage %s: %w", cfg.Stage, err), s.close(context.Background()))
	}
	return s, nil
}

// build makes the components in the order of their dependencies.
func (s *Service) build(deps Deps) (err error) {
	if s.stores, err = newStores(s.cfg, deps); err != nil {
		return err
	}
	if s.cache, err = newCache(s.cfg, s.stores.cache); err != nil {
		return err
	}
	if s.providers, err = newProviders(s.cfg, deps.Network); err != nil {
		return err
	}
	if s.factory, err = newFactory(s.cfg, deps, &s.clients); err != nil {
		return err
	}
	if err = s.buildQueues(deps.Accounts); err != nil {
		return err
	}
	return s.buildAPI(deps)
}

// buildQueues makes the eleven queues and their workers.
func (s *Service) buildQueues(db Accounts) error {
	limiter, err := s.newSMSLimiter()
	if err != nil {
		return err
	}
	processors := jobs.All(jobs.Deps{
		OAuth: s.providers.OAuth, Calendar: s.providers.Calendar, People: s.providers.People,
		SMS: s.providers.SMS, Webhooks: s.providers.Webhooks, Suggest: s.providers.Suggest,
		Accounts: db, Cache: s.cache, SMSLimiter: limiter, Enqueuer: s.factory, Logger: s.logger,
	})
	for _, spec := range queue.Specs() {
		if _, err := s.factory.CreateQueue(spec.Name); err != nil {
			return err
		}
		if _, err := s.factory.CreateWorker(spec.Name, processors[spec.Name]); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) buildAPI(deps Deps) error {
	limiter, err := s.newLimiter("api", s.stores.rateLimit, s.cfg.API)
	if err != nil {
		return err
	}
	handler := api.New(api.Config{
		Limiter: limiter, Cache: s.cache, Accounts: deps.Accounts, Health: s.Health, Logger: deps.Logger,
		Enqueue: func(ctx context.Context, name string, payload json.RawMessage) (string, error) {
			return s.Enqueue(ctx, queue.Name(name), payload)
		},
		LimiterTimeout: s.cfg.Health.Timeout,
	})
	s.http = newHTTPServer(s.cfg.HTTPAddr, deps.Network, handler, deps.Logger)
	return nil
}

// Start checks the credentials, listens, and starts the workers. On an error
// nothing keeps running; a service is started once.
func (s *Service) Start(ctx context.Context) error {
	s.start.Lock()
	defer s.start.Unlock()
	if s.started {
		return ErrStarted
	}
	s.started = true
	if err := s.startAll(ctx); err != nil {
		return errors.Join(fmt.Errorf("service: stage %s: %w", s.cfg.Stage, err), s.Stop(context.WithoutCancel(ctx)))
	}
	s.logger.Info("service started", "stage", s.cfg.Stage, "addr", s.http.Addr())
	return nil
}

func (s *Service) startAll(ctx context.Context) error {
	checkCtx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	if err := s.stores.check(checkCtx); err != nil {
		return fmt.Errorf("credential check over %s: %w", s.cfg.Plan().KV, err)
	}
	s.restoreLimiters(ctx)
	if err := s.http.Start(ctx); err != nil {
		return err
	}
	return s.factory.Start()
}

// Stop takes no further request, lets running requests and jobs finish within
// ctx and the configured shutdown timeout, and closes every connection. A job
// that did not finish is given back to its queue. When ctx ends first, Stop
// returns an error and the rest of it goes on in the background, within the
// shutdown timeout. Stopping twice is harmless.
func (s *Service) Stop(ctx context.Context) error {
	s.stopOnce.Do(func() { s.stopErr = s.close(ctx) })
	return s.stopErr
}

// close stops what was built, last things first.
func (s *Service) close(ctx context.Context) error {
	var errs []error
	if s.http != nil {
		httpCtx, cancel := context.WithTimeout(ctx, s.cfg.Worker.ShutdownTimeout)
		errs = append(errs, s.http.Stop(httpCtx))
		cancel()
	}
	if s.factory != nil {
		if err := s.factory.Stop(ctx); err != nil {
			// Jobs still run: what they work with is closed after them, or they
			// would fail, some of them for the last time.
			go func() {
				err := errors.Join(s.factory.Stop(context.Background()), s.closeRest(context.Background()))
				s.logger.Info("late shutdown complete", "error", err)
			}()
			return errors.Join(append(errs, err)...)
		}
	}
	return errors.Join(append(errs, s.closeRest(ctx))...)
}

// closeRest closes what the workers and the API worked with. The limiters write
// what the next process must know.
func (s *Service) closeRest(ctx context.Context) error {
	err := s.eachLocal(func(l *ratelimit.Local) error { return l.Close(ctx) })
	if s.cache != nil {
		s.cache.Close()
	}
	if s.stores != nil {
		err = errors.Join(err, s.stores.close())
	}
	if s.providers != nil {
		s.providers.Close()
	}
	return err
}

// Addr is the address that the HTTP API listens on; empty before Start.
func (s *Service) Addr() string { return s.http.Addr() }

// Cache is the service's cache.
func (s *Service) Cache() *cache.Cache { return s.cache }

// Subscribe calls f with each event of a job, from the worker that runs it, until
// cancel is called. f must be quick and safe for concurrent use.
func (s *Service) Subscribe(f func(queue.Event)) (cancel func()) {
	return s.factory.Events().Subscribe(f)
}

// Enqueue accepts a job for the named queue: once it returns without an error
// the job is in Redis. payload is marshalled to JSON unless it is JSON already.
func (s *Service) Enqueue(ctx context.Context, name queue.Name, payload any, opts ...queue.Option) (id string, err error) {
	return s.factory.Enqueue(ctx, name, payload, opts...)
}

// Health reports whether the key-value connection answers. PING is not billed.
func (s *Service) Health(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Health.Timeout)
	defer cancel()
	return s.stores.ping(ctx)
}

// Flush writes what is deferred: asynq's statistics, and the log of limiters that
// keep it in memory. Stop does, too.
func (s *Service) Flush(ctx context.Context) error {
	limits := s.eachLocal(func(l *ratelimit.Local) error { return l.Flush(ctx) })
	return errors.Join(s.factory.Flush(ctx), limits)
}

// ConnectionErrors counts network failures towards Redis since New.
func (s *Service) ConnectionErrors() ConnectionErrors {
	return ConnectionErrors{KeyValue: s.stores.networkErrors(), Queues: s.clients.networkErrors()}
}
