package thrift_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
	"tollgate/fakes/upstash"
	"tollgate/fakes/upstash/ledger"
	"tollgate/system/tcpredis"
	"tollgate/system/thrift"
)

const day = 24 * time.Hour

// metered is one process with eleven queues before the fake Upstash, in a bubble.
type metered struct {
	t        *testing.T
	upstash  *upstash.Server
	redis    *redis.Client
	governor *thrift.Governor
	server   *asynq.Server
	client   *asynq.Client
	done     sync.WaitGroup
}

// meter starts one that works its queues at a level.
func meter(t *testing.T, cfg thrift.Config, handle asynq.HandlerFunc) *metered {
	network := memnet.New()
	fake, err := upstash.Start(t.Context(), upstash.Config{Network: network, RESPAddr: "127.0.0.1:6379"})
	require.NoError(t, err)
	m := &metered{t: t, upstash: fake}
	m.redis, err = tcpredis.New(tcpredis.Config{
		Host: "127.0.0.1", Port: 6379, Component: "queues", PoolSize: 1, MaxRetries: -1, DialContext: network.DialContext,
	})
	require.NoError(t, err)
	m.governor, err = thrift.New(m.redis, cfg)
	require.NoError(t, err)
	queues := map[string]int{}
	var names []string
	for i := range 11 {
		names = append(names, m.queue(i))
		queues[m.queue(i)] = 1
	}
	require.NoError(t, m.governor.Work(names, 50))
	m.client = asynq.NewClientFromRedisClient(m.governor.Client())
	m.server = asynq.NewServerFromRedisClient(m.governor.Client(), asynq.Config{
		Concurrency: 50, Queues: queues, Logger: mute{}, LogLevel: asynq.FatalLevel,
		TaskCheckInterval: time.Millisecond, DelayedTaskCheckInterval: 100 * time.Millisecond,
		RetryDelayFunc: func(int, error, *asynq.Task) time.Duration { return time.Minute },
	})
	require.NoError(t, m.server.Start(asynq.HandlerFunc(func(ctx context.Context, task *asynq.Task) error {
		err := handle(ctx, task)
		if err == nil {
			m.done.Done()
		}
		return err
	})))
	passes(time.Minute)
	return m
}

func (m *metered) queue(i int) string { return fmt.Sprintf("queue-%d", i%11) }

// enqueue adds a job with an ID of its own.
func (m *metered) enqueue(i int, opts ...asynq.Option) {
	m.done.Add(1)
	opts = append(opts, asynq.Queue(m.queue(i)), asynq.TaskID(uuid.NewString()))
	_, err := m.client.EnqueueContext(thrift.WithFreshID(m.t.Context()), asynq.NewTask("job", []byte("payload")), opts...)
	require.NoError(m.t, err)
}

// billed is what run costs.
func (m *metered) billed(run func()) ledger.Snapshot {
	before := m.upstash.Ledger().Snapshot()
	run()
	return m.upstash.Ledger().Snapshot().Since(before)
}

func (m *metered) stop() {
	began := time.Now()
	m.governor.Quiesce()
	m.server.Shutdown()
	require.NoError(m.t, m.governor.Close(m.t.Context()))
	require.Less(m.t, time.Since(began), time.Second)
	require.NoError(m.t, m.redis.Close())
	require.NoError(m.t, m.upstash.Close())
	passes(2 * time.Second)
}

// passes lets virtual time pass, once all that can be done now is done.
func passes(d time.Duration) {
	synctest.Wait()
	time.Sleep(d)
}

func succeeds(context.Context, *asynq.Task) error { return nil }

func TestCostAtRest(t *testing.T) {
	for _, level := range []thrift.Level{thrift.Quiet, thrift.Lean, thrift.Full} {
		t.Run(string(level), func(t *testing.T) {
			if level != thrift.Full && underRace {
				t.Skip("the levels are alike at rest, and the race detector makes it long")
			}
			bubble(t, func(t *testing.T) {
				m := meter(t, thrift.Config{Level: level}, succeeds)
				cost := m.billed(func() { passes(3 * day) })
				t.Log(cost.ByCommand)
				require.LessOrEqual(t, 10*cost.Total.Billed, int64(9000), "billed a month")
				require.EqualValues(t, 1, cost.Connections.Peak)
				m.stop()
			})
		})
	}
}

func TestCostOfAJob(t *testing.T) {
	const jobs = 200
	for _, test := range []struct {
		level thrift.Level
		most  float64
	}{{thrift.Quiet, 21.2}, {thrift.Lean, 14.2}, {thrift.Full, 6.2}} {
		t.Run(string(test.level), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				m := meter(t, thrift.Config{Level: test.level, StatisticsInterval: 30 * day}, succeeds)
				cost := m.billed(func() {
					for i := range jobs {
						m.enqueue(i)
						m.done.Wait()
						passes(time.Millisecond)
					}
				})
				t.Log(cost.ByCommand)
				require.LessOrEqual(t, float64(cost.Total.Billed)/jobs, test.most)
				m.stop()
			})
		})
	}
}

func TestCostOfABurst(t *testing.T) {
	const jobs = 1000
	bubble(t, func(t *testing.T) {
		m := meter(t, thrift.Config{Level: thrift.Full}, takesAMoment)
		began := time.Now()
		cost := m.billed(func() {
			m.burst(jobs, func(i int) { m.enqueue(i) })
		})
		t.Log(cost.ByCommand)
		require.LessOrEqual(t, float64(cost.Total.Billed)/jobs, 3.2)
		require.Less(t, time.Since(began), time.Second, "no job waits for a survey")
		m.stop()
	})
}

// What a fetch leaves behind is known without a look: no job waits for a survey, also where a script is sent a second time.
func TestBurstForgetsNoJob(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := meter(t, thrift.Config{Level: thrift.Full}, takesAMoment)
		for range 20 {
			began := time.Now()
			m.burst(60, func(i int) {
				if i%7 == 0 {
					require.NoError(t, m.redis.ScriptFlush(t.Context()).Err())
				}
				m.done.Add(1)
				_, err := m.client.Enqueue(asynq.NewTask("job", nil), asynq.Queue(m.queue(i%2)))
				require.NoError(t, err)
			})
			require.Less(t, time.Since(began), time.Second)
		}
		m.stop()
	})
}

func takesAMoment(context.Context, *asynq.Task) error {
	time.Sleep(10 * time.Millisecond)
	return nil
}

// burst adds jobs at once and waits until they are done.
func (m *metered) burst(jobs int, add func(i int)) {
	var all sync.WaitGroup
	for i := range jobs {
		all.Go(func() { add(i) })
	}
	all.Wait()
	m.done.Wait()
}
