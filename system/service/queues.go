package service

import (
	"sync"

	"github.com/redis/go-redis/v9"

	"tollgate/system/config"
	"tollgate/system/providers"
	"tollgate/system/queue"
	"tollgate/system/tcpredis"
	"tollgate/system/thrift"
)

// ConnectionErrors are the failed dials, broken connections and timeouts that
// the service saw towards Redis, retried or not, by component group.
type ConnectionErrors struct {
	KeyValue int64 // cache and limiters
	Queues   int64 // queues and workers, without their subscriptions
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
	connect := func(pool queue.Pool) (redis.UniversalClient, error) {
		c := tcpConfig(cfg, deps, pool.Component, pool.Size)
		c.MaxConns = pool.MaxConns
		if pool.NoRetries {
			c.MaxRetries = -1
		}
		client, err := tcpredis.New(c)
		if err != nil {
			return nil, err
		}
		clients.add(client)
		return client, nil
	}
	return queue.NewFactory(queue.Config{
		Topology: queue.Topology(plan.WorkerSet), Connect: connect, Deduplicate: plan.Deduplicate,
		Concurrency: cfg.Worker.Concurrency,
		Thrift: thrift.Config{
			Level: thrift.Level(plan.Thrift), Wake: cfg.Thrift.Wake,
			SurveyInterval: cfg.Thrift.SurveyInterval, FullSurveyInterval: cfg.Thrift.FullSurveyInterval,
			HeartbeatInterval: cfg.Thrift.HeartbeatInterval, StatisticsInterval: cfg.Thrift.StatisticsInterval,
		},
		TaskCheckInterval:        cfg.Worker.TaskCheckInterval,
		DelayedTaskCheckInterval: cfg.Worker.DelayedTaskCheckInterval,
		ShutdownTimeout:          cfg.Worker.ShutdownTimeout,
		RetryBase:                cfg.Worker.RetryBase,
		Schedules:                deps.Schedules,
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
