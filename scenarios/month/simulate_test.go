package month

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
	"tollgate/fakes/redisserver"
	"tollgate/loadgen"
	"tollgate/loadgen/profiles"
	"tollgate/scenarios"
	"tollgate/scenarios/bubble"
	"tollgate/system/config"
)

// reference is the profile of the month.
func reference(t *testing.T) profiles.Profile {
	t.Helper()
	p, err := profiles.Load(DefaultProfile, loadgen.Queues())
	require.NoError(t, err)
	return p
}

// inBubble runs f in a bubble of its own.
func inBubble(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	dropPooledTimers()
	defer dropPooledTimers()
	synctest.Test(t, f)
}

// dropPooledTimers empties every sync.Pool, which takes two collections: go-redis keeps timers in one, and a timer of a bubble
// must not be used outside or in another one.
func dropPooledTimers() {
	runtime.GC()
	runtime.GC()
}

// simulate lives through a task.
func simulate(t *testing.T, task Task, outside *bubble.Outside) (o Observation) {
	t.Helper()
	inBubble(t, func(t *testing.T) {
		var err error
		o, err = Simulate(t.Context(), task, outside)
		require.NoError(t, err)
	})
	return o
}

// stretch is the start of the month on a stage.
func stretch(t *testing.T, stage config.Stage, length time.Duration) Task {
	return Task{
		Stage: stage, Profile: reference(t), Length: length, Warm: Warm, RTT: scenarios.DefaultRTT, Failures: scenarios.DefaultFailures,
	}
}

func TestADay(t *testing.T) {
	task := stretch(t, config.StagePhase2, day)
	outside := &bubble.Outside{}
	o := simulate(t, task, outside)

	schedule, err := loadgen.NewSchedule(task.Profile)
	require.NoError(t, err)
	require.EqualValues(t, len(schedule.Between(0, day).Arrivals), o.Summary.OK+o.Summary.Limited, "every arrival of the day was sent and answered")
	require.False(t, o.Partial)
	require.Equal(t, day, o.Simulated)
	require.Empty(t, o.Undrained)
	require.Empty(t, o.Failed)
	require.Zero(t, o.Errors)
	require.Len(t, o.ErrorsByHour, 24)
	require.Equal(t, o.Jobs.Total.Accepted, o.Jobs.Total.Succeeded+o.Jobs.Total.Archived)
	require.Positive(t, o.Injected)

	require.Len(t, o.Course.Open, 24*60)
	for minute, open := range o.Course.Open {
		require.True(t, open >= 1 && open <= 3, "%d connections in minute %d", open, minute)
	}
	inMinutes := o.Course.Totals(day)[0]
	require.LessOrEqual(t, inMinutes, o.Account.Total.Billed)
	require.InEpsilon(t, o.Account.Total.Billed, inMinutes, 0.02, "but for what is written after the last minute")
	var byGroup int64
	for _, c := range o.Account.ByGroup {
		byGroup += c.Billed
	}
	require.InEpsilon(t, queues(o.Account), byGroup, 0.05, "what the queues were billed is nearly all split by queue")
	require.GreaterOrEqual(t, outside.Latest().(Progress).Simulated, day-lookEvery, "it told how far it was")
}

// TestSeedsRepeat: what the seed controls is the same in two runs.
func TestSeedsRepeat(t *testing.T) {
	task := stretch(t, config.StagePhase2, 12*time.Hour)
	a, b := simulate(t, task, &bubble.Outside{}), simulate(t, task, &bubble.Outside{})
	require.Equal(t, a.Summary.Planned, b.Summary.Planned)
	require.Equal(t, a.Jobs.Total.Accepted, b.Jobs.Total.Accepted)
	require.InEpsilon(t, a.Account.Total.Billed, b.Account.Total.Billed, 0.02)
	task.Profile.Seed++
	c := simulate(t, task, &bubble.Outside{})
	require.NotEqual(t, a.Summary.Kinds, c.Summary.Kinds)
}

// TestAtRest: a month of a service without load costs what its intervals say, whatever the part.
func TestAtRest(t *testing.T) {
	task := stretch(t, config.StagePhase2, 2*day)
	task.Idle = true
	o := simulate(t, task, &bubble.Outside{})
	require.Zero(t, o.Summary.Planned)
	require.Equal(t, o.Account.Total.Billed, queues(o.Account))
	require.InDelta(t, 2*297, o.Account.Total.Billed, 3, "a survey each 6 minutes, two commands each 30")
}

func TestStoppedFromOutside(t *testing.T) {
	outside := &bubble.Outside{}
	outside.Stop()
	o := simulate(t, stretch(t, config.StagePhase2, 10*day), outside)
	require.True(t, o.Partial)
	require.InDelta(t, lookEvery, o.Simulated, float64(time.Minute))
	require.Positive(t, o.Account.Total.Billed)
}

// TestHourOfALegacyMonth: an hour anywhere in the month, with the connections that the stage has.
func TestHourOfALegacyMonth(t *testing.T) {
	task := stretch(t, config.StageLegacy, 10*time.Minute)
	task.From = 9*day + 14*time.Hour
	o := simulate(t, task, &bubble.Outside{})
	require.EqualValues(t, 45, o.Account.Connections.Peak)
	require.Len(t, o.Course.Open, 10)
	require.InEpsilon(t, 58.5*600, o.Account.Total.Billed, 0.05)
	require.Positive(t, o.Summary.OK)
}

