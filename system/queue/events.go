package queue

import (
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"
)

// Kind is the kind of an Event.
type Kind string

// The kinds.
const (
	// Completed: the processor returned nil.
	Completed Kind = "completed"
	// Failed: an attempt ended with an error; Final says whether there will be another one.
	Failed Kind = "failed"
	// Progress: the processor called Job.Progress.
	Progress Kind = "progress"
	// Added: a schedule of this factory added the job.
	Added Kind = "added"
	// Missed: a schedule of this factory was due and its job could not be added. It has no JobID.
	Missed Kind = "missed"
)

// Event is something that happened to a job in this process.
type Event struct {
	Kind  Kind
	Queue Name
	JobID string
	// Attempt counts from 1.
	Attempt int
	// Err is why a Failed attempt failed, or why a job was Missed.
	Err error
	// Final is set on a Failed event when the job goes to the archive: its retries are used up or Err is Permanent.
	Final bool
	// Percent is set on Progress events.
	Percent int
	// Duration is how long the attempt has run.
	Duration time.Duration
	At       time.Time
	// Payload must not be changed.
	Payload []byte
}

// Bus delivers events to subscribers. There is no buffer: a handler runs in the goroutine of the worker that the event
// is about and holds that worker up until it returns, so it must be quick; it may be called by several goroutines at
// once. A handler that panics is logged, and neither the job nor the other handlers notice.
type Bus struct {
	logger *slog.Logger

	mu       sync.RWMutex
	next     int
	handlers []subscription
}

type subscription struct {
	id     int
	handle func(Event)
}

func newBus(logger *slog.Logger) *Bus { return &Bus{logger: logger} }

// Subscribe has handle called for every event from now on, after the handlers subscribed earlier. cancel ends that; a
// call already under way may still be running when cancel returns. cancel can be called more than once.
func (b *Bus) Subscribe(handle func(Event)) (cancel func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	id := b.next
	b.next++
	// A new slice each time: publish reads the old one without a lock.
	b.handlers = append(b.handlers[:len(b.handlers):len(b.handlers)], subscription{id: id, handle: handle})
	return func() { b.unsubscribe(id) }
}

func (b *Bus) unsubscribe(id int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var kept []subscription
	for _, s := range b.handlers {
		if s.id != id {
			kept = append(kept, s)
		}
	}
	b.handlers = kept
}

func (b *Bus) publish(e Event) {
	b.mu.RLock()
	handlers := b.handlers
	b.mu.RUnlock()
	for _, s := range handlers {
		b.call(s.handle, e)
	}
}

func (b *Bus) call(handle func(Event), e Event) {
	defer func() {
		if cause := recover(); cause != nil {
			b.logger.Error("event handler panicked", "queue", e.Queue, "kind", e.Kind, "job", e.JobID,
				"panic", fmt.Sprint(cause), "stack", string(debug.Stack()))
		}
	}()
	handle(e)
}
