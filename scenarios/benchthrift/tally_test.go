package benchthrift

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"
)

func run(t *testing.T, jobs *tally, payload string) {
	require.NoError(t, jobs.ProcessTask(t.Context(), asynq.NewTask("bench", []byte(payload))))
}

func TestTallyWantsEachJobOnce(t *testing.T) {
	for name, test := range map[string]struct {
		payloads []string
		problem  string
	}{
		"each once": {[]string{"1", "0", "2"}, ""},
		"missing":   {[]string{"0", "2"}, "job 1 was done 0 times"},
		"twice":     {[]string{"0", "1", "2", "2"}, "job 2 was done 2 times"},
		"unknown":   {[]string{"0", "1", "2", "3"}, `"3" was done, which nobody added`},
		"garbage":   {[]string{"0", "1", "2", "x"}, `"x" was done, which nobody added`},
		"nothing":   {nil, "job 2 was done 0 times"},
	} {
		t.Run(name, func(t *testing.T) {
			jobs := newTally(3, 0)
			for _, payload := range test.payloads {
				run(t, jobs, payload)
			}
			if test.problem == "" {
				require.NoError(t, jobs.once())
				require.NoError(t, jobs.wait(t.Context(), 0, 3))
			} else {
				require.ErrorContains(t, jobs.once(), test.problem)
			}
		})
	}
}

func TestTallyNamesFewProblems(t *testing.T) {
	require.ErrorContains(t, newTally(9, 0).once(), "and so on: 9 in all")
}

func TestTallyWaitsAndWorks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		jobs := newTally(2, time.Second)
		done := make(chan error)
		go func() { done <- jobs.ProcessTask(t.Context(), asynq.NewTask("bench", []byte("1"))) }()
		require.NoError(t, jobs.wait(t.Context(), 1, 2))
		require.NoError(t, <-done)
		require.Equal(t, time.Second, time.Since(began))
		require.Equal(t, began, jobs.startedAt(1))

		require.ErrorIs(t, jobs.wait(t.Context(), 0, 2), context.DeadlineExceeded)
		require.Equal(t, time.Second+doneTimeout, time.Since(began))

		ended, cancel := context.WithCancel(t.Context())
		cancel()
		require.ErrorIs(t, jobs.ProcessTask(ended, asynq.NewTask("bench", []byte("0"))), context.Canceled)
	})
}
