package thrift_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"github.com/stretchr/testify/require"

	"tollgate/fakes/redisserver"
	"tollgate/system/thrift"
)

// cluster is a Redis Cluster of one node: it refuses commands over keys of several slots as any cluster does.
type cluster struct {
	t      *testing.T
	server *redisserver.Server
	admin  *redis.Client
	queues []string

	mu    sync.Mutex
	tries map[string]int // by ID
	done  map[string]int
}

func startCluster(t *testing.T) *cluster {
	dropPooledTimers()
	server, err := redisserver.Start(t.Context(), redisserver.Config{Args: []string{"--cluster-enabled", "yes"}})
	if errors.Is(err, redisserver.ErrNotInstalled) {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	c := &cluster{t: t, server: server, tries: map[string]int{}, done: map[string]int{}}
	for i := range 11 {
		c.queues = append(c.queues, fmt.Sprintf("queue-%d", i))
	}
	c.admin = redis.NewClient(&redis.Options{
		Addr: server.Addr(), DisableIdentity: true, MaintNotificationsConfig: noNotifications(),
	})
	t.Cleanup(func() { require.NoError(t, c.admin.Close()) })
	require.NoError(t, c.admin.ClusterAddSlotsRange(t.Context(), 0, 16383).Err())
	require.Eventually(t, func() bool {
		return strings.Contains(c.admin.ClusterInfo(t.Context()).Val(), "cluster_state:ok")
	}, 10*time.Second, 10*time.Millisecond)
	return c
}

// connect makes a client of the cluster, which neither repeats commands nor follows redirections.
func (c *cluster) connect() *redis.ClusterClient {
	client := redis.NewClusterClient(&redis.ClusterOptions{
		Addrs: []string{c.server.Addr()}, MaxRetries: -1, MaxRedirects: -1, PoolSize: 2,
		DisableIdentity: true, MaintNotificationsConfig: noNotifications(),
	})
	c.t.Cleanup(func() { require.NoError(c.t, client.Close()) })
	return client
}

// noNotifications leaves out of the handshake what redis-server refuses: any refusal is counted there.
func noNotifications() *maintnotifications.Config {
	return &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
}

// govern starts a governed process; without queues it only adds jobs. What it returns stops it.
func (c *cluster) govern(survey time.Duration, queues ...string) (client *asynq.Client, inspector *asynq.Inspector, stop func()) {
	governor, err := thrift.New(c.connect(), thrift.Config{Level: thrift.Full, Wake: true, SurveyInterval: survey})
	require.NoError(c.t, err)
	shutdown := func() {}
	if len(queues) > 0 {
		require.NoError(c.t, governor.Work(queues, 20))
		weights := map[string]int{}
		for _, name := range queues {
			weights[name] = 1
		}
		server := asynq.NewServerFromRedisClient(governor.Client(), asynq.Config{
			Concurrency: 20, Queues: weights, Logger: mute{}, LogLevel: asynq.FatalLevel,
			TaskCheckInterval: time.Millisecond, DelayedTaskCheckInterval: 100 * time.Millisecond, JanitorInterval: 200 * time.Millisecond,
			RetryDelayFunc: func(int, error, *asynq.Task) time.Duration { return time.Second },
		})
		require.NoError(c.t, server.Start(asynq.HandlerFunc(c.handle)))
		shutdown = server.Shutdown
	}
	return asynq.NewClientFromRedisClient(governor.Client()), asynq.NewInspectorFromRedisClient(governor.Client()), sync.OnceFunc(func() {
		governor.Quiesce()
		shutdown()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		require.NoError(c.t, governor.Close(ctx))
	})
}

// failsOnce is the type of jobs whose first try fails.
const failsOnce = "fails once"

func (c *cluster) handle(ctx context.Context, task *asynq.Task) error {
	id, _ := asynq.GetTaskID(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tries[id]++
	if task.Type() == failsOnce && c.tries[id] == 1 {
		return errors.New("it failed")
	}
	c.done[id]++
	return nil
}

// add enqueues the i-th job and returns its ID.
func (c *cluster) add(client *asynq.Client, i int, kind string, given ...asynq.Option) string {
	id := uuid.NewString()
	given = append(given, asynq.Queue(c.queues[i%len(c.queues)]), asynq.TaskID(id))
	_, err := client.EnqueueContext(thrift.WithFreshID(c.t.Context()), asynq.NewTask(kind, []byte(id)), given...)
	require.NoError(c.t, err)
	return id
}

// await waits until all these jobs are done.
func (c *cluster) await(ids ...string) {
	c.t.Helper()
	require.Eventually(c.t, func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return !slices.ContainsFunc(ids, func(id string) bool { return c.done[id] == 0 })
	}, 10*time.Second, 5*time.Millisecond)
}

// healthy requires that Redis refused nothing but what is part of the protocol.
func (c *cluster) healthy() {
	info, err := c.admin.Info(c.t.Context(), "errorstats").Result()
	require.NoError(c.t, err)
	for line := range strings.Lines(info) {
		name, _, stat := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "errorstat_"), ":")
		if stat && strings.HasPrefix(line, "errorstat_") {
			require.Equal(c.t, "NOSCRIPT", name, info) // of scripts that are sent for the first time
		}
	}
}

