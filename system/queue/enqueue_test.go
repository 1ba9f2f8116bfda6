package queue_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"tollgate/system/queue"
	"tollgate/system/thrift"
)

// lossy sends each script a second time, as go-redis does when the first answer is lost.
type lossy struct{}

func (lossy) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (lossy) DialHook(next redis.DialHook) redis.DialHook { return next }

func (lossy) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if err := next(ctx, cmd); err != nil || !strings.HasPrefix(cmd.Name(), "eval") {
			return err
		}
		return next(ctx, cmd)
	}
}

// A job whose enqueue had to be repeated is accepted, under its ID, once. With a TaskID of the caller's, whose job it is
// cannot be told.
func TestEnqueueSurvivesALostAnswer(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := newWorld(t)
		f, err := queue.NewFactory(queue.Config{Topology: queue.Shared, Connect: func(pool queue.Pool) (redis.UniversalClient, error) {
			client, err := w.connect(pool)
			client.AddHook(lossy{})
			return client, err
		}})
		require.NoError(t, err)
		q, err := f.CreateQueue(queue.CalendarSync)
		require.NoError(t, err)
		id, err := q.Enqueue(t.Context(), payload("u-1"))
		require.NoError(t, err)
		w.inspect(func(i *asynq.Inspector) {
			tasks, err := i.ListPendingTasks("calendar-sync")
			require.NoError(t, err)
			require.Len(t, tasks, 1)
			require.Equal(t, id, tasks[0].ID)
		})
		_, err = q.Enqueue(t.Context(), payload("u-1"), queue.TaskID("mine"))
		require.ErrorIs(t, err, queue.ErrDuplicateJob)
		w.stop(f)
	})
}

// contexts records the context of each script, as text.
type contexts struct{ seen *[]string }

func (c contexts) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if strings.HasPrefix(cmd.Name(), "eval") {
			*c.seen = append(*c.seen, fmt.Sprint(ctx))
		}
		return next(ctx, cmd)
	}
}

func (contexts) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (contexts) DialHook(next redis.DialHook) redis.DialHook { return next }

// Only an ID that was made for the call is called fresh: a governor takes the word for it that no other job has it.
func TestOnlyMadeIDsAreCalledFresh(t *testing.T) {
	for name, tc := range map[string]struct {
		opts  []queue.Option
		fresh bool
	}{
		"made":                     {nil, true},
		"made, delayed":            {[]queue.Option{queue.ProcessIn(time.Minute)}, true},
		"the caller's":             {[]queue.Option{queue.TaskID("mine")}, false},
		"the caller's and delayed": {[]queue.Option{queue.TaskID("mine"), queue.ProcessIn(time.Minute)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				w := newWorld(t)
				var seen []string
				f, err := queue.NewFactory(queue.Config{Topology: queue.Shared, Connect: func(pool queue.Pool) (redis.UniversalClient, error) {
					client, err := w.connect(pool)
					client.AddHook(contexts{seen: &seen})
					return client, err
				}})
				require.NoError(t, err)
				q, err := f.CreateQueue(queue.CalendarSync)
				require.NoError(t, err)
				_, err = q.Enqueue(t.Context(), payload("u-1"), tc.opts...)
				require.NoError(t, err)
				mark := strings.TrimPrefix(fmt.Sprint(thrift.WithFreshID(context.Background())), "context.Background")
				require.NotEmpty(t, seen)
				for _, ctx := range seen {
					require.Equal(t, tc.fresh, strings.Contains(ctx, mark), ctx)
				}
				w.stop(f)
			})
		})
	}
}
