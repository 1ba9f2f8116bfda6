package queue_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"tollgate/system/queue"
	"tollgate/system/thrift"
)

// The factory asks for the connections that it is going to hold, and for a client that repeats nothing under a governor.
func TestPools(t *testing.T) {
	const server, producer = "queue:calendar-sync:server", "queue:calendar-sync:client"
	shared := func(size, most int, once bool) []queue.Pool { return []queue.Pool{{"queues", size, most, once}} }
	for _, tt := range []struct {
		topology queue.Topology
		thrift   thrift.Config
		want     []queue.Pool
	}{
		{queue.PerQueue, thrift.Config{}, []queue.Pool{{producer, 1, 1, false}, {server, 1, 2, false}}},
		{queue.PerQueue, thrift.Config{Level: thrift.Off, Wake: true}, []queue.Pool{{producer, 1, 1, false}, {server, 1, 2, false}}},
		{queue.Shared, thrift.Config{}, shared(2, 3, false)},
		{queue.Shared, thrift.Config{Wake: true}, shared(2, 3, false)},
		{queue.Shared, thrift.Config{Level: thrift.Off}, shared(2, 3, false)},
		{queue.Shared, thrift.Config{Level: thrift.Quiet, Wake: true}, shared(2, 3, true)},
		{queue.Shared, thrift.Config{Level: thrift.Lean, Wake: true}, shared(2, 3, true)},
		{queue.Shared, thrift.Config{Level: thrift.Full, Wake: true}, shared(2, 3, true)},
		{queue.Shared, thrift.Config{Level: thrift.Quiet}, shared(1, 1, true)},
		{queue.Shared, thrift.Config{Level: thrift.Full}, shared(1, 1, true)},
	} {
		t.Run(fmt.Sprintf("%s, thrift %q, wake %v", tt.topology, tt.thrift.Level, tt.thrift.Wake), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				w := newWorld(t)
				var asked []queue.Pool
				f, err := queue.NewFactory(queue.Config{
					Topology: tt.topology, Thrift: tt.thrift,
					Connect: func(pool queue.Pool) (redis.UniversalClient, error) {
						asked = append(asked, pool)
						return w.connect(pool)
					},
				})
				require.NoError(t, err)
				_, err = f.CreateQueue(queue.CalendarSync)
				require.NoError(t, err)
				_, err = f.CreateWorker(queue.CalendarSync, queue.ProcessorFunc(scripted))
				require.NoError(t, err)
				require.Equal(t, tt.want, asked)
				w.stop(f)
			})
		})
	}
}

func TestConnections(t *testing.T) {
	for _, layout := range layouts() {
		t.Run(layout.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				w := newWorld(t)
				f := w.serve(layout.config(queue.Config{Concurrency: 20}), func(ctx context.Context, _ queue.Job) error {
					time.Sleep(10 * time.Millisecond)
					return nil
				})
				var producers errgroup.Group
				for range 4 {
					producers.Go(func() error {
						for i := range 110 {
							name := queue.Specs()[i%11].Name
							if _, err := f.Enqueue(t.Context(), name, payload("u-1")); err != nil {
								return err
							}
						}
						return nil
					})
				}
				require.NoError(t, producers.Wait())
				time.Sleep(time.Minute)
				synctest.Wait()
				require.Len(t, w.of(queue.Completed, ""), 440)
				w.mu.Lock()
				switch {
				case layout.topology == queue.PerQueue:
					require.Equal(t, perQueueCounts(), w.peak)
					require.Equal(t, 33, w.peakOf)
				case layout.governed():
					require.LessOrEqual(t, w.peakOf, 3)
				default:
					require.Equal(t, map[string]int{"queues": 3}, w.peak)
				}
				w.mu.Unlock()
				w.stop(f)
			})
		})
	}
}

func perQueueCounts() map[string]int {
	counts := map[string]int{}
	for _, name := range names("%s") {
		counts["queue:"+name+":client"] = 1
		counts["queue:"+name+":server"] = 2 // one pooled, one subscribed
	}
	return counts
}
