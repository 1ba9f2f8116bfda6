package thrift_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"

	"tollgate/system/thrift"
)

// beat is how often asynq's server, and beatOfSchedules how often its scheduler, has something to tell.
const (
	beat            = 5 * time.Second
	beatOfSchedules = 10 * time.Second
)

// shown are the servers that asynq's tools show.
func (w *world) shown() []*asynq.ServerInfo {
	servers, err := asynq.NewInspectorFromRedisClient(w.observer).Servers()
	require.NoError(w.t, err)
	return servers
}

// working are the IDs of the jobs that asynq's tools show as being worked, by a server that is the only one.
func (w *world) working() (ids []string) {
	servers := w.shown()
	require.Len(w.t, servers, 1)
	for _, worker := range servers[0].ActiveWorkers {
		ids = append(ids, worker.TaskID)
	}
	return ids
}

// A server is shown from its start to its end: what it works as of HeartbeatInterval, and in between for no more than that.
func TestServersAreShownWithTheirJobs(t *testing.T) {
	const interval = thrift.DefaultHeartbeatInterval
	timed(t, governed, func(w *world, level thrift.Level) {
		p := w.start("worker", kind{level: level})
		w.passes(time.Second)
		servers := w.shown()
		require.Len(w.t, servers, 1)
		require.Equal(w.t, map[string]int{"alpha": 1, "beta": 1, "gamma": 1}, servers[0].Queues)
		require.Equal(w.t, concurrency, servers[0].Concurrency)
		require.Equal(w.t, "active", servers[0].Status)
		require.Equal(w.t, w.began.Unix(), servers[0].Started.Unix())
		require.Empty(w.t, servers[0].ActiveWorkers)

		w.held(p, "long")
		held := time.Now()
		w.passesTo(w.began, interval-time.Second)
		require.Empty(w.t, w.working(), "before the interval is over")
		w.passesTo(w.began, interval+beat+time.Second)
		servers = w.shown()
		require.Len(w.t, servers, 1)
		require.Len(w.t, servers[0].ActiveWorkers, 1)
		worker := servers[0].ActiveWorkers[0]
		require.Equal(w.t, "long", worker.TaskID)
		require.Equal(w.t, "job", worker.TaskType)
		require.Equal(w.t, queueNames[0], worker.Queue)
		require.WithinDuration(w.t, held, worker.Started, 2*time.Second)

		w.journal.let()
		w.passes(interval / 2)
		require.Equal(w.t, []string{"long"}, w.working(), "before the interval is over")
		w.passes(interval/2 + 2*beat)
		require.Empty(w.t, w.working())
	})
}

// A server that lives is shown at any time, however long it lives.
func TestServersStayShown(t *testing.T) {
	for _, test := range []struct {
		interval, step, during time.Duration
	}{
		// The names are listed for 13 hours; the job runs for 24 at most.
		{interval: thrift.DefaultHeartbeatInterval, step: 15*time.Minute + 7*time.Second, during: 23 * time.Hour},
		// Entries are written some seconds later than HeartbeatInterval says: at asynq's next beat.
		{interval: time.Minute + time.Second, step: time.Second, during: 10 * time.Minute},
	} {
		t.Run(test.interval.String(), func(t *testing.T) {
			timed(t, governed, func(w *world, level thrift.Level) {
				w.times.heartbeat = test.interval
				p := w.start("worker", kind{level: level})
				w.held(p, "long")
				for time.Since(w.began) < test.during {
					w.passes(test.step)
					require.Len(w.t, w.shown(), 1, "after %v", time.Since(w.began))
					if time.Since(w.began) > test.interval+beat {
						require.Equal(w.t, []string{"long"}, w.working(), "after %v", time.Since(w.began))
					}
				}
			})
		})
	}
}

// A server that crashed is shown for twice HeartbeatInterval at most; one that stopped is not.
func TestServersThatAreGoneAreNotShown(t *testing.T) {
	const interval = thrift.DefaultHeartbeatInterval
	timed(t, governed, func(w *world, level thrift.Level) {
		stops, crashes := w.start("stops", kind{level: level}), w.start("crashes", kind{level: level})
		w.held(crashes, "long")
		w.passes(interval + time.Minute)
		require.Len(w.t, w.shown(), 2)
		stops.stop()
		require.Equal(w.t, []string{"long"}, w.working())
		crashes.crash()
		w.passes(2*interval + time.Second)
		require.Empty(w.t, w.listed())
	})
}

