package service

import (
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"

	"tollgate/system/config"
	"tollgate/system/providers"
	"tollgate/system/queue"
	"tollgate/system/tcpredis"
)

// ConnectionErrors are the failed dials, broken connections and timeouts that
// the service saw towards Redis, retried or not, by component group.
type ConnectionErrors struct {
	KeyValue int64 // cache and limiters
	Queues   int64 // queues and workers, without asynq's cancellation subscription
}

// queueClients are the Redis clients that the queue factory asked for.
type queueClients struct {
	mu  sync.Mutex
	all []*redis.Client
}

func (c *queueClients) add(client *redis.Client) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, client)
}

func (c *queueClients) networkErrors() (n int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, client := range c.all {
		stats, _ := tcpredis.StatsOf(client)
		n += stats.NetworkErrors
	}
	return n
}

// newFactory makes the queue factory of the stage's worker set. Each connection
// pool it opens is named after its component.
func newFactory(cfg config.Config, deps Deps, clients *queueClients) (*queue.Factory, error) {
	plan := cfg.Plan()
	connect := func(component string, poolSize int) (redis.UniversalClient, error) {
		subscribers := 1
		if strings.HasSuffix(component, ":client") { // it only adds jobs
			subscribers = 0
		}
		client, err := tcpredis.New(tcpConfig(cfg, deps, component, poolSize, 0, subscribers))
		if err != nil {
			return nil, err
		}
		clients.add(client)
		return client, nil
	}
	return queue.NewFactory(queue.Config{
		Topology: queue.Topology(plan.WorkerSet), Connect: connect, Deduplicate: plan.Deduplicate,
		Concurrency:              cfg.Worker.Concurrency,
		TaskCheckInterval:        cfg.Worker.TaskCheckInterval,
		DelayedTaskCheckInterval: cfg.Worker.DelayedTaskCheckInterval,
		ShutdownTimeout:          cfg.Worker.ShutdownTimeout,
		RetryBase:                cfg.Worker.RetryBase,
		Logger:                   deps.Logger,
	})
}

// newProviders makes the clients of what the jobs call.
func newProviders(cfg config.Config, network Network) (*providers.Clients, error) {
	p := cfg.Providers
	return providers.New(providers.Config{
		OAuthURL: p.OAuthURL, CalendarURL: p.CalendarURL, PeopleURL: p.PeopleURL,
		ClientID: p.ClientID, ClientSecret: string(p.ClientSecret),
		SMSURL: p.SMSURL, AccountSID: p.AccountSID, AuthToken: string(p.AuthToken), SMSFrom: p.SMSFrom,
		SuggestURL: p.SuggestURL, SuggestToken: string(p.SuggestToken),
		DialContext: network.DialContext, Timeout: p.Timeout,
	})
}
