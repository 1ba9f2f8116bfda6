package benchthrift

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/hibiken/asynq"
)

// doneTimeout bounds each wait for jobs.
const doneTimeout = 2 * time.Minute

// tally is what happened to numbered jobs. Its methods are safe for concurrent use.
type tally struct {
	work time.Duration // how long each job takes

	mu      sync.Mutex
	runs    []int
	started []time.Time
	first   []chan struct{} // closed when the job was done once
	unknown []string        // payloads that are no number of a job
}

func newTally(jobs int, work time.Duration) *tally {
	t := &tally{work: work, runs: make([]int, jobs), started: make([]time.Time, jobs), first: make([]chan struct{}, jobs)}
	for n := range t.first {
		t.first[n] = make(chan struct{})
	}
	return t
}

// ProcessTask is asynq's handler.
func (t *tally) ProcessTask(ctx context.Context, task *asynq.Task) error {
	now := time.Now()
	n, err := strconv.Atoi(string(task.Payload()))
	if err != nil || n < 0 || n >= len(t.runs) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.unknown = append(t.unknown, string(task.Payload()))
		return nil
	}
	if err := pause(ctx, t.work); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.runs[n]++; t.runs[n] == 1 {
		t.started[n] = now
		close(t.first[n])
	}
	return nil
}

// wait returns once the jobs from first on, up to the one before end, are done.
func (t *tally) wait(ctx context.Context, first, end int) error {
	ctx, cancel := context.WithTimeout(ctx, doneTimeout)
	defer cancel()
	for n := first; n < end; n++ {
		select {
		case <-t.first[n]:
		case <-ctx.Done():
			return fmt.Errorf("wait for job %d of %d to %d: %w", n, first, end-1, ctx.Err())
		}
	}
	return nil
}

// startedAt is when job n, which is done, began.
func (t *tally) startedAt(n int) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.started[n]
}

// once is an error unless every job was done exactly once.
func (t *tally) once() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	var problems []error
	for _, payload := range t.unknown {
		problems = append(problems, fmt.Errorf("a job with the payload %q was done, which nobody added", payload))
	}
	for n, runs := range t.runs {
		if runs != 1 {
			problems = append(problems, fmt.Errorf("job %d was done %d times", n, runs))
		}
	}
	if len(problems) > 3 {
		problems = append(problems[:3], fmt.Errorf("and so on: %d in all", len(problems)))
	}
	return errors.Join(problems...)
}

// pause waits for d, or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
