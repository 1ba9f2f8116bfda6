package thrift_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/hibiken/asynq"
)

// act is what a job does when it is run.
type act string

// The acts.
const (
	succeed act = "succeed"
	fail    act = "fail"
	skip    act = "skip"   // fails and is not tried again: asynq archives it
	revoke  act = "revoke" // fails and is deleted
	crash   act = "panic"
	dawdle  act = "dawdle" // takes its time
	write   act = "write"  // writes a result
	hold    act = "hold"   // runs until it is released or cancelled
	put     act = "put"    // fails and is tried again in a day
)

// far is when a job is due that is not to be done in the test.
const far = 24 * time.Hour

// later is in the error of a job that is to be tried again in a day.
const later = "try again later"

// job is the payload of a job.
type job struct {
	ID string `json:"id,omitempty"` // of a member of a group
	Do []act  `json:"do"`           // at each try; the last stands for all that follow
}

// act does what is asked for.
func (p *process) act(ctx context.Context, what act, release <-chan struct{}, task *asynq.Task) error {
	switch what {
	case succeed:
		return nil
	case fail:
		return errors.New("it failed")
	case put:
		return errors.New(later)
	case skip:
		return fmt.Errorf("of no use: %w", asynq.SkipRetry)
	case revoke:
		return fmt.Errorf("not wanted: %w", asynq.RevokeTask)
	case crash:
		panic("a bug")
	case write:
		_, err := task.ResultWriter().Write([]byte("the result"))
		return err
	case dawdle:
		release = nil
	case hold:
	}
	timer := time.NewTimer(p.w.times.slow)
	defer timer.Stop()
	done := timer.C
	if what == hold {
		done = nil
	}
	select {
	case <-done:
		return nil
	case <-release:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-p.over:
		return errors.New("its process ended")
	}
}

// run is one try of a job.
type run struct {
	id      string
	retried int
}

// journal notes what the processes of a world do. Whatever a process does after its crash is not noted.
type journal struct {
	mu       sync.Mutex
	runs     map[run]int          // how often each was begun
	done     map[string]int       // how often a job succeeded, by ID
	starts   map[string]time.Time // of the last run, by ID
	ends     map[string]time.Time // likewise of the success
	active   map[string]work      // what is being worked, by ID
	release  chan struct{}        // closed when jobs that hold are to end
	released bool
	tell     func(event, id string) // is told what is noted; nil tells nobody
}

// work is a try that is under way.
type work struct {
	by    *process
	until time.Time // asynq ends it then
}

// Events that a journal tells of.
const (
	eventBegan    = "began"
	eventFinished = "finished"
)

func newJournal() *journal {
	return &journal{
		runs: map[run]int{}, done: map[string]int{}, starts: map[string]time.Time{}, ends: map[string]time.Time{},
		active: map[string]work{}, release: make(chan struct{}),
	}
}

func (j *journal) began(p *process, id string, retried int, until time.Time) <-chan struct{} {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !p.isDead() {
		j.runs[run{id, retried}]++
		j.active[id], j.starts[id] = work{p, until}, time.Now()
		j.telling(eventBegan, id)
	}
	return j.release
}

func (j *journal) ended(p *process, id string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.active[id].by == p {
		delete(j.active, id)
	}
}

func (j *journal) finished(p *process, ids ...string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, id := range ids {
		if !p.isDead() {
			j.done[id]++
			j.ends[id] = time.Now()
			j.telling(eventFinished, id)
		}
		if j.active[id].by == p {
			delete(j.active, id)
		}
	}
}

// let ends all jobs that hold, now and from now on.
func (j *journal) let() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.released {
		j.released = true
		close(j.release)
	}
}

// telling tells of an event. Victims tell of theirs, so that it is known what they did.
func (j *journal) telling(event, id string) {
	if j.tell != nil {
		j.tell(event, id)
	}
}

// held are the IDs of the jobs that run in processes that live and that asynq lets run until after that time, sorted.
func (j *journal) held(after time.Time) []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	var ids []string
	for id, w := range j.active {
		if w.by.isRunning() && w.until.After(after) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// tries copies how often each try was begun.
func (j *journal) tries() map[run]int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return maps.Clone(j.runs)
}

// successes says how often a job succeeded.
func (j *journal) successes(id string) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.done[id]
}

// endOf says when a job succeeded last; zero for never.
func (j *journal) endOf(id string) time.Time {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.ends[id]
}

// startOf says when a job was begun last; zero for never.
func (j *journal) startOf(id string) time.Time {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.starts[id]
}

// holder is a process that works a job; nil without one.
func (j *journal) holder() *process {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, w := range j.active {
		if w.by.isRunning() {
			return w.by
		}
	}
	return nil
}

// all copies how often each job succeeded.
func (j *journal) all() map[string]int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return maps.Clone(j.done)
}

// works says whether a process works a job.
func (j *journal) works(p *process, id string) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.active[id].by == p
}
