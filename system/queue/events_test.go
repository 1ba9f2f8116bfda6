package queue_test

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/system/queue"
)

func TestEventSubscriptions(t *testing.T) {
	bubble(t, func(t *testing.T) {
		w := newWorld(t)
		var log bytes.Buffer
		f := w.factory(queue.Config{Topology: queue.Shared, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		var workers []*queue.Worker
		for _, name := range []queue.Name{queue.CalendarSync, queue.TokenRefresh} {
			_, err := f.CreateQueue(name)
			require.NoError(t, err)
			worker, err := f.CreateWorker(name, queue.ProcessorFunc(scripted))
			require.NoError(t, err)
			workers = append(workers, worker)
		}
		f.Events().Subscribe(func(queue.Event) { panic("in a handler") })
		var all, own []queue.Kind
		var ownQueues []queue.Name
		cancelAll := f.Events().Subscribe(func(e queue.Event) { all = append(all, e.Kind) })
		cancelOwn := workers[0].Subscribe(func(e queue.Event) {
			own = append(own, e.Kind)
			ownQueues = append(ownQueues, e.Queue)
		})
		require.NoError(t, f.Start())
		run := func() {
			for _, name := range []queue.Name{queue.CalendarSync, queue.TokenRefresh} {
				_, err := f.Enqueue(t.Context(), name, payload("u-1"))
				require.NoError(t, err)
				time.Sleep(5 * time.Second)
				synctest.Wait()
			}
		}
		run()
		one := []queue.Kind{queue.Progress, queue.Completed}
		require.Equal(t, append(one, one...), all)
		require.Equal(t, one, own)
		require.Equal(t, []queue.Name{queue.CalendarSync, queue.CalendarSync}, ownQueues)
		cancelOwn()
		cancelOwn()
		run()
		require.Len(t, all, 8)
		require.Equal(t, one, own)
		cancelAll()
		run()
		require.Len(t, all, 8)
		require.Len(t, w.of(queue.Completed, ""), 6, "handlers of others are untouched")
		w.stop(f)
		require.Contains(t, log.String(), "event handler panicked")
		require.Contains(t, log.String(), "in a handler")
		require.Contains(t, log.String(), "Starting processing", "asynq's messages arrive")
		require.NotContains(t, log.String(), "All queues are empty", "and its debug ones only on demand")
	})
}

func TestLogLevels(t *testing.T) {
	for level, want := range map[slog.Level][]string{
		slog.LevelDebug: {"level=DEBUG", "level=INFO", "level=WARN"},
		slog.LevelInfo:  {"level=INFO", "level=WARN"},
		slog.LevelWarn:  {"level=WARN"},
		slog.LevelError: {},
	} {
		t.Run(level.String(), func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				w := newWorld(t)
				var log bytes.Buffer
				logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: level}))
				f := w.serve(queue.Config{Topology: queue.Shared, Logger: logger}, scripted)
				_, err := f.Enqueue(t.Context(), queue.CalendarSync, map[string]string{"do": "hopeless"})
				require.NoError(t, err)
				time.Sleep(5 * time.Second)
				w.stop(f)
				for _, part := range []string{"level=DEBUG", "level=INFO", "level=WARN"} {
					if slices.Contains(want, part) {
						require.Contains(t, log.String(), part)
					} else {
						require.NotContains(t, log.String(), part)
					}
				}
			})
		})
	}
}

func TestJobProgress(t *testing.T) {
	queue.Job{}.Progress(10) // outside a factory: nothing to tell, nothing breaks
	var seen []int
	job := queue.Job{ID: "j"}.WithProgress(func(percent int) { seen = append(seen, percent) })
	for _, percent := range []int{-5, 0, 42, 100, 250} {
		job.Progress(percent)
	}
	require.Equal(t, []int{0, 0, 42, 100, 100}, seen)
	err := queue.ProcessorFunc(func(_ context.Context, j queue.Job) error { j.Progress(7); return nil }).Process(t.Context(), job)
	require.NoError(t, err)
	require.Equal(t, 7, seen[5])
}
