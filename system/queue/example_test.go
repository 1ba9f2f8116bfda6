package queue_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"tollgate/system/queue"
)

// A factory makes the queue and its worker, runs them, and tells how the jobs went.
func ExampleFactory() {
	server := miniredis.NewMiniRedis()
	defer server.Close()
	connect := func(pool queue.Pool) (redis.UniversalClient, error) {
		return client(pool, func(context.Context, string, string) (net.Conn, error) { return server.Dial() }), nil
	}
	factory, err := queue.NewFactory(queue.Config{
		Topology: queue.Shared, Connect: connect, TaskCheckInterval: 10 * time.Millisecond,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	finished := make(chan queue.Event, 1)
	factory.Events().Subscribe(func(e queue.Event) {
		if e.Kind == queue.Completed {
			finished <- e
		}
	})
	syncs, _ := factory.CreateQueue(queue.CalendarSync)
	_, _ = factory.CreateWorker(queue.CalendarSync, queue.ProcessorFunc(func(_ context.Context, job queue.Job) error {
		fmt.Printf("synchronizing %s\n", job.Payload)
		return nil
	}))
	if err := factory.Start(); err != nil {
		fmt.Println(err)
		return
	}
	_, _ = syncs.Enqueue(context.Background(), map[string]string{"user": "u-17"})
	e := <-finished
	fmt.Println(e.Queue, e.Kind, "at attempt", e.Attempt)

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	fmt.Println("stopped:", factory.Stop(ctx) == nil)
	// Output:
	// synchronizing {"user":"u-17"}
	// calendar-sync completed at attempt 1
	// stopped: true
}

// A mistyped queue name is refused with the names there are.
func ExampleLookup() {
	spec, _ := queue.Lookup("token-refresh")
	fmt.Println(spec.Tier, spec.MaxRetry, spec.Timeout)
	_, err := queue.Lookup("token-refrsh")
	fmt.Println(errors.Is(err, queue.ErrUnknownQueue))
	// Output:
	// critical 6 30s
	// true
}

// A processor says with its error what is to happen to the job.
func ExamplePermanent() {
	err := queue.Permanent(errors.New("the user revoked access"))
	fmt.Println(err, errors.Is(err, queue.ErrPermanent))
	fmt.Println(queue.RetryAfter(errors.New("SMS limit reached"), time.Minute))
	// Output:
	// the user revoked access true
	// SMS limit reached (retry after 1m0s)
}
