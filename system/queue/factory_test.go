package queue_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"tollgate/system/queue"
	"tollgate/system/thrift"
)

// scripted behaves as the payload's "do" says.
func scripted(_ context.Context, job queue.Job) error {
	var p struct{ Do string }
	if err := json.Unmarshal(job.Payload, &p); err != nil {
		return queue.Permanent(fmt.Errorf("malformed payload: %w", err))
	}
	job.Progress(50)
	switch {
	case p.Do == "fail once" && job.Attempt == 1:
		return errors.New("not yet")
	case p.Do == "panic once" && job.Attempt == 1:
		panic("at the processor")
	case p.Do == "never":
		return errors.New("still broken")
	case p.Do == "hopeless":
		return queue.Permanent(errors.New("no such calendar"))
	}
	return nil
}

func TestElevenQueuesInEveryLayout(t *testing.T) {
	for _, layout := range layouts() {
		t.Run(layout.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				w := newWorld(t)
				f := w.serve(layout.config(queue.Config{RetryBase: 2 * time.Second}), scripted)
				ids := map[string]string{}
				for _, spec := range queue.Specs() {
					for _, do := range []string{"succeed", "fail once", "panic once", "hopeless"} {
						id, err := f.Enqueue(t.Context(), spec.Name, map[string]string{"do": do})
						require.NoError(t, err)
						ids[string(spec.Name)+" "+do] = id
					}
					id, err := f.Enqueue(t.Context(), spec.Name, json.RawMessage(`{"do":`))
					require.NoError(t, err)
					ids[string(spec.Name)+" malformed"] = id
				}
				time.Sleep(time.Minute)
				for _, spec := range queue.Specs() {
					id := func(do string) string { return ids[string(spec.Name)+" "+do] }
					checkEvents(t, w, spec.Name, id("succeed"), 1, "", false)
					checkEvents(t, w, spec.Name, id("fail once"), 2, "not yet", false)
					checkEvents(t, w, spec.Name, id("panic once"), 2, "at the processor", false)
					checkEvents(t, w, spec.Name, id("hopeless"), 1, "no such calendar", true)
					checkEvents(t, w, spec.Name, id("malformed"), 1, "malformed payload", true)
					w.inspect(func(i *asynq.Inspector) {
						archived, err := i.ListArchivedTasks(string(spec.Name))
						require.NoError(t, err)
						require.Len(t, archived, 2)
						reasons := archived[0].LastErr + "\n" + archived[1].LastErr
						require.Contains(t, reasons, "no such calendar")
						require.Contains(t, reasons, "malformed payload: unexpected end of JSON input")
					})
				}
				w.stop(f)
			})
		})
	}
}

// checkEvents requires exactly the events of a job that took so many attempts, all but the last failing with reason, or
// all when it was given up.
func checkEvents(t *testing.T, w *world, name queue.Name, id string, attempts int, reason string, givenUp bool) {
	t.Helper()
	failed, completed := w.of(queue.Failed, id), w.of(queue.Completed, id)
	if givenUp {
		require.Empty(t, completed)
		require.Len(t, failed, attempts)
	} else {
		require.Len(t, completed, 1)
		require.Equal(t, attempts, completed[0].Attempt)
		require.Equal(t, name, completed[0].Queue)
		require.NotEmpty(t, completed[0].Payload)
		require.Len(t, failed, attempts-1)
		progress := w.of(queue.Progress, id)
		require.Len(t, progress, attempts)
		require.Equal(t, 50, progress[0].Percent)
	}
	for i, e := range failed {
		require.ErrorContains(t, e.Err, reason)
		require.Equal(t, name, e.Queue)
		require.Equal(t, i+1, e.Attempt)
		require.Equal(t, givenUp && i == len(failed)-1, e.Final)
		require.False(t, e.At.IsZero())
	}
}

func TestLegacyHoldsItsConnectionsAtRest(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := newWorld(t)
		f := w.serve(queue.Config{Topology: queue.PerQueue}, scripted)
		synctest.Wait()
		require.Equal(t, 33, w.openNow())
		w.stop(f)
	})
}

func TestRetriesAreUsedUp(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := newWorld(t)
		f := w.serve(queue.Config{Topology: queue.Shared, RetryBase: time.Second, RetryCap: 5 * time.Second}, scripted)
		id, err := f.Enqueue(t.Context(), queue.WebhookHealthCheck, map[string]string{"do": "never"})
		require.NoError(t, err)
		time.Sleep(2 * time.Minute)
		spec, err := queue.Lookup("webhook-health-check")
		require.NoError(t, err)
		checkEvents(t, w, queue.WebhookHealthCheck, id, spec.MaxRetry+1, "still broken", true)
		_, _, _, archived := w.left()
		require.Equal(t, 1, archived)
		w.stop(f)
	})
}

