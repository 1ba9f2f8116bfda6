package service_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/system/config"
	"tollgate/system/queue"
	"tollgate/system/service"
)

// Every stage starts, does a job of each queue, answers its API, holds the
// connections it should and closes them all.
func TestStages(t *testing.T) {
	for _, tt := range []struct {
		stage    config.Stage
		min, max int64 // Redis connections
	}{
		{config.StageLegacy, 45, 45},
		{config.StagePhase1, 33, 33},
		{config.StagePhase2, 1, 3},
		{config.StagePhase3, 1, 3},
	} {
		t.Run(string(tt.stage), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				defer w.close(t)
				s, err := service.New(w.config(t, tt.stage), w.deps())
				require.NoError(t, err)
				require.NoError(t, s.Start(t.Context()))

				completeOneOfEach(t, s)
				require.Equal(t, http.StatusOK, get(t, w, s, "/healthz"))
				require.Equal(t, http.StatusOK, get(t, w, s, "/v1/users/u-1/suggestions"))

				got := w.upstash.Ledger().Snapshot().Connections
				require.GreaterOrEqual(t, got.Peak, tt.min)
				require.LessOrEqual(t, got.Peak, tt.max)
				require.Equal(t, service.ConnectionErrors{}, s.ConnectionErrors())

				require.NoError(t, s.Stop(t.Context()))
				require.NoError(t, s.Stop(t.Context()), "stopping twice is harmless")
				synctest.Wait()
				require.Zero(t, w.upstash.Ledger().Snapshot().Connections.Open)
			})
		})
	}
}

// completeOneOfEach enqueues a job to each queue and waits until all are done.
func completeOneOfEach(t *testing.T, s *service.Service) {
	t.Helper()
	var mu sync.Mutex
	open := map[queue.Name]bool{}
	done := make(chan struct{})
	defer s.Subscribe(func(e queue.Event) {
		mu.Lock()
		defer mu.Unlock()
		if e.Kind != queue.Completed || !open[e.Queue] {
			return
		}
		delete(open, e.Queue)
		if len(open) == 0 {
			close(done)
		}
	})()
	for _, spec := range queue.Specs() {
		open[spec.Name] = true
	}
	for _, spec := range queue.Specs() {
		payload := json.RawMessage(`{"user":"u-1"}`)
		if spec.Name == queue.BatchNotifications {
			payload = json.RawMessage(`{"notifications":[{"user":"u-1","text":"hello"}]}`)
		}
		_, err := s.Enqueue(t.Context(), spec.Name, payload)
		require.NoError(t, err)
	}
	select {
	case <-done:
	case <-time.After(time.Minute):
		mu.Lock()
		defer mu.Unlock()
		require.Empty(t, open, "queues without a completed job")
	}
}

// get sends one request to the API and returns the status.
func get(t *testing.T, w *world, s *service.Service, path string) int {
	t.Helper()
	transport := &http.Transport{DialContext: w.network.DialContext}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.Addr()+path, http.NoBody)
	require.NoError(t, err)
	resp, err := (&http.Client{Transport: transport}).Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	return resp.StatusCode
}

// Rollback of a single choice: the stage stays, one row of it goes back.
func TestOverrides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close(t)
		cfg := w.config(t, config.StagePhase2)
		cfg.KVTransport = config.TransportTCP
		s, err := service.New(cfg, w.deps())
		require.NoError(t, err)
		require.NoError(t, s.Start(t.Context()))
		completeOneOfEach(t, s)
		by := w.upstash.Ledger().Snapshot().ConnectionsByComponent
		require.EqualValues(t, config.DefaultCachePool, by["cache"].Peak)
		require.LessOrEqual(t, by["queues"].Peak, int64(3))
		require.NoError(t, s.Stop(t.Context()))
	})
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close(t)
		cfg := w.config(t, config.StagePhase2)
		cfg.WorkerSet = config.WorkerSetPerQueue
		s, err := service.New(cfg, w.deps())
		require.NoError(t, err)
		require.NoError(t, s.Start(t.Context()))
		completeOneOfEach(t, s)
		require.EqualValues(t, 33, w.upstash.Ledger().Snapshot().Connections.Peak)
		require.NoError(t, s.Stop(t.Context()))
	})
}

