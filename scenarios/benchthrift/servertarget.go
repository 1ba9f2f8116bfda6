package benchthrift

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"tollgate/fakes/memnet"
	"tollgate/fakes/redisserver"
	"tollgate/fakes/upstash/commands"
)

// watchEvery is how often a redis-server is asked for its connections.
const watchEvery = 2 * time.Millisecond

// serverTarget is a redis-server out of this process: its INFO counts.
type serverTarget struct {
	server *redisserver.Server
	probe  *redis.Client // its one connection and its INFO are left out
}

func newServerTarget(ctx context.Context) (*serverTarget, error) {
	server, err := redisserver.Start(ctx, redisserver.Config{})
	if err != nil {
		return nil, err
	}
	r := &serverTarget{server: server}
	options := quiet(r.place())
	options.PoolSize, options.ConnMaxIdleTime = 1, -1
	r.probe = redis.NewClient(options)
	if err := r.probe.Ping(ctx).Err(); err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

func (r *serverTarget) place() place { return place{network: memnet.TCP(), address: r.server.Addr()} }

func (r *serverTarget) counts(ctx context.Context) (counts, error) {
	stats, err := r.info(ctx, "Commandstats")
	if err != nil {
		return nil, err
	}
	billed := counts{}
	for field, text := range stats {
		name := strings.ToUpper(strings.ReplaceAll(strings.TrimPrefix(field, "cmdstat_"), "|", " "))
		if !commands.Billed(name) {
			continue
		}
		calls, _, _ := strings.Cut(strings.TrimPrefix(text, "calls="), ",")
		if billed[name], err = strconv.ParseInt(calls, 10, 64); err != nil {
			return nil, fmt.Errorf("read %s of redis-server's INFO: %w", field, err)
		}
	}
	return billed, nil
}

func (r *serverTarget) open(ctx context.Context) (int, error) {
	clients, err := r.info(ctx, "Clients")
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(clients["connected_clients"])
	if err != nil {
		return 0, fmt.Errorf("read connected_clients of redis-server's INFO: %w", err)
	}
	return n - 1, nil
}

func (r *serverTarget) watch(ctx context.Context) (stop func() (int, error)) {
	ctx, cancel := context.WithCancel(ctx)
	var most int
	var failed error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for {
			n, err := r.open(ctx)
			if err != nil {
				failed = err
				break
			}
			most = max(most, n)
			if pause(ctx, watchEvery) != nil {
				return
			}
		}
		if ctx.Err() != nil {
			failed = nil // it was asked to stop
		}
	}()
	return func() (int, error) {
		cancel()
		<-ended
		return most, failed
	}
}

func (r *serverTarget) info(ctx context.Context, section string) (map[string]string, error) {
	all, err := r.probe.InfoMap(ctx, section).Result()
	if err != nil {
		return nil, fmt.Errorf("ask redis-server for %s: %w", section, err)
	}
	return all[section], nil
}

func (r *serverTarget) close() error { return errors.Join(r.probe.Close(), r.server.Stop()) }
