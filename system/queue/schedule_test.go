package queue_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"

	"tollgate/system/queue"
	"tollgate/system/thrift"
)

// oftenOf adds a job each ten minutes.
func oftenOf(name queue.Name) queue.Schedule {
	return queue.Schedule{Queue: name, Spec: "*/10 * * * *", Payload: json.RawMessage(`{"user":"u-1"}`)}
}

// TestSchedules: jobs come at their times, are worked, told of and shown, and cost no connection.
func TestSchedules(t *testing.T) {
	for _, l := range layouts() {
		t.Run(l.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				w := newWorld(t)
				cfg := l.config(queue.Config{
					Schedules:         []queue.Schedule{oftenOf(queue.TokenRefresh), oftenOf(queue.WebhookHealthCheck)},
					TaskCheckInterval: 10 * time.Second, DelayedTaskCheckInterval: 10 * time.Second,
				})
				f := w.serve(cfg, func(_ context.Context, j queue.Job) error {
					require.JSONEq(t, `{"user":"u-1"}`, string(j.Payload))
					return nil
				})
				began := time.Now() // midnight
				time.Sleep(35 * time.Minute)
				synctest.Wait()
				added := w.of(queue.Added, "")
				require.Len(t, added, 6)
				for i, e := range added {
					require.WithinDuration(t, began.Add(time.Duration(1+i/2)*10*time.Minute), e.At, time.Second)
					require.NotEmpty(t, w.of(queue.Completed, e.JobID), "it is done")
				}
				require.Empty(t, w.of(queue.Missed, ""))
				w.inspect(func(i *asynq.Inspector) {
					entries, err := i.SchedulerEntries()
					require.NoError(t, err)
					require.Len(t, entries, 2)
					events, err := i.ListSchedulerEnqueueEvents(entries[0].ID)
					require.NoError(t, err)
					require.Len(t, events, 3)
				})
				w.stop(f)
				w.inspect(func(i *asynq.Inspector) {
					entries, err := i.SchedulerEntries()
					require.NoError(t, err)
					require.Empty(t, entries, "a scheduler that stops is no longer shown")
				})
				most := 3 // of the shared pool, its subscriber included
				switch {
				case l.topology == queue.PerQueue:
					most = 33
				case l.governed() && !l.thrift.Wake:
					most = 1
				}
				require.LessOrEqual(t, w.peakOf, most, "schedules need no connection of their own")
			})
		})
	}
}

// TestScheduleThatCannotBeAdded: it is told of. (Plain asynq would look without a pause for as long as Redis refuses, and virtual
// time would stand still.)
func TestScheduleThatCannotBeAdded(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := newWorld(t)
		f := w.serve(queue.Config{
			Topology: queue.Shared, Thrift: thrift.Config{Level: thrift.Full}, Schedules: []queue.Schedule{oftenOf(queue.TokenRefresh)},
		}, func(context.Context, queue.Job) error { return nil })
		time.Sleep(5 * time.Minute)
		w.redis.SetError("READONLY for a while")
		time.Sleep(10 * time.Minute)
		missed := w.of(queue.Missed, "")
		require.Len(t, missed, 1)
		require.Equal(t, queue.TokenRefresh, missed[0].Queue)
		require.ErrorContains(t, missed[0].Err, "READONLY")
		w.redis.SetError("")
		time.Sleep(10 * time.Minute)
		require.Len(t, w.of(queue.Added, ""), 1, "the next one is added")
		w.stop(f)
	})
}

func TestSchedulesAreChecked(t *testing.T) {
	for name, s := range map[string]queue.Schedule{
		"unknown queue": {Queue: "fax", Spec: "0 * * * *", Payload: json.RawMessage(`{}`)},
		"no cron":       {Queue: queue.TokenRefresh, Spec: "hourly", Payload: json.RawMessage(`{}`)},
		"every second":  {Queue: queue.TokenRefresh, Spec: "@every 1s", Payload: json.RawMessage(`{}`)},
		"time zone":     {Queue: queue.TokenRefresh, Spec: "TZ=0", Payload: json.RawMessage(`{}`)},
		"no payload":    {Queue: queue.TokenRefresh, Spec: "0 * * * *"},
		"no JSON":       {Queue: queue.TokenRefresh, Spec: "0 * * * *", Payload: json.RawMessage(`{`)},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := queue.NewFactory(queue.Config{Topology: queue.Shared, Connect: newWorld(t).connect, Schedules: []queue.Schedule{s}})
			require.ErrorContains(t, err, "schedule of queue "+string(s.Queue))
		})
	}
}

func TestReadSchedules(t *testing.T) {
	path := filepath.Join(t.TempDir(), "schedules.json")
	for text, want := range map[string]string{
		`[{"queue":"token-refresh","spec":"37 * * * *","payload":{"user":"u-1"}}]`: "",
		`[]`:                "",
		`{}`:                "cannot unmarshal",
		`[] []`:             "something follows",
		`[{"queue":"fax"}]`: "1: schedule of queue fax",
		`[{"color":"red"}]`: `unknown field "color"`,
	} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		schedules, err := queue.ReadSchedules(path)
		if want != "" {
			require.ErrorIs(t, err, queue.ErrSchedules, text)
			require.ErrorContains(t, err, want)
			continue
		}
		require.NoError(t, err, text)
		if text != "[]" {
			require.Equal(t, []queue.Schedule{{Queue: queue.TokenRefresh, Spec: "37 * * * *", Payload: json.RawMessage(`{"user":"u-1"}`)}}, schedules)
		}
	}
	_, err := queue.ReadSchedules(filepath.Join(t.TempDir(), "none.json"))
	require.ErrorIs(t, err, os.ErrNotExist)
}