func TestRetryAfterIsHonoured(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := newWorld(t)
		const asked = 90*time.Second + 500*time.Millisecond
		var at []time.Time
		f := w.serve(queue.Config{Topology: queue.Shared}, func(_ context.Context, job queue.Job) error {
			at = append(at, time.Now())
			if job.Attempt == 1 {
				return queue.RetryAfter(errors.New("limited"), asked)
			}
			return nil
		})
		id, err := f.Enqueue(t.Context(), queue.NotificationReminder, payload("u-1"))
		require.NoError(t, err)
		time.Sleep(5 * time.Minute)
		require.Len(t, at, 2)
		gap := at[1].Sub(at[0])
		require.GreaterOrEqual(t, gap, asked)
		slack := time.Second + queue.DefaultDelayedTaskCheckInterval + 2*queue.DefaultTaskCheckInterval
		require.LessOrEqual(t, gap, asked+slack)
		failed := w.of(queue.Failed, id)
		require.Len(t, failed, 1)
		require.False(t, failed[0].Final)
		w.stop(f)
	})
}

func TestTimeoutFailsTheAttempt(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := newWorld(t)
		f := w.serve(queue.Config{Topology: queue.Shared, RetryBase: time.Second}, func(ctx context.Context, job queue.Job) error {
			if job.Attempt == 1 {
				<-ctx.Done()
			}
			return nil // on the first attempt too late to count
		})
		id, err := f.Enqueue(t.Context(), queue.TokenRefresh, payload("u-1"))
		require.NoError(t, err)
		time.Sleep(2 * time.Minute)
		failed, completed := w.of(queue.Failed, id), w.of(queue.Completed, id)
		require.Len(t, failed, 1)
		require.ErrorIs(t, failed[0].Err, context.DeadlineExceeded)
		require.Equal(t, 30*time.Second, failed[0].Duration)
		require.Len(t, completed, 1)
		require.Equal(t, 2, completed[0].Attempt)
		w.stop(f)
	})
}

func TestDelayedJobs(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := newWorld(t)
		f := w.serve(queue.Config{Topology: queue.Shared}, scripted)
		enqueued := time.Now()
		in, err := f.Enqueue(t.Context(), queue.CalendarSync, payload("u-1"), queue.ProcessIn(time.Minute))
		require.NoError(t, err)
		at, err := f.Enqueue(t.Context(), queue.CalendarSync, payload("u-1"), queue.ProcessAt(enqueued.Add(2*time.Minute)))
		require.NoError(t, err)
		time.Sleep(3 * time.Minute)
		for id, due := range map[string]time.Duration{in: time.Minute, at: 2 * time.Minute} {
			done := w.of(queue.Completed, id)
			require.Len(t, done, 1)
			require.InDelta(t, due.Seconds(), done[0].At.Sub(enqueued).Seconds(), 8)
		}
		w.stop(f)
	})
}

func TestDeduplication(t *testing.T) {
	for name, tc := range map[string]struct {
		deduplicate bool
		queue       queue.Name
		opts        []queue.Option
		want        error
	}{
		"off":                      {false, queue.TokenRefresh, nil, nil},
		"on, unique queue":         {true, queue.TokenRefresh, nil, queue.ErrDuplicateJob},
		"on, other unique queue":   {true, queue.WebhookRenewal, nil, queue.ErrDuplicateJob},
		"on, queue without":        {true, queue.CalendarSync, nil, nil},
		"same task id, always":     {false, queue.CalendarSync, []queue.Option{queue.TaskID("sync-u-1")}, queue.ErrDuplicateJob},
		"an empty task id is none": {false, queue.CalendarSync, []queue.Option{queue.TaskID(" ")}, errors.ErrUnsupported},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				w := newWorld(t)
				f := w.factory(queue.Config{Topology: queue.Shared, Deduplicate: tc.deduplicate})
				q, err := f.CreateQueue(tc.queue)
				require.NoError(t, err)
				_, err = q.Enqueue(t.Context(), payload("u-1"), tc.opts...)
				if errors.Is(tc.want, errors.ErrUnsupported) {
					require.ErrorContains(t, err, "task ID cannot be empty")
				} else {
					require.NoError(t, err)
					_, err = q.Enqueue(t.Context(), payload("u-1"), tc.opts...)
					require.ErrorIs(t, err, tc.want)
				}
				w.stop(f)
			})
		})
	}
}

