package thrift

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// front is the client that asynq gets. It has no connection: each command goes to its governor.
type front struct {
	redis.UniversalClient
	subscribe func(ctx context.Context, channels ...string) *redis.PubSub
}

// Subscribe is not seen by hooks, and a subscription would cost a connection.
func (f *front) Subscribe(ctx context.Context, channels ...string) *redis.PubSub {
	return f.subscribe(ctx, channels...)
}

// errNoConnection is what a command that no hook answers would meet.
var errNoConnection = errors.New("thrift: asynq's client has no connection of its own")

// newFront makes a client whose commands go to process.
func newFront(process redis.ProcessHook, pipeline redis.ProcessPipelineHook, subscribe func(context.Context, ...string) *redis.PubSub) *front {
	client := redis.NewClient(&redis.Options{
		Addr:       "127.0.0.1:6379", // never dialled; a literal, as a name would be resolved
		Dialer:     func(context.Context, string, string) (net.Conn, error) { return nil, errNoConnection },
		MaxRetries: -1, DialerRetries: 1, PoolSize: 1, PipelinePoolSize: -1, Protocol: 2, DisableIdentity: true,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
	client.AddHook(frontHook{process, pipeline})
	return &front{client, subscribe}
}

// frontHook hands commands over. It is go-redis' documented way to answer a command without sending it.
type frontHook struct {
	process  redis.ProcessHook
	pipeline redis.ProcessPipelineHook
}

func (h frontHook) DialHook(next redis.DialHook) redis.DialHook     { return next }
func (h frontHook) ProcessHook(redis.ProcessHook) redis.ProcessHook { return h.process }
func (h frontHook) ProcessPipelineHook(redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return h.pipeline
}

// Repetition of commands that met a network error, as go-redis does it by default.
const (
	maxAttempts     = 4
	minRetryBackoff = 8 * time.Millisecond
	maxRetryBackoff = 512 * time.Millisecond
)

// pass sends a command as it is. It repeats it after a network error as go-redis would.
func (g *Governor) pass(ctx context.Context, cmd redis.Cmder) error {
	for attempt := 1; ; attempt++ {
		err := g.redis.Process(ctx, cmd)
		if !broken(err) || attempt == maxAttempts || !g.sleep(ctx, retryBackoff(attempt)) {
			return err
		}
		cmd.SetErr(nil)
	}
}

// passPipeline sends commands together as they are, once.
func (g *Governor) passPipeline(ctx context.Context, cmds []redis.Cmder) error {
	_, err := g.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, cmd := range cmds {
			_ = p.Process(ctx, cmd)
		}
		return nil
	})
	return err
}

// sleep waits, and is false when ctx or the governor ends first.
func (g *Governor) sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	case <-g.closing.Done():
		return false
	}
}

// retryBackoff is exponential with full jitter.
func retryBackoff(attempt int) time.Duration {
	return min(maxRetryBackoff, minRetryBackoff+rand.N(minRetryBackoff<<attempt))
}

// broken says whether err is one of the connection, not an answer of Redis: what was sent may or may not have been done.
func broken(err error) bool {
	if err == nil || errors.Is(err, redis.Nil) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return false
	}
	var network net.Error
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.ErrClosedPipe) ||
		errors.Is(err, redis.ErrPoolTimeout) || errors.As(err, &network) || refusedForNow(err)
}

// refusedForNow says whether Redis answered that it cannot serve at the moment.
func refusedForNow(err error) bool {
	text := err.Error()
	for _, prefix := range []string{"LOADING ", "READONLY ", "CLUSTERDOWN ", "TRYAGAIN ", "MASTERDOWN ", "ERR max number of clients reached"} {
		if strings.HasPrefix(text, prefix) {
			return true
		}
	}
	return false
}

// unsent says whether err means that nothing was sent.
func unsent(err error) bool {
	var op *net.OpError
	return errors.Is(err, redis.ErrPoolTimeout) || refusedForNow(err) || errors.As(err, &op) && op.Op == "dial"
}
