package thrift

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/cenkalti/backoff/v5"
	"github.com/redis/go-redis/v9"
)

// cancelChannel is asynq's own: its payloads are IDs of jobs.
const cancelChannel = "asynq:cancel"

// Times of the subscription.
const (
	// listenConnect bounds an attempt to subscribe.
	listenConnect = 10 * time.Second
	// listenPing is how long nothing need arrive before a PING, which Upstash does not bill, keeps the connection from
	// being taken for idle.
	listenPing = time.Minute
	// listenPong is how long its answer may take. The connection is replaced then.
	listenPong = 10 * time.Second
	// listenMaxPause bounds the pause before the next attempt to subscribe. Pauses begin at 100 ms and grow, until a
	// subscription has lasted this long.
	listenMaxPause = 10 * time.Second
	// listenClose is how long close waits for a handshake, which nothing but the client's timeouts ends.
	listenClose = 100 * time.Millisecond
)

// listenerCalls are what a listener calls, one at a time, from its own goroutine. None is nil.
type listenerCalls struct {
	wake       func(wakeUp)    // another process tells of something
	cancel     func(id string) // a job is to be cancelled, whoever asked
	subscribed func()          // the subscription is there, or there again: anything may have been missed before
}

// listener holds the one subscription of a process.
type listener struct {
	client redis.UniversalClient
	sender string
	calls  listenerCalls
	logger *slog.Logger

	pause  *backoff.ExponentialBackOff
	since  time.Time // of the subscription that is there; zero without one
	down   bool      // and the operator knows
	cancel context.CancelFunc
	done   chan struct{}
}

// newListener subscribes without waiting for it, as soon as Redis is there. Messages of sender itself are left out.
func newListener(client redis.UniversalClient, sender string, calls listenerCalls, logger *slog.Logger) *listener {
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval = 100*time.Millisecond, listenMaxPause
	ctx, cancel := context.WithCancel(context.Background())
	l := &listener{
		client: client, sender: sender, calls: calls, logger: logger,
		pause: pause, cancel: cancel, done: make(chan struct{}),
	}
	go l.run(ctx)
	return l
}

// close ends the subscription. It may be called more than once.
func (l *listener) close() {
	l.cancel()
	select {
	case <-l.done:
	case <-time.After(listenClose):
	}
}

// run subscribes again whenever a subscription ends.
func (l *listener) run(ctx context.Context) {
	defer close(l.done)
	for ctx.Err() == nil {
		if err := l.listen(ctx); ctx.Err() == nil {
			l.wait(ctx, err)
		}
	}
}

// listen makes a subscription and receives until it is of no use any more.
func (l *listener) listen(ctx context.Context) error {
	sub := l.client.Subscribe(ctx) // connects with the first channel
	defer func() { _ = sub.Close() }()
	defer context.AfterFunc(ctx, func() { _ = sub.Close() })()
	if err := subscribe(ctx, sub); err != nil {
		return fmt.Errorf("subscribe: %w", err)
	}
	for {
		message, err := receive(ctx, sub)
		switch {
		case err == nil:
			l.handle(ctx, message)
		case ctx.Err() != nil || refused(err):
			return fmt.Errorf("receive: %w", err)
		default: // go-redis connects again, and subscribes
			l.wait(ctx, err)
		}
	}
}

func subscribe(ctx context.Context, sub *redis.PubSub) error {
	ctx, cancel := context.WithTimeout(ctx, listenConnect)
	defer cancel()
	return sub.Subscribe(ctx, wakeChannel, cancelChannel)
}

// receive waits for a message, and asks for a sign of life when none comes. Without one the connection is dropped when
// the context's time is over.
func receive(ctx context.Context, sub *redis.PubSub) (any, error) {
	ctx, cancel := context.WithTimeout(ctx, listenPing+listenPong)
	defer cancel()
	message, err := sub.ReceiveTimeout(ctx, listenPing)
	var network net.Error
	if !errors.As(err, &network) || !network.Timeout() {
		return message, err
	}
	if err := sub.Ping(ctx); err != nil {
		return nil, err
	}
	return sub.Receive(ctx) // ReceiveTimeout would keep the connection
}

// refused says whether Redis answered with an error: the connection lives, but without a subscription.
func refused(err error) bool {
	var answer redis.Error
	return errors.As(err, &answer)
}

// handle hands on what was received.
func (l *listener) handle(ctx context.Context, message any) {
	if ctx.Err() != nil {
		return
	}
	switch m := message.(type) {
	case *redis.Subscription:
		if m.Kind == "subscribe" && m.Count == 2 { // both channels
			l.up()
			l.calls.subscribed()
		}
	case *redis.Message:
		if m.Channel == cancelChannel {
			l.calls.cancel(m.Payload)
			return
		}
		sender, w, err := decodeWakeUp(m.Payload)
		if err != nil {
			l.logger.Debug("a wake-up is not understood", "error", err)
			return
		}
		if sender != l.sender && len(w) > 0 {
			l.calls.wake(w)
		}
	}
}

// up notes that the subscription is there.
func (l *listener) up() {
	l.since = time.Now()
	if l.down {
		l.logger.Info("the subscription to other processes is there again")
	}
	l.down = false
}

// wait is the pause after a failure, the first of which the operator is told. Pauses begin anew only after a subscription
// that has lasted: each new one costs a full survey, and one that always ends at once must not cost ten a second.
func (l *listener) wait(ctx context.Context, err error) {
	if !l.since.IsZero() && time.Since(l.since) >= listenMaxPause {
		l.pause.Reset()
	}
	l.since = time.Time{}
	if !l.down {
		l.logger.Warn("the subscription to other processes failed: jobs of others wait for the survey meanwhile", "error", err)
	}
	l.down = true
	select {
	case <-time.After(l.pause.NextBackOff()):
	case <-ctx.Done():
	}
}
