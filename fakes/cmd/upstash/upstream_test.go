package main

import (
	"context"
	"net/http"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"github.com/rogpeppe/go-internal/testscript"

	"tollgate/fakes/redisserver"
)

// cmdRedis starts a redis-server with that password, and puts its address into a variable: redis VARIABLE PASSWORD
func cmdRedis(ts *testscript.TestScript, _ bool, args []string) {
	server, err := redisserver.Start(context.Background(), redisserver.Config{Args: []string{"--requirepass", args[1]}})
	ts.Check(err)
	ts.Defer(func() { _ = server.Stop() })
	ts.Setenv(args[0], server.Addr())
}

// cmdWork does what the scripts that call it expect in the account, over TCP with go-redis and over REST: work
func cmdWork(ts *testscript.TestScript, _ bool, _ []string) {
	access, ctx := (*runningIn(ts)).access, context.Background()
	opts, err := redis.ParseURL(access["REDIS_URL"])
	ts.Check(err)
	opts.ClientName, opts.PoolSize, opts.Protocol, opts.DisableIdentity = "worker", 1, 2, true
	opts.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	client := redis.NewClient(opts)
	defer func() { _ = client.Close() }()

	ts.Check(client.Set(ctx, "k", "v", 0).Err())
	for range 4 {
		ts.Check(client.Get(ctx, "k").Err())
	}
	script := redis.NewScript(`redis.call('ZADD', KEYS[1], 1, 'a') redis.call('ZADD', KEYS[1], 2, 'b') return redis.call('ZCARD', KEYS[1])`)
	for range 2 {
		ts.Check(script.Eval(ctx, client, []string{"z"}).Err())
	}
	ts.Check(client.Ping(ctx).Err())
	if err := client.Do(ctx, "SLOWLOG", "GET").Err(); err == nil {
		ts.Fatalf("SLOWLOG was not refused")
	}

	post(ts, access, `["INCR","n"]`, http.StatusOK)
	post(ts, access, `["GET","k"]`, http.StatusOK)
	post(ts, access, `["SLOWLOG","GET"]`, http.StatusBadRequest)
}
