package thrift

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// wakeKind is what other processes are told of a queue.
type wakeKind int

const (
	wakeJobs     wakeKind = iota // it has new pending jobs
	wakeDue                      // it has a new scheduled or retried job
	wakeGroups                   // it has new jobs in groups
	wakePaused                   // it was paused
	wakeUnpaused                 // and goes on
)

// wakeTimeout bounds one attempt to send.
const wakeTimeout = 5 * time.Second

// waker tells other processes of new work, with at most one PUBLISH in an interval. What cannot be sent is dropped: the
// others' survey finds the jobs. Its methods are safe for concurrent use.
type waker struct {
	client   redis.UniversalClient
	sender   string
	interval time.Duration
	enabled  bool
	logger   *slog.Logger

	ctx    context.Context // of what is being sent
	cancel context.CancelFunc
	hurry  chan struct{} // closed with close: no more intervals

	mu      sync.Mutex
	closed  bool
	pending wakeUp        // one entry a queue: bounded by the queues that this process uses
	sending chan struct{} // nil without a goroutine; it closes it at its end
	last    time.Time     // of the last PUBLISH
}

// newWaker sends nothing and starts nothing. Not enabled, it never does.
func newWaker(client redis.UniversalClient, sender string, interval time.Duration, enabled bool, logger *slog.Logger) *waker {
	ctx, cancel := context.WithCancel(context.Background())
	return &waker{
		client: client, sender: sender, interval: interval, enabled: enabled, logger: logger,
		ctx: ctx, cancel: cancel, hurry: make(chan struct{}), pending: wakeUp{},
	}
}

// note has the others told of a queue: at once when nothing was sent for an interval, else when that is over, together
// with what else happens. at is when a job is due, in Unix seconds, with wakeDue only. It never waits. After close it
// does nothing.
func (w *waker) note(queue string, what wakeKind, at int64) {
	if !w.enabled {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return
	}
	w.pending[queue] = w.pending[queue].with(what, at)
	if w.sending == nil {
		w.sending = make(chan struct{})
		go w.send(w.sending)
	}
}

// with adds what happened to a queue.
func (q wakeQueue) with(what wakeKind, at int64) wakeQueue {
	switch what {
	case wakeJobs:
		q.Jobs = true
	case wakeDue:
		at = max(at, 1) // 0 means none
		if q.Due == 0 || at < q.Due {
			q.Due = at
		}
	case wakeGroups:
		q.Groups = true
	case wakePaused:
		q.Pause = pausePaused
	case wakeUnpaused:
		q.Pause = pauseUnpaused
	}
	return q
}

// send sends until nothing is left.
func (w *waker) send(done chan struct{}) {
	defer close(done)
	for {
		w.mu.Lock()
		rest := w.interval - time.Since(w.last)
		w.mu.Unlock()
		select {
		case <-time.After(rest):
		case <-w.hurry:
		}
		next := w.take()
		if next == nil {
			return
		}
		for _, message := range encodeWakeUp(w.sender, next) {
			w.publish(message)
		}
	}
}

// take is what is to be sent now. Nothing ends the goroutine that asks.
func (w *waker) take() wakeUp {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.pending) == 0 {
		w.sending = nil
		return nil
	}
	next := w.pending
	w.pending, w.last = wakeUp{}, time.Now()
	return next
}

func (w *waker) publish(message string) {
	ctx, cancel := context.WithTimeout(w.ctx, wakeTimeout)
	defer cancel()
	if err := w.client.Publish(ctx, wakeChannel, message).Err(); err != nil {
		w.logger.Debug("a wake-up was not sent: other processes find the jobs with their survey", "error", err)
	}
}

// close sends what is left and ends. When ctx ends first, the rest is dropped, and an attempt under way ends with the
// client's timeouts. It may be called more than once.
func (w *waker) close(ctx context.Context) {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.hurry)
	}
	sending := w.sending
	w.mu.Unlock()
	defer w.cancel()
	if sending == nil {
		return
	}
	select {
	case <-sending:
	case <-ctx.Done():
	}
}
