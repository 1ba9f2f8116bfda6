package meter_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
	"tollgate/fakes/upstash"
	"tollgate/fakes/upstash/meter"
)

// dialled has asynq make its clients from go-redis options.
type dialled struct{ options *redis.Options }

func (d dialled) MakeRedisClient() any { return redis.NewClient(d.options) }

// TestRestOfAWorker holds the projection against what came: a worker of asynq's polls an empty queue, but for one burst
// of jobs. What a quarter of an hour says of its rest is what the next half hour costs, within 5 %, and work is what
// the jobs cost: 18 commands each, less the polls of an empty queue that they replaced.
func TestRestOfAWorker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const jobs = 1000
		network := memnet.New()
		server, err := upstash.Start(t.Context(), upstash.Config{Network: network, RESPAddr: "127.0.0.1:0"})
		require.NoError(t, err)
		defer server.Close()
		conn := dialled{&redis.Options{
			Addr: server.RESPAddr(), Dialer: network.DialContext, ClientName: "worker", Protocol: 2, DisableIdentity: true,
			MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		}}
		worker := asynq.NewServer(conn, asynq.Config{Concurrency: 5, LogLevel: asynq.FatalLevel})
		require.NoError(t, worker.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error { return nil })))
		defer worker.Shutdown()
		producer := asynq.NewClient(conn)
		defer producer.Close()

		time.Sleep(4 * time.Minute)
		for range jobs {
			_, err := producer.Enqueue(asynq.NewTask("job", nil))
			require.NoError(t, err)
		}
		time.Sleep(11 * time.Minute)
		before := server.Ledger().Snapshot()
		p := meter.Take(server.Ledger(), upstash.Plan{}).Projection
		time.Sleep(30 * time.Minute)
		cost := server.Ledger().Snapshot().Since(before).Total.Billed

		require.Equal(t, 15, p.Seen.Minutes)
		require.Equal(t, meter.Good, p.Confidence)
		require.InEpsilon(t, float64(cost)/30*aMonth, p.RestPerMonth, 0.05)
		require.InEpsilon(t, 18.*jobs/15*aMonth, p.WorkPerMonth, 0.05)
		t.Logf("rest: projected %d, came %.0f; work: projected %d, was %.0f a month",
			p.RestPerMonth, float64(cost)/30*aMonth, p.WorkPerMonth, 18.*jobs/15*aMonth)
	})
}