// TestNoTroubleLosesAJob: all troubles in one day, each hour one.
func TestNoTroubleLosesAJob(t *testing.T) {
	task := stretch(t, config.StagePhase2, day)
	for i, trouble := range Troubled()[:7] {
		trouble.At = time.Duration(1+3*i) * time.Hour
		task.Calendar = append(task.Calendar, trouble)
	}
	o := simulate(t, task, &bubble.Outside{})
	require.Empty(t, o.Failed)
	require.Empty(t, o.Undrained)
	require.Zero(t, o.Reasonless)
	require.Positive(t, o.Jobs.Total.Accepted)
	require.Equal(t, o.Jobs.Total.Accepted, o.Jobs.Total.Succeeded+o.Jobs.Total.Archived, "every accepted job was done or given up")
	require.Zero(t, o.Jobs.LostEvents)
	require.Positive(t, o.Errors.KeyValue+o.Errors.Queues, "the failover is seen")
	require.Greater(t, o.Account.Connections.Opened, int64(3))
	require.Positive(t, o.Account.Rejected, "the spent quota refuses commands")
	low, high := o.openRange()
	require.True(t, low >= 1 && high <= 3, "%d to %d connections outside deploys and failovers", low, high)
}

func TestSimulateRefuses(t *testing.T) {
	good := stretch(t, config.StagePhase2, day)
	for name, change := range map[string]func(*Task){
		"no length":        func(t *Task) { t.Length = 0 },
		"beyond the month": func(t *Task) { t.From = 29*day + time.Hour },
		"a long warm-up":   func(t *Task) { t.Warm = 25 * time.Hour },
		"a strange fault":  func(t *Task) { t.Calendar = Calendar{{At: time.Hour, What: "earthquake"}} },
	} {
		t.Run(name, func(t *testing.T) {
			task := good
			change(&task)
			inBubble(t, func(t *testing.T) {
				_, err := Simulate(t.Context(), task, &bubble.Outside{})
				require.Error(t, err)
			})
		})
	}
	_, err := Simulate(t.Context(), good, &bubble.Outside{})
	require.ErrorIs(t, err, ErrClock, "outside a bubble")
}

// TestEmbeddedAndRealRedisBillTheSame runs the same 1000 jobs in virtual time on the embedded engine and in real time on a
// redis-server. With plain asynq what jobs cost is equal to the command, but for a script that Redis does not know yet: how many
// clients send it a second time, whole, depends on which were first. What it costs to look for jobs depends on chance and is not
// compared. Under thrift jobs that come close to each other share commands, so that time has a part in it: 5 %.
func TestEmbeddedAndRealRedisBillTheSame(t *testing.T) {
	server, err := redisserver.Start(t.Context(), redisserver.Config{})
	if err != nil {
		t.Skipf("no redis-server: %v", err)
	}
	defer func() { require.NoError(t, server.Stop()) }()
	p, err := profiles.Load("phase", loadgen.Queues())
	require.NoError(t, err)
	p = p.WithoutCache()
	p.APIRequests = 0
	for _, stage := range []config.Stage{config.StageLegacy, config.StagePhase2} {
		t.Run(string(stage), func(t *testing.T) {
			task := Task{Stage: stage, Profile: p, Length: 16 * time.Second, Warm: time.Second}
			virtual := simulate(t, task, &bubble.Outside{})
			live := liveOn(t, task, server.URL())
			for _, o := range []Observation{virtual, live} {
				require.EqualValues(t, 1000, o.Jobs.Total.Succeeded)
				require.Zero(t, o.Account.Gaps)
			}
			if stage == config.StageLegacy {
				reloads := max(virtual.Account.ByCommand["EVAL"].Wire, live.Account.ByCommand["EVAL"].Wire)
				t.Logf("billed for 1000 jobs: embedded, virtual %d; redis-server, real %d; scripts sent whole: at most %d times",
					jobs(virtual.Account), jobs(live.Account), reloads)
				require.InDelta(t, jobs(virtual.Account), jobs(live.Account), float64(reloads))
				require.Less(t, reloads, int64(50))
				return
			}
			t.Logf("billed for 1000 jobs: embedded, virtual %d; redis-server, real %d", queues(virtual.Account), queues(live.Account))
			require.InEpsilon(t, queues(virtual.Account), queues(live.Account), 0.05)
		})
	}
}

// liveOn lives through a task on the real clock with the data in a Redis.
func liveOn(t *testing.T, task Task, url string) Observation {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	redis, err := scenarios.ParseRedis(url)
	require.NoError(t, err)
	store, err := redis.Open(ctx)
	require.NoError(t, err)
	defer func() { require.NoError(t, store.Close()) }()
	o, err := observe(ctx, task, time.Now().Add(task.Warm), place{network: memnet.TCP(), redis: store}, &bubble.Outside{})
	require.NoError(t, err)
	return o
}
