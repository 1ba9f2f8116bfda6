package service_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"

	fake "tollgate/fakes/providers"
	"tollgate/fakes/upstash"
	"tollgate/system/config"
	"tollgate/system/queue"
	"tollgate/system/service"
	"tollgate/system/tcpredis"
)

// watch counts the events of each kind from now on.
func watch(s *service.Service) (count func(queue.Kind) int) {
	var mu sync.Mutex
	counts := map[queue.Kind]int{}
	s.Subscribe(func(e queue.Event) {
		mu.Lock()
		defer mu.Unlock()
		counts[e.Kind]++
	})
	return func(kind queue.Kind) int {
		mu.Lock()
		defer mu.Unlock()
		return counts[kind]
	}
}

// countingNetwork counts the connections to one address, from the dial to the client's Close.
type countingNetwork struct {
	service.Network
	address string

	mu         sync.Mutex
	open, peak int
}

func (n *countingNetwork) add(by int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.open += by
	n.peak = max(n.peak, n.open)
}

func (n *countingNetwork) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if address != n.address {
		return n.Network.DialContext(ctx, network, address)
	}
	n.add(1)
	conn, err := n.Network.DialContext(ctx, network, address)
	if err != nil {
		n.add(-1)
		return nil, err
	}
	return &countedConn{Conn: conn, closed: sync.OnceFunc(func() { n.add(-1) })}, nil
}

type countedConn struct {
	net.Conn
	closed func()
}

func (c *countedConn) Close() error {
	defer c.closed()
	return c.Conn.Close()
}

// Connections that break all at once are replaced, never doubled, and no job is lost over it.
func TestBrokenConnectionsAreReplacedWithinTheBound(t *testing.T) {
	for stage, most := range map[config.Stage]int{config.StagePhase1: 33, config.StagePhase2: 3} {
		t.Run(string(stage), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				defer w.close(t)
				deps := w.deps()
				network := &countingNetwork{Network: deps.Network, address: w.upstash.RESPAddr()}
				deps.Network = network
				s, err := service.New(w.config(t, stage), deps)
				require.NoError(t, err)
				count := watch(s)
				require.NoError(t, s.Start(t.Context()))
				accepted := 0
				for i := range 200 {
					if i%20 == 10 {
						w.upstash.DropConnections()
					}
					_, err := s.Enqueue(t.Context(), queue.CalendarSync, json.RawMessage(fmt.Sprintf(`{"user":"u-%d"}`, i)))
					if err == nil {
						accepted++
					}
					time.Sleep(20 * time.Millisecond)
				}
				for waited := 0; count(queue.Completed) < accepted && waited < 300; waited++ {
					time.Sleep(time.Second) // a job whose worker lost it comes back with its lease
				}
				require.Greater(t, accepted, 150)
				require.GreaterOrEqual(t, count(queue.Completed), accepted)
				require.Positive(t, s.ConnectionErrors().Queues, "the test must have broken something")
				require.NoError(t, s.Stop(t.Context()))
				require.LessOrEqual(t, network.peak, most)
			})
		})
	}
}

// A Stop that runs out of time does not take the cache and the providers away from under running jobs.
func TestStopOutOfTimeLeavesJobsTheirMeans(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close(t)
		w.providers.SetPlan(fake.Plan{Slow: 1, SlowBy: 2 * time.Second})
		s, err := service.New(w.config(t, config.StagePhase2), w.deps())
		require.NoError(t, err)
		count := watch(s)
		require.NoError(t, s.Start(t.Context()))
		_, err = s.Enqueue(t.Context(), queue.CalendarSync, json.RawMessage(`{"user":"u-1"}`))
		require.NoError(t, err)
		for count(queue.Progress) == 0 {
			time.Sleep(100 * time.Millisecond)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.ErrorIs(t, s.Stop(ctx), context.DeadlineExceeded)
		time.Sleep(config.DefaultShutdownTimeout)
		require.Equal(t, 1, count(queue.Completed))
		require.Zero(t, count(queue.Failed))
		require.Zero(t, w.upstash.Ledger().Snapshot().Connections.Open)
	})
}

// lateNetwork listens only when it is told to.
type lateNetwork struct {
	service.Network
	listening, release chan struct{}
}

func (n lateNetwork) Listen(ctx context.Context, network, address string) (net.Listener, error) {
	close(n.listening)
	<-n.release
	return n.Network.Listen(ctx, network, address)
}

func TestStopDuringStartLeavesNothingBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close(t)
		deps := w.deps()
		late := lateNetwork{deps.Network, make(chan struct{}), make(chan struct{})}
		deps.Network = late
		cfg := w.config(t, config.StagePhase2)
		cfg.HTTPAddr = "127.0.0.1:8080"
		s, err := service.New(cfg, deps)
		require.NoError(t, err)
		started := make(chan error)
		go func() { started <- s.Start(t.Context()) }()
		<-late.listening
		require.NoError(t, s.Stop(t.Context()))
		close(late.release)
		require.ErrorIs(t, <-started, queue.ErrStopped)
		synctest.Wait()
		_, err = w.network.DialContext(t.Context(), "tcp", cfg.HTTPAddr)
		require.Error(t, err, "nobody listens any more")
		require.Zero(t, w.upstash.Ledger().Snapshot().Connections.Open)
	})
}

// A local server without a password, as config allows it.
func TestServerWithoutAPassword(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close(t)
		open, err := upstash.Start(t.Context(), upstash.Config{Network: w.network, RESPAddr: "127.0.0.1:6379"})
		require.NoError(t, err)
		cfg := w.config(t, config.StageLegacy)
		cfg.Redis.Port, cfg.Redis.Password = 6379, ""
		s, err := service.New(cfg, w.deps())
		require.NoError(t, err)
		require.NoError(t, s.Start(t.Context()))
		require.NoError(t, s.Stop(t.Context()))
		time.Sleep(2 * time.Second) // see world.close
		require.NoError(t, open.Close())
	})
}

// A malformed payload goes to the archive with its reason, and the worker goes on.
func TestMalformedJobIsArchivedWithItsReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close(t)
		cfg := w.config(t, config.StagePhase2)
		s, err := service.New(cfg, w.deps())
		require.NoError(t, err)
		require.NoError(t, s.Start(t.Context()))
		for _, spec := range queue.Specs() {
			_, err := s.Enqueue(t.Context(), spec.Name, json.RawMessage(`{"user":`))
			require.NoError(t, err)
		}
		completeOneOfEach(t, s)

		client, err := tcpredis.New(tcpredis.Config{
			Host: cfg.Redis.Host, Port: cfg.Redis.Port, Username: cfg.Redis.Username, Password: password,
			Component: "inspector", DialContext: w.network.DialContext,
		})
		require.NoError(t, err)
		inspector := asynq.NewInspectorFromRedisClient(client)
		for _, spec := range queue.Specs() {
			archived, err := inspector.ListArchivedTasks(string(spec.Name))
			require.NoError(t, err)
			require.Len(t, archived, 1)
			require.Contains(t, archived[0].LastErr, "malformed payload")
		}
		require.NoError(t, client.Close())
		require.NoError(t, s.Stop(t.Context()))
	})
}
