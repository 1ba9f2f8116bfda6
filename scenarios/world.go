package scenarios

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"time"

	"tollgate/fakes/memnet"
	"tollgate/fakes/providers"
	"tollgate/fakes/upstash"
	"tollgate/fakes/upstash/engine"
	"tollgate/system/config"
	"tollgate/system/queue"
	"tollgate/system/service"
)

// Settings of the worlds. They are the same for every stage. Everything else is
// as the service comes, above all the intervals of asynq and of thrift: the idle
// cost is that of a service that nobody tuned.
const (
	apiLimit       = 600 // requests a minute for each API client
	smsLimit       = 20  // messages an hour for each number
	concurrency    = 50  // jobs at a time in the shared worker set
	retryBase      = 250 * time.Millisecond
	providerLimit  = 5 * time.Second
	startupTimeout = 20 * time.Second
	stopTimeout    = 15 * time.Second
)

// Credentials of the fakes.
const (
	restToken     = "rest-token-of-the-fake"
	redisPassword = "password-of-the-fake"
	loopback      = "127.0.0.1:0"
)

// ErrNotStarted wraps what kept a world from starting.
var ErrNotStarted = errors.New("could not start")

// World is a stage of the service with everything it talks to.
type World struct {
	Upstash   *upstash.Server
	Providers *providers.Server

	network  memnet.Network // without the added round trip
	redis    *Store
	engine   engine.Engine // to the Store; nil if Upstash has its own
	settings config.Config // of every service that the world starts
	deps     service.Deps
	plan     providers.Plan

	mu            sync.RWMutex
	service       *service.Service
	subscriptions []*subscription
	retired       retired
}

// WorldConfig says which stage to build and around it what.
type WorldConfig struct {
	Stage    config.Stage
	Network  memnet.Network // nil: loopback TCP
	Redis    *Store         // nil: one in this process
	RTT      time.Duration  // added to every connection that the service opens
	Failures float64        // share of provider calls that fail, 0 to 1
	Seed     uint64
	HashTags bool // have the ledger split its account by queue too
	// Schedules are jobs that the service adds itself.
	Schedules []queue.Schedule
	Logger    *slog.Logger // nil: nothing is logged
}

// NewWorld starts the fakes and then the service of the stage. On an error
// nothing keeps running.
func NewWorld(ctx context.Context, cfg WorldConfig) (*World, error) {
	if cfg.Network == nil {
		cfg.Network = memnet.TCP()
	}
	w := &World{network: cfg.Network, redis: cfg.Redis}
	if err := w.start(ctx, cfg); err != nil {
		return nil, errors.Join(fmt.Errorf("%w: stage %s: %w", ErrNotStarted, cfg.Stage, err), w.Close())
	}
	return w, nil
}

func (w *World) start(ctx context.Context, cfg WorldConfig) error {
	if err := w.startFakes(ctx, cfg); err != nil {
		return err
	}
	settings, err := w.configure(cfg.Stage)
	if err != nil {
		return err
	}
	w.settings = settings
	w.deps = service.Deps{
		Network:  memnet.WithLatency(cfg.Network, cfg.RTT),
		TLS:      w.clientTLS(),
		Accounts: newDatabase(w.Providers.URL() + "/hooks/"),
		Logger:   cfg.Logger,

		Schedules: cfg.Schedules,
	}
	w.service, err = w.startService(ctx)
	return err
}

func (w *World) startFakes(ctx context.Context, cfg WorldConfig) (err error) {
	ctx, cancel := context.WithTimeout(ctx, startupTimeout)
	defer cancel()
	if w.engine, err = w.redis.engine(ctx); err != nil {
		return err
	}
	w.Upstash, err = upstash.Start(ctx, upstash.Config{
		Network: cfg.Network, Engine: w.engine, TLSAddr: loopback, RESTAddr: loopback,
		Tokens: []upstash.Token{{Value: restToken, Component: "rest"}},
		Users:  []upstash.User{{Name: config.DefaultRedisUser, Password: redisPassword}},

		HashTags:             cfg.HashTags,
		DedicatedConnections: w.engine != nil, // a real Redis can be asked which there are
	})
	if err != nil {
		return err
	}
	// Every way of failing gets its part of the share.
	part := cfg.Failures / 3
	w.plan = providers.Plan{
		RateLimited: part, ServerError: part, Timeout: part,
		RetryAfter: time.Second, Hang: 500 * time.Millisecond, Subjects: probeSubjects(),
	}
	w.Providers, err = providers.Start(ctx, providers.Config{Listen: cfg.Network.Listen, Addr: loopback, Seed: cfg.Seed, Plan: w.plan})
	return err
}

// configure is the service's configuration against the fakes.
func (w *World) configure(stage config.Stage) (config.Config, error) {
	host, port, err := net.SplitHostPort(w.Upstash.TLSAddr())
	if err != nil {
		return config.Config{}, err
	}
	cfg := config.Default()
	cfg.Stage, cfg.HTTPAddr = stage, loopback
	cfg.REST = config.REST{URL: w.Upstash.RESTURL(), Token: restToken}
	cfg.Redis.Host, cfg.Redis.Password, cfg.Redis.TLS = host, redisPassword, true
	if cfg.Redis.Port, err = strconv.Atoi(port); err != nil {
		return config.Config{}, err
	}
	cfg.API.Limit, cfg.SMS.Limit = apiLimit, smsLimit
	cfg.SoleProcess = stage == config.StagePhase3 // its target is the 1 to 3 connections of one process
	cfg.Worker.Concurrency, cfg.Worker.RetryBase = concurrency, retryBase
	p := &cfg.Providers
	p.OAuthURL, p.CalendarURL, p.PeopleURL = w.Providers.OAuthURL(), w.Providers.CalendarURL(), w.Providers.PeopleURL()
	p.SMSURL, p.SuggestURL = w.Providers.SMSURL(), w.Providers.SuggestURL()
	p.ClientID, p.ClientSecret = "client", "client-secret-of-the-fake"
	p.AccountSID, p.AuthToken, p.SMSFrom = "ACfake", "authtokenofthefake", "+12025550100"
	p.Timeout = providerLimit
	return cfg, nil
}

// clientTLS trusts the fake's certificate and nothing else.
func (w *World) clientTLS() *tls.Config {
	return &tls.Config{RootCAs: w.Upstash.RootCAs(), ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}
}

// Close stops the service and then the fakes, within a bound.
func (w *World) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	var errs []error
	if svc := w.Service(); svc != nil {
		errs = append(errs, svc.Stop(ctx))
	}
	if w.Providers != nil {
		errs = append(errs, w.Providers.Close())
	}
	if w.Upstash != nil {
		errs = append(errs, w.Upstash.Close())
	}
	if w.engine != nil {
		errs = append(errs, w.engine.Close(), w.redis.empty(ctx)) // in this order: nothing is written any more
	}
	return errors.Join(errs...)
}