// The levels of thrift, off as the way back, and the process that does everything itself.
func TestThrift(t *testing.T) {
	for _, tt := range []struct {
		level config.ThriftLevel
		wake  bool
		most  int64 // Redis connections
	}{
		{config.ThriftOff, true, 3},
		{config.ThriftOff, false, 3},
		{config.ThriftQuiet, true, 3},
		{config.ThriftQuiet, false, 1},
		{config.ThriftLean, true, 3},
		{config.ThriftLean, false, 1},
		{config.ThriftFull, true, 3},
		{config.ThriftFull, false, 1},
	} {
		t.Run(fmt.Sprintf("%s, wake %v", tt.level, tt.wake), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				defer w.close(t)
				cfg := w.config(t, config.StagePhase2)
				cfg.Thrift.Level, cfg.Thrift.Wake = tt.level, tt.wake
				cfg.SMS.Limit = 100 // two rounds of messages
				s, err := service.New(cfg, w.deps())
				require.NoError(t, err)
				require.NoError(t, s.Start(t.Context()))
				completeOneOfEach(t, s)
				time.Sleep(time.Minute) // asynq's slowest loop has come around
				completeOneOfEach(t, s)
				got := w.upstash.Ledger().Snapshot().Connections
				require.LessOrEqual(t, got.Peak, tt.most)
				require.Positive(t, got.Open)
				require.NoError(t, s.Stop(t.Context()))
				synctest.Wait()
				require.Zero(t, w.upstash.Ledger().Snapshot().Connections.Open)
			})
		})
	}
}

func TestStartFailsWithAClearError(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*config.Config, *world)
		want   []string
	}{
		{"wrong REST token", func(c *config.Config, _ *world) { c.REST.Token = "wrong" }, []string{"phase1", "credential check", "WRONGPASS"}},
		{"wrong password", func(c *config.Config, _ *world) { c.Stage, c.Redis.Password = config.StageLegacy, "wrong" }, []string{"legacy", "credential check", "WRONGPASS"}},
		{"nobody listens", func(c *config.Config, _ *world) { c.Stage, c.Redis.Port = config.StageLegacy, 1 }, []string{"legacy", "credential check", "refused"}},
		{"port in use", func(c *config.Config, w *world) { c.HTTPAddr = w.upstash.RESPAddr() }, []string{"HTTP_ADDR", "in use"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				defer w.close(t)
				cfg := w.config(t, config.StagePhase1)
				tt.change(&cfg, w)
				s, err := service.New(cfg, w.deps())
				require.NoError(t, err)
				err = s.Start(t.Context())
				for _, want := range tt.want {
					require.ErrorContains(t, err, want)
				}
				require.NotContains(t, fmt.Sprint(err), token)
				require.NotContains(t, fmt.Sprint(err), password)
				require.ErrorIs(t, s.Start(t.Context()), service.ErrStarted)
				synctest.Wait()
				require.Zero(t, w.upstash.Ledger().Snapshot().Connections.Open)
			})
		})
	}
}

func TestNewRefusesABadConfiguration(t *testing.T) {
	t.Parallel()
	_, err := service.New(config.Config{}, service.Deps{})
	var problems *config.Error
	require.ErrorAs(t, err, &problems)
}

// A job accepted before a stop is done by the next service: nothing is lost.
func TestStopLosesNoJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close(t)
		const jobs = 40
		var mu sync.Mutex
		done := map[string]bool{}
		observe := func(e queue.Event) {
			if e.Kind == queue.Completed {
				mu.Lock()
				defer mu.Unlock()
				done[e.JobID] = true
			}
		}
		first, err := service.New(w.config(t, config.StagePhase2), w.deps())
		require.NoError(t, err)
		first.Subscribe(observe)
		require.NoError(t, first.Start(t.Context()))
		ids := map[string]bool{}
		for i := range jobs {
			id, err := first.Enqueue(t.Context(), queue.CalendarSync, json.RawMessage(fmt.Sprintf(`{"user":"u-%d"}`, i)))
			require.NoError(t, err)
			ids[id] = true
		}
		require.NoError(t, first.Stop(t.Context()))
		mu.Lock()
		doneByFirst := len(done)
		mu.Unlock()

		second, err := service.New(w.config(t, config.StagePhase2), w.deps())
		require.NoError(t, err)
		second.Subscribe(observe)
		require.NoError(t, second.Start(t.Context()))
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		for ctx.Err() == nil {
			mu.Lock()
			n := len(done)
			mu.Unlock()
			if n == jobs {
				break
			}
			time.Sleep(time.Second)
		}
		require.NoError(t, second.Stop(t.Context()))
		require.Equal(t, ids, done, "%d were done before the stop", doneByFirst)
	})
}