func TestPayloads(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := newWorld(t)
		f := w.factory(queue.Config{Topology: queue.Shared})
		q, err := f.CreateQueue(queue.CalendarSync)
		require.NoError(t, err)
		for want, p := range map[string]any{
			`{"user":"a"}`: payload("a"), `{not json`: json.RawMessage(`{not json`), `bytes`: []byte(`bytes`), `null`: nil,
		} {
			id, err := q.Enqueue(t.Context(), p)
			require.NoError(t, err)
			w.inspect(func(i *asynq.Inspector) {
				info, err := i.GetTaskInfo("calendar-sync", id)
				require.NoError(t, err)
				require.Equal(t, want, string(info.Payload))
				require.Equal(t, "calendar-sync", info.Type)
				require.Equal(t, q.Spec().MaxRetry, info.MaxRetry)
				require.Equal(t, q.Spec().Timeout, info.Timeout)
			})
		}
		_, err = q.Enqueue(t.Context(), make(chan int))
		require.ErrorIs(t, err, queue.ErrPayload)
		require.ErrorContains(t, err, "calendar-sync")
		_, err = q.Enqueue(t.Context(), []byte(strings.Repeat("x", queue.MaxPayload+1)))
		require.ErrorIs(t, err, queue.ErrPayload)
		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = q.Enqueue(cancelled, payload("a"))
		require.ErrorIs(t, err, context.Canceled)
		w.stop(f)
		_, err = q.Enqueue(t.Context(), payload("a"))
		require.ErrorIs(t, err, queue.ErrStopped)
	})
}

func TestNewFactoryRefuses(t *testing.T) {
	connect := func(queue.Pool) (redis.UniversalClient, error) { return nil, errors.ErrUnsupported }
	for name, tt := range map[string]struct {
		cfg  queue.Config
		want string
	}{
		"no topology":           {queue.Config{Connect: connect}, `topology "" is unknown`},
		"no connect":            {queue.Config{Topology: queue.Shared}, "connect is nil"},
		"negative interval":     {queue.Config{Topology: queue.Shared, Connect: connect, RetryCap: -1}, "retry cap -1ns is negative"},
		"thrift, per queue":     {queue.Config{Topology: queue.PerQueue, Connect: connect, Thrift: thrift.Config{Level: thrift.Quiet}}, `thrift "quiet" needs the topology "shared": use it, or "off"`},
		"unknown thrift":        {queue.Config{Topology: queue.Shared, Connect: connect, Thrift: thrift.Config{Level: "most"}}, `level "most" is unknown`},
		"impossible thrift":     {queue.Config{Topology: queue.Shared, Connect: connect, Thrift: thrift.Config{Level: thrift.Full, SurveyInterval: -1}}, "survey interval -1ns is negative"},
		"both at the same time": {queue.Config{Topology: queue.Shared, Concurrency: -1, Connect: connect, Thrift: thrift.Config{Level: "most"}}, "concurrency -1 is negative"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := queue.NewFactory(tt.cfg)
			require.ErrorContains(t, err, tt.want)
		})
	}
	for _, level := range []thrift.Level{"", thrift.Off} {
		_, err := queue.NewFactory(queue.Config{Topology: queue.PerQueue, Connect: connect, Thrift: thrift.Config{Level: level}})
		require.NoError(t, err)
	}
}

func TestFactoryRefuses(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := newWorld(t)
		f := w.factory(queue.Config{Topology: queue.Shared})
		_, err := f.CreateQueue("bogus")
		require.ErrorIs(t, err, queue.ErrUnknownQueue)
		require.ErrorContains(t, err, `"bogus"`)
		_, err = f.CreateWorker("bogus", queue.ProcessorFunc(scripted))
		require.ErrorIs(t, err, queue.ErrUnknownQueue)
		_, err = f.CreateWorker(queue.CalendarSync, nil)
		require.ErrorContains(t, err, "processor is nil")
		_, err = f.Enqueue(t.Context(), "bogus", nil)
		require.ErrorIs(t, err, queue.ErrUnknownQueue)
		_, err = f.Enqueue(t.Context(), queue.CalendarSync, nil)
		require.ErrorIs(t, err, queue.ErrNotCreated)
		require.ErrorIs(t, f.Start(), queue.ErrNoWorkers)

		_, err = f.CreateQueue(queue.CalendarSync)
		require.NoError(t, err)
		_, err = f.CreateQueue(queue.CalendarSync)
		require.ErrorIs(t, err, queue.ErrExists)
		worker, err := f.CreateWorker(queue.CalendarSync, queue.ProcessorFunc(scripted))
		require.NoError(t, err)
		require.Equal(t, queue.CalendarSync, worker.Spec().Name)
		_, err = f.CreateWorker(queue.CalendarSync, queue.ProcessorFunc(scripted))
		require.ErrorIs(t, err, queue.ErrExists)

		require.NoError(t, f.Start())
		require.ErrorIs(t, f.Start(), queue.ErrStarted)
		_, err = f.CreateWorker(queue.TokenRefresh, queue.ProcessorFunc(scripted))
		require.ErrorIs(t, err, queue.ErrStarted)
		_, err = f.CreateQueue(queue.TokenRefresh)
		require.NoError(t, err, "a producer can be added to a running factory")

		w.stop(f)
		require.ErrorIs(t, f.Start(), queue.ErrStopped)
		_, err = f.CreateQueue(queue.AdaptiveSync)
		require.ErrorIs(t, err, queue.ErrStopped)
		_, err = f.CreateWorker(queue.AdaptiveSync, queue.ProcessorFunc(scripted))
		require.ErrorIs(t, err, queue.ErrStopped)
	})
}

