package service_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/faults"
	"tollgate/system/config"
	"tollgate/system/queue"
	"tollgate/system/service"
)

// remaining sends one request to the API and returns how many more it would take.
func remaining(t *testing.T, w *world, s *service.Service) int {
	t.Helper()
	transport := &http.Transport{DialContext: w.network.DialContext}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.Addr()+"/v1/users/u-1/calendar", http.NoBody)
	require.NoError(t, err)
	resp, err := (&http.Client{Transport: transport}).Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusOK, resp.StatusCode)
	n, err := strconv.Atoi(resp.Header.Get("RateLimit-Remaining"))
	require.NoError(t, err)
	return n
}

// start starts a service and lets the minute pass in which it does not yet take itself for the only one.
func start(t *testing.T, w *world, cfg config.Config) *service.Service {
	t.Helper()
	s, err := service.New(cfg, w.deps())
	require.NoError(t, err)
	require.NoError(t, s.Start(t.Context()))
	time.Sleep(time.Minute)
	return s
}

// A process that is the only one asks for nothing that it wrote, and leaves all of it to the next.
func TestSoleProcess(t *testing.T) {
	for _, stage := range []config.Stage{config.StagePhase1, config.StagePhase3} {
		for _, transport := range config.Transports() {
			t.Run(fmt.Sprintf("%s over %s", stage, transport), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					defer w.close(t)
					cfg := w.config(t, stage)
					cfg.KVTransport, cfg.SoleProcess = transport, true
					cfg.API = config.Limit{Limit: 100, Window: time.Hour}
					s := start(t, w, cfg)
					completeOneOfEach(t, s)
					require.NoError(t, s.Cache().Set(t.Context(), "k", "v", 2*time.Hour))
					require.NoError(t, s.Cache().Set(t.Context(), "gone", "v", 2*time.Hour))
					require.NoError(t, s.Cache().Del(t.Context(), "gone"))

					remaining(t, w, s) // reads the calendar, or finds what the job stored
					before := w.upstash.Ledger().Snapshot()
					for i := range 30 {
						require.Equal(t, 98-i, remaining(t, w, s))
						var value string
						found, err := s.Cache().Get(t.Context(), "k", &value)
						require.NoError(t, err)
						require.True(t, found)
						found, err = s.Cache().Get(t.Context(), "gone", &value)
						require.NoError(t, err)
						require.False(t, found)
						time.Sleep(time.Second)
					}
					spent := w.upstash.Ledger().Snapshot().Since(before).ByComponent
					for _, component := range []string{"cache", "ratelimit", "sms"} {
						require.Zero(t, spent[component].Billed, component)
						require.Positive(t, before.ByComponent[component].Billed, "%s must have that name", component)
					}
					sent := w.providers.Counts()["sms"].Served
					require.Positive(t, sent)
					require.NoError(t, s.Stop(t.Context()))

					cfg.SMS.Limit = int(sent) // of which the next process must know that they are used up
					s = start(t, w, cfg)
					require.Equal(t, 68, remaining(t, w, s))
					var value string
					found, err := s.Cache().Get(t.Context(), "k", &value)
					require.NoError(t, err)
					require.True(t, found)
					require.Equal(t, "v", value)
					found, err = s.Cache().Get(t.Context(), "gone", &value)
					require.NoError(t, err)
					require.False(t, found)
					_, err = s.Enqueue(t.Context(), queue.NotificationReminder, json.RawMessage(`{"user":"u-2"}`))
					require.NoError(t, err)
					time.Sleep(time.Minute)
					require.Equal(t, sent, w.providers.Counts()["sms"].Served)
					require.NoError(t, s.Stop(t.Context()))
					synctest.Wait()
					require.Zero(t, w.upstash.Ledger().Snapshot().Connections.Open)
				})
			})
		}
	}
}

// Limits hold while Redis fails, a stop says what it could not write, and the next start does not need it.
func TestSoleProcessWithoutRedis(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		defer w.close(t)
		cfg := w.config(t, config.StagePhase3)
		cfg.SoleProcess = true
		s := start(t, w, cfg)
		_, err := w.upstash.Faults().Add(faults.Fault{Name: "down", Kind: faults.Error, Text: "ERR down", Component: "ratelimit"})
		require.NoError(t, err)
		require.Equal(t, 99, remaining(t, w, s))
		require.Equal(t, 98, remaining(t, w, s))
		require.ErrorContains(t, s.Flush(t.Context()), `ZADD "ratelimit-lean:api:`)
		require.ErrorContains(t, s.Stop(t.Context()), `ZADD "ratelimit-lean:api:`)

		s = start(t, w, cfg)
		require.Equal(t, 99, remaining(t, w, s), "a minute later nothing of it would count anyway")
		_, err = w.upstash.Faults().Remove("down")
		require.NoError(t, err)
		require.NoError(t, s.Stop(t.Context()))
	})
}
