package queue

import (
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"tollgate/system/thrift"
)

// Pool says what connections a component needs.
type Pool struct {
	// Component is for naming the connections (CLIENT SETNAME): "queues" in the Shared topology, "queue:<name>:client"
	// and "queue:<name>:server" in the PerQueue one.
	Component string
	// Size is the number of pooled connections.
	Size int
	// MaxConns is the most connections open at a time, the subscriber's included.
	MaxConns int
	// NoRetries asks for a client that sends each command once (MaxRetries -1 in go-redis): a governor stands before it
	// and repeats what is safe to repeat.
	NoRetries bool
}

// Connect makes the Redis client of one component. The factory closes the client.
type Connect func(pool Pool) (redis.UniversalClient, error)

// Connections of the one client of the Shared topology, its subscriber's not counted.
const (
	// sharedPool has a second connection so that a job is fetched while another one's end is written.
	sharedPool = 2
	// lonePool is for the process that hears of nothing from others: one connection in all.
	lonePool = 1
)

// pool describes the connections of a queue's side, "client" or "server".
func (c Config) pool(name Name, side string) Pool {
	switch {
	case c.Topology == PerQueue:
		p := Pool{Component: "queue:" + string(name) + ":" + side, Size: 1, MaxConns: 1}
		if side == "server" {
			p.MaxConns++ // the subscriber
		}
		return p
	case c.thrifty() && !c.Thrift.Wake:
		return Pool{Component: "queues", Size: lonePool, MaxConns: lonePool, NoRetries: true}
	default:
		return Pool{Component: "queues", Size: sharedPool, MaxConns: sharedPool + 1, NoRetries: c.thrifty()}
	}
}

// connectLocked returns what asynq gets as the client of a queue's side ("client" or "server"), which in the Shared
// topology is the same for all.
func (f *Factory) connectLocked(name Name, side string) (redis.UniversalClient, error) {
	pool := f.cfg.pool(name, side)
	if _, ok := f.clients[pool.Component]; !ok {
		client, err := f.cfg.Connect(pool)
		if err != nil {
			return nil, fmt.Errorf("connect %s: %w", pool.Component, err)
		}
		if f.cfg.thrifty() {
			if f.governor, err = thrift.New(client, f.cfg.Thrift); err != nil {
				return nil, errors.Join(fmt.Errorf("govern %s: %w", pool.Component, err), client.Close())
			}
		}
		f.clients[pool.Component] = client
	}
	return f.asynqClientLocked(pool.Component), nil
}

// asynqClientLocked is the client of a component as asynq sees it.
func (f *Factory) asynqClientLocked(component string) redis.UniversalClient {
	if f.governor != nil {
		return f.governor.Client()
	}
	return f.clients[component]
}

// asynqClientsLocked are the clients by component, as asynq sees them.
func (f *Factory) asynqClientsLocked() map[string]redis.UniversalClient {
	seen := make(map[string]redis.UniversalClient, len(f.clients))
	for component := range f.clients {
		seen[component] = f.asynqClientLocked(component)
	}
	return seen
}
