package faults_test

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"tollgate/fakes/memnet"
	"tollgate/fakes/upstash"
	"tollgate/fakes/upstash/faults"
)

// A drill: does the service come through a failover in the middle of its work?
func Example() {
	ctx := context.Background()
	network := memnet.New() // or memnet.TCP()
	defer network.Close()
	server, err := upstash.Start(ctx, upstash.Config{Network: network, RESPAddr: "127.0.0.1:0", Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	client := redis.NewClient(&redis.Options{Addr: server.RESPAddr(), Dialer: network.DialContext})
	defer client.Close()

	var drill string
	failed := 0
	for i := range 100 {
		if i == 50 {
			drill, err = server.Faults().Add(faults.Fault{Kind: faults.Failover})
			if err != nil {
				fmt.Println(err)
				return
			}
		}
		if err := client.Incr(ctx, "work").Err(); err != nil {
			failed++
		}
	}

	report, err := server.Faults().Remove(drill)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("failovers:", report.Fired) // 0 would mean that the drill has shown nothing
	fmt.Println("connections opened:", server.Ledger().Snapshot().Connections.Opened)
	fmt.Println("done:", client.Get(ctx, "work").Val(), "failed:", failed)
	// Output:
	// failovers: 1
	// connections opened: 2
	// done: 100 failed: 0
}

// A day of trouble for one component, planned ahead.
func ExampleRegistry_Add() {
	plan := faults.New(faults.Config{Seed: 7})
	defer plan.Close()
	for _, f := range []faults.Fault{
		{Name: "slow", Kind: faults.Latency, Delay: 200 * time.Millisecond, After: 12 * time.Hour, For: time.Hour},
		{Name: "busy", Kind: faults.Status, Code: 429, RetryAfter: 2 * time.Second, Component: "web", Probability: new(0.05)},
		{Name: "upgrade", Kind: faults.ReadOnly, After: 20 * time.Hour, For: time.Minute},
	} {
		if _, err := plan.Add(f); err != nil {
			fmt.Println(err)
		}
	}
	_, err := plan.Add(faults.Fault{Name: "oops", Kind: faults.Latency})
	fmt.Println(err)
	for _, report := range plan.List() {
		fmt.Println(report.State, report.Fault)
	}
	// Output:
	// faults: invalid fault: delay is not set: a fault of kind latency needs it
	// waiting latency,name=slow,after=12h0m0s,for=1h0m0s,delay=200ms
	// on status,name=busy,probability=0.05,component=web,code=429,retry-after=2s
	// waiting readonly,name=upgrade,after=20h0m0s,for=1m0s
}

// The same from a line, as a flag or a file has it.
func ExampleParseSpec() {
	f, err := faults.ParseSpec("latency,name=slow,delay=200ms,jitter=50ms")
	fmt.Println(f.Name, f.Delay, f.Jitter, err)
	_, err = faults.ParseSpec("latency,delay=200ms,jitter=1s")
	fmt.Println(err)
	// Output:
	// slow 200ms 50ms <nil>
	// faults: invalid fault: jitter is 1s: it cannot exceed delay (200ms)
}