// left lists the keys of jobs that are still there.
func (c *cluster) left() (keys []string) {
	all, err := c.admin.Keys(c.t.Context(), "asynq:{*").Result()
	require.NoError(c.t, err)
	for _, key := range all {
		if !strings.Contains(key, "}:processed") && !strings.Contains(key, "}:failed") {
			keys = append(keys, key)
		}
	}
	return keys
}

// On a cluster, commands over several queues would be refused: jobs of all kinds in eleven queues are done all the same.
func TestJobsAreDoneOnACluster(t *testing.T) {
	c := startCluster(t)
	client, inspector, stop := c.govern(300*time.Millisecond, c.queues...)
	defer stop()
	var ids []string
	for i := range 30 { // one at a time
		id := c.add(client, i, "job")
		c.await(id)
		ids = append(ids, id)
	}
	burst := make([]string, 80)
	var all sync.WaitGroup
	for i := range burst {
		all.Go(func() { burst[i] = c.add(client, i, "job") })
	}
	all.Wait()
	ids = append(ids, burst...)
	plainClient := asynq.NewClientFromRedisClient(c.connect())
	for i := range 20 {
		ids = append(ids,
			c.add(client, i, failsOnce, asynq.MaxRetry(1)),
			c.add(client, i, "job", asynq.Unique(time.Minute)),
			c.add(client, i, "job", asynq.ProcessIn(time.Second)),
			c.add(client, i, "job", asynq.Retention(time.Second)))
	}
	for i := range 10 { // which the survey has to find
		ids = append(ids, c.add(plainClient, i, "job"))
	}
	require.Len(t, ids, 200)
	c.await(ids...)
	c.mu.Lock()
	for id, n := range c.done {
		require.Equal(t, 1, n, "times that %s was done", id)
	}
	c.mu.Unlock()
	require.NoError(t, inspector.PauseQueue(c.queues[0]))
	require.NoError(t, inspector.UnpauseQueue(c.queues[0]))
	require.Eventually(t, func() bool { return len(c.left()) == 0 }, 10*time.Second, 20*time.Millisecond, "retention ends")
	servers, err := inspector.Servers()
	require.NoError(t, err)
	require.Len(t, servers, 1)
	stop()
	var processed, failed int
	for _, name := range c.queues {
		info, err := asynq.NewInspectorFromRedisClient(c.admin).GetQueueInfo(name)
		require.NoError(t, err)
		processed += info.ProcessedTotal
		failed += info.FailedTotal
	}
	require.Equal(t, []int{220, 20}, []int{processed, failed}, "tries, and those that failed")
	require.Empty(t, c.left())
	c.healthy()
}

// Two governed processes on a cluster tell each other of jobs, long before a survey would find them.
func TestProcessesWakeEachOtherOnACluster(t *testing.T) {
	c := startCluster(t)
	_, _, stopWorker := c.govern(time.Hour, c.queues...)
	defer stopWorker()
	producer, _, stopProducer := c.govern(time.Hour)
	defer stopProducer()
	require.Eventually(t, func() bool {
		subscribers, err := c.admin.PubSubNumSub(t.Context(), "asynq:cancel").Result()
		return err == nil && subscribers["asynq:cancel"] == 2
	}, 10*time.Second, 10*time.Millisecond)
	c.await(c.add(producer, 0, "job")) // the worker surveys when its subscription begins; from here on it rests
	began := time.Now()
	var ids []string
	for i := range c.queues {
		ids = append(ids, c.add(producer, i, "job"), c.add(producer, i, "job", asynq.ProcessIn(time.Second)))
	}
	c.await(ids...)
	t.Logf("the last of them was done after %v", time.Since(began))
	stopProducer()
	stopWorker()
	require.Empty(t, c.left())
	c.healthy()
}