// A stop takes everything away that told of a server.
func TestStopLeavesNoTraceOfAServer(t *testing.T) {
	timed(t, governed, func(w *world, level thrift.Level) {
		p := w.start("worker", kind{level: level})
		w.held(p, "long")
		w.passes(thrift.DefaultHeartbeatInterval + time.Minute)
		require.Equal(w.t, []string{"long"}, w.working())
		w.journal.let()
		p.stop()
		require.Empty(w.t, w.listed())
	})
}

// Governed and plain servers are shown side by side.
func TestPlainServersAreShownToo(t *testing.T) {
	timed(t, governed, func(w *world, level thrift.Level) {
		p, other := w.start("worker", kind{level: level}), w.start("other", kind{level: plain})
		w.passes(time.Hour)
		for _, inspector := range []*asynq.Inspector{p.inspector, other.inspector} {
			servers, err := inspector.Servers()
			require.NoError(w.t, err)
			require.Len(w.t, servers, 2)
		}
		other.stop()
		require.Len(w.t, w.shown(), 1)
		p.stop()
		require.Empty(w.t, w.shown())
	})
}

// schedules are the specifications of the cron jobs that asynq's tools show.
func (w *world) schedules() (specs []string) {
	entries, err := asynq.NewInspectorFromRedisClient(w.observer).SchedulerEntries()
	require.NoError(w.t, err)
	for _, entry := range entries {
		specs = append(specs, entry.Spec)
	}
	return specs
}

// asynq's scheduler under a governor: its cron jobs run in time, and what it has is shown from its start to its end.
func TestSchedulesAreShownAndRun(t *testing.T) {
	const interval = thrift.DefaultHeartbeatInterval
	timed(t, governed, func(w *world, level thrift.Level) {
		p := w.start("worker", kind{level: level})
		scheduler := asynq.NewSchedulerFromRedisClient(p.governor.Client(), &asynq.SchedulerOpts{Logger: mute{}})
		register := func(spec, id string) (entry string) {
			o := operation{queue: queueNames[0], id: id, job: []act{succeed}}
			entry, err := scheduler.Register(spec, p.task(o))
			require.NoError(w.t, err)
			return entry
		}
		register("@every 1m", "minute")
		require.NoError(w.t, scheduler.Start())
		began := time.Now()
		w.passesTo(began, beatOfSchedules+time.Second)
		require.Equal(w.t, []string{"@every 1m"}, w.schedules())
		w.passesTo(began, 5*time.Minute+time.Second)
		require.Equal(w.t, 5, w.journal.successes("minute"))

		hourly := register("@every 1h", "hour")
		w.passes(beatOfSchedules + time.Second)
		require.ElementsMatch(w.t, []string{"@every 1m", "@every 1h"}, w.schedules(), "at once")
		for range 10 {
			w.passes(interval/2 + 7*time.Second)
			require.ElementsMatch(w.t, []string{"@every 1m", "@every 1h"}, w.schedules(), "it goes on")
		}
		require.NoError(w.t, scheduler.Unregister(hourly))
		w.passes(beatOfSchedules + time.Second)
		require.Equal(w.t, []string{"@every 1m"}, w.schedules(), "at once")
		require.InDelta(w.t, time.Since(began).Minutes(), w.journal.successes("minute"), 1)

		scheduler.Shutdown()
		require.Empty(w.t, w.schedules())
	})
}

// Schedules of a process that crashed are shown for a day at most: twice the interval at which they are written.
func TestSchedulesThatAreGoneAreNotShown(t *testing.T) {
	timed(t, governed, func(w *world, level thrift.Level) {
		p := w.start("worker", kind{level: level})
		scheduler := asynq.NewSchedulerFromRedisClient(p.governor.Client(), &asynq.SchedulerOpts{Logger: mute{}})
		for i := range 3 {
			_, err := scheduler.Register("@every 24h", p.task(operation{queue: queueNames[0], id: strconv.Itoa(i), job: []act{succeed}}))
			require.NoError(w.t, err)
		}
		require.NoError(w.t, scheduler.Start())
		w.passes(time.Minute)
		require.Len(w.t, w.schedules(), 3)
		p.crash()
		w.passes(24*time.Hour + time.Second)
		require.Empty(w.t, w.schedules())
		scheduler.Shutdown()
	})
}
