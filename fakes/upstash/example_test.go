package upstash_test

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"tollgate/fakes/memnet"
	"tollgate/fakes/upstash"
)

// What does a counter with an expiry cost, as a script and as two commands?
func Example() {
	ctx := context.Background()
	network := memnet.New() // or memnet.TCP()
	defer network.Close()
	server, err := upstash.Start(ctx, upstash.Config{Network: network, RESPAddr: "127.0.0.1:0"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()

	client := redis.NewClient(&redis.Options{
		Addr:       server.RESPAddr(),
		Dialer:     network.DialContext,
		ClientName: "limiter",
	})
	defer client.Close()
	client.Ping(ctx)

	before := server.Ledger().Snapshot()
	client.Eval(ctx, `local n = redis.call("INCR", KEYS[1]) redis.call("EXPIRE", KEYS[1], 60) return n`, []string{"hits"})
	script := server.Ledger().Snapshot()
	client.Incr(ctx, "hits")
	client.Expire(ctx, "hits", time.Minute)
	plain := server.Ledger().Snapshot()

	fmt.Println("script:", script.Since(before).Total.Billed, "billed")
	fmt.Println("plain:", plain.Since(script).Total.Billed, "billed")
	fmt.Println("limiter's connections:", plain.ConnectionsByComponent["limiter"].Peak)
	// Output:
	// script: 3 billed
	// plain: 2 billed
	// limiter's connections: 1
}
