package thrift_test

import (
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"

	"tollgate/system/thrift"
)

// TestHistoryOfASchedule: asynq's tools list the jobs that a schedule added, the newest first.
func TestHistoryOfASchedule(t *testing.T) {
	timed(t, governed, func(w *world, level thrift.Level) {
		p := w.start("worker", kind{level: level})
		var added []string
		scheduler := asynq.NewSchedulerFromRedisClient(p.governor.SchedulerClient(), &asynq.SchedulerOpts{
			Logger: mute{}, PostEnqueueFunc: func(info *asynq.TaskInfo, _ error) { added = append(added, info.ID) },
		})
		_, err := scheduler.Register("@every 1m", asynq.NewTask("job", []byte(`{}`)), asynq.Queue(queueNames[0]))
		require.NoError(w.t, err)
		require.NoError(w.t, scheduler.Start())
		w.passes(20*time.Minute + time.Second)
		inspector := asynq.NewInspectorFromRedisClient(w.observer)
		entries, err := inspector.SchedulerEntries()
		require.NoError(w.t, err)
		require.Len(w.t, entries, 1)
		var listed []string
		for page := 1; ; page++ {
			events, err := inspector.ListSchedulerEnqueueEvents(entries[0].ID, asynq.PageSize(500), asynq.Page(page))
			require.NoError(w.t, err)
			if len(events) == 0 {
				break
			}
			for _, e := range events {
				listed = append(listed, e.TaskID)
			}
		}
		require.Len(w.t, added, 20)
		require.Len(w.t, listed, len(added))
		for i, id := range listed {
			require.Equal(w.t, added[len(added)-1-i], id, "the newest first")
		}
		scheduler.Shutdown()
	})
}

// TestPriceOfASchedule is that of a job that its own process adds, and one record.
func TestPriceOfASchedule(t *testing.T) {
	price := func(every string) (billed float64) {
		bubble(t, func(t *testing.T) {
			m := meter(t, thrift.Config{Level: thrift.Full}, succeeds)
			scheduler := asynq.NewSchedulerFromRedisClient(m.governor.SchedulerClient(), &asynq.SchedulerOpts{
				Logger: mute{}, PreEnqueueFunc: func(*asynq.Task, []asynq.Option) { m.done.Add(1) },
			})
			_, err := scheduler.Register(every, asynq.NewTask("job", nil), asynq.Queue(m.queue(0)))
			require.NoError(t, err)
			require.NoError(t, scheduler.Start())
			passes(time.Minute)
			billed = float64(m.billed(func() { passes(3 * day) }).Total.Billed)
			scheduler.Shutdown()
			m.stop()
		})
		return billed
	}
	hourly := (price("@every 1h") - price("@every 10000h")) / 72
	t.Logf("a job each hour: %.2f billed", hourly)
	require.Less(t, hourly, 9.2, "6 for the job, 1 for the record, and the statistics of a job that is alone in its hour")
}
