package cache_test

import (
	"context"
	"fmt"
	"time"

	"tollgate/system/cache"
)

// A lean cache answers repeated reads from memory, so that the store sees (and bills) two commands for these three calls.
func ExampleFetch() {
	store := newMemStore() // in a service: a REST or TCP client of Redis
	c, err := cache.New(cache.Config{Store: store, Prefix: "cache:", Near: &cache.Near{}, Gather: cache.DefaultGather})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()

	for range 3 {
		names, err := cache.Fetch(context.Background(), c, "names:u-1", 10*time.Minute, func(context.Context) ([]string, error) {
			fmt.Println("loading")
			return []string{"Ada", "Grace"}, nil
		})
		fmt.Println(names, err)
	}
	fmt.Println(store.commands())
	fmt.Printf("%+v\n", c.Stats())
	// Output:
	// loading
	// [Ada Grace] <nil>
	// [Ada Grace] <nil>
	// [Ada Grace] <nil>
	// [GET SET]
	// {Hits:2 NearHits:2 Misses:1 Sets:1 Errors:0}
}