func TestFactoryLeavesQueuesWithoutWorkerAlone(t *testing.T) {
	for _, layout := range layouts() {
		t.Run(layout.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				w := newWorld(t)
				f := w.factory(layout.config(queue.Config{}))
				for _, name := range []queue.Name{queue.CalendarSync, queue.TokenRefresh} {
					_, err := f.CreateQueue(name)
					require.NoError(t, err)
				}
				_, err := f.CreateWorker(queue.CalendarSync, queue.ProcessorFunc(scripted))
				require.NoError(t, err)
				require.NoError(t, f.Start())
				_, err = f.Enqueue(t.Context(), queue.TokenRefresh, payload("u-1"))
				require.NoError(t, err)
				_, err = f.Enqueue(t.Context(), queue.CalendarSync, payload("u-1"))
				require.NoError(t, err)
				time.Sleep(time.Minute)
				require.Len(t, w.of(queue.Completed, ""), 1)
				pending, _, _, _ := w.left()
				require.Equal(t, 1, pending)
				w.stop(f)
			})
		})
	}
}

func TestStartNamesTheConnectionThatFails(t *testing.T) {
	bubble(t, func(t *testing.T) {
		broken := errors.New("no route")
		refuse := func(pool queue.Pool) (redis.UniversalClient, error) {
			return client(pool, func(context.Context, string, string) (net.Conn, error) { return nil, broken }), nil
		}
		f, err := queue.NewFactory(queue.Config{Topology: queue.PerQueue, Connect: refuse})
		require.NoError(t, err)
		_, err = f.CreateWorker(queue.CalendarSync, queue.ProcessorFunc(scripted))
		require.NoError(t, err)
		err = f.Start()
		require.ErrorIs(t, err, broken)
		require.ErrorContains(t, err, "queue:calendar-sync:server")
		require.NoError(t, f.Stop(t.Context()))
		time.Sleep(2 * time.Second) // go-redis, which goes on dialling, looks once a second whether it is to stop
	})
	f, err := queue.NewFactory(queue.Config{Topology: queue.Shared, Connect: func(queue.Pool) (redis.UniversalClient, error) {
		return nil, errors.New("bad address")
	}})
	require.NoError(t, err)
	_, err = f.CreateQueue(queue.CalendarSync)
	require.EqualError(t, err, "create queue calendar-sync: connect queues: bad address")
	_, err = f.CreateWorker(queue.CalendarSync, queue.ProcessorFunc(scripted))
	require.ErrorContains(t, err, "bad address")
}

// A job starts when it comes, in every layout with a governor, whatever asynq's own intervals are.
func TestGovernedJobsStartAtOnce(t *testing.T) {
	for _, layout := range layouts() {
		if !layout.governed() {
			continue
		}
		t.Run(layout.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				w := newWorld(t)
				f := w.serve(layout.config(queue.Config{}), scripted)
				time.Sleep(3 * time.Second)
				enqueued := time.Now()
				now, err := f.Enqueue(t.Context(), queue.CalendarSync, payload("u-1"))
				require.NoError(t, err)
				later, err := f.Enqueue(t.Context(), queue.TokenRefresh, payload("u-2"), queue.ProcessIn(2*time.Second))
				require.NoError(t, err)
				time.Sleep(4 * time.Second)
				for id, due := range map[string]time.Duration{now: 0, later: 2 * time.Second} {
					done := w.of(queue.Completed, id)
					require.Len(t, done, 1)
					require.Less(t, done[0].At.Sub(enqueued), due+150*time.Millisecond)
				}
				w.stop(f)
			})
		})
	}
}
