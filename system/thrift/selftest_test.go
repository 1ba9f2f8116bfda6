package thrift

import (
	"context"
	"maps"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestSelfTestPasses(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	ctx, cancel := context.WithTimeout(t.Context(), selfTestTimeout)
	defer cancel()
	require.NoError(t, selfTest(ctx))
}

func TestSelfTestPassesOnAFakeClockAndManyTimesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), selfTestTimeout)
		defer cancel()
		var tests sync.WaitGroup
		errs := make(chan error, 5)
		for range cap(errs) {
			tests.Go(func() { errs <- selfTest(ctx) })
		}
		tests.Wait()
		close(errs)
		for err := range errs {
			require.NoError(t, err)
		}
		require.Less(t, time.Since(begin), 300*time.Millisecond)
	})
}

func TestSelfTestTellsWhatDiffers(t *testing.T) {
	const (
		enqueueSHA = "98d28b42650870a743450ffda9791e9e19c6991b"
		dequeueSHA = "a8153319360adc71cdc370107f8ab9786f204765"
		doneSHA    = "1241eaa1c73409baaf1fea0c08d203a4911bda15"
		retrySHA   = "65fa409c88198a681c53e0892d8276eca0145694"
		requeueSHA = "f34cbfd11d1fc8019af55b50c447fc68eb8b29e5"
		forwardSHA = "522b1a6ae66fe79ea2f24a9af58798ab71879035"
		expireSHA  = "49c4326d80c1db9c476da2aa7f4438d03688f82b"
	)
	for _, test := range []struct {
		name   string
		sha    string
		change func(*shape)
		want   []string
	}{
		{
			"another argument", enqueueSHA, func(s *shape) { s.args = append(slices.Clone(s.args), argAt) },
			[]string{"enqueue of the job endless", "expected new job endless, got a command that is not: evalsha " + enqueueSHA},
		},
		{
			"another key", doneSHA, func(s *shape) { s.keys = append(slices.Clone(s.keys), lockKey) },
			[]string{"server", "expected end of the job plain, got a command that is not: evalsha " + doneSHA},
		},
		{
			"arguments in another order", retrySHA, func(s *shape) { s.args = []argument{argID, argMsg, argStatsEnd, argAt, argFailure, argMaxInt64} },
			[]string{"end of the job failing: expected at ", "; expected statsEnd "},
		},
		{
			"another meaning", dequeueSHA, func(s *shape) { s.args = []argument{argNanos, argTaskPrefix} },
			[]string{"dequeue: expected at ", ", got 0", "expected nanos 0"},
		},
		{
			"another end", requeueSHA, func(s *shape) { s.keys = []keyPart{activeKey, leaseKey, scheduledKey, taskKey} },
			[]string{"shutdown", "expected requeue, got a command that is not: evalsha " + requeueSHA},
		},
		{"another kind", expireSHA, func(s *shape) { s.kind = listExpired }, []string{"list of expired leases: expected limit 0, got 100"}},
		{"no such script, an operation on all jobs", forwardSHA, nil, []string{"forward of scheduled jobs", "got a command that is not: evalsha " + forwardSHA}},
		{"no such script, one on a job", doneSHA, nil, []string{"expected end of the job plain, got a command that is not"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
			changed := maps.Clone(shapes)
			if test.change == nil {
				delete(changed, test.sha)
			} else {
				changed[test.sha] = slices.Clone(changed[test.sha])
				test.change(&changed[test.sha][0])
			}
			ctx, cancel := context.WithTimeout(t.Context(), selfTestTimeout)
			defer cancel()
			err := recognizer{changed}.selfTest(ctx)
			require.ErrorContains(t, err, "thrift knows asynq v0.26.0 only")
			for _, text := range test.want {
				require.ErrorContains(t, err, text)
			}
		})
	}
}

func TestSelfTestEndsWithItsContext(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	require.ErrorIs(t, selfTest(ctx), context.Canceled)
}

// TestSlowOperations is of what asynq does after a second at the earliest.
func TestSlowOperations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		trial := newTrial(newRecorder(recognizer{shapes}))
		defer trial.close()
		now := time.Now()
		working := append(maintenance(now),
			expected("longer lease", operation{kind: extendLease, queue: trialQueue, at: now.Unix(), ids: []string{endless}}),
			expected("server's state with a job", operation{
				kind: serverState, member: serversPrefix, ttl: serverTTL, info: trialQueue,
				pairs: []string{endless, endless},
			}),
			expected("list of groups", operation{kind: listGroups, queue: trialQueue}),
			expected("aggregation", operation{kind: aggregate, queue: trialQueue}))
		config := trialServer()
		config.GroupGracePeriod = time.Second
		config.GroupAggregator = asynq.GroupAggregatorFunc(func(string, []*asynq.Task) *asynq.Task { return nil })
		trial.server = asynq.NewServerFromRedisClient(trial.client, config)

		first := trial.adding(trialJobs[0], now)
		first.expect = append(first.expect, expected("queue's name", operation{kind: addQueue, queue: trialQueue}))
		require.NoError(t, trial.run(ctx, first))
		require.NoError(t, trial.run(ctx, step{"server", func(context.Context) error {
			return trial.server.Start(asynq.HandlerFunc(work))
		}, working}))
		require.NoError(t, trial.run(ctx, step{
			"shutdown", func(context.Context) error { trial.server.Shutdown(); return nil },
			[]*expectation{expected("requeue", operation{kind: requeue, queue: trialQueue, id: endless})},
		}))
		require.NoError(t, trial.register("tick", "@every 1s"))
		due := append(tick(now, "tick"), expected("scheduler's name", operation{kind: listScheduler, member: schedulersPrefix}))
		require.NoError(t, trial.run(ctx, step{"schedule that is due", func(context.Context) error { return trial.scheduler.Start() }, due}))
	})
}

// register adds a schedule, whose jobs have its name as their type and ID.
func (t *trial) register(name, spec string) error {
	_, err := t.scheduler.Register(spec, asynq.NewTask(name, nil), asynq.Queue(trialQueue), asynq.TaskID(name))
	return err
}

// tick is what comes when the first of the schedules is due.
func tick(now time.Time, schedules ...string) []*expectation {
	due := schedules[0]
	return []*expectation{
		expected("scheduler's entries", operation{kind: entries, member: schedulersPrefix, ttl: (2 * trialInterval).Seconds(), pairs: schedules}),
		expected("scheduled job", operation{kind: enqueue, queue: trialQueue, id: due, msg: due, nanos: now.UnixNano()}),
		expected("record of it", operation{kind: recordTick, member: historyPrefix, at: now.Unix(), info: due}),
	}
}

func BenchmarkSelfTest(b *testing.B) {
	for b.Loop() {
		if err := selfTest(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
