package thrift

import (
	"context"
	"errors"
	"net"
	"sync"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// errSwitchboardClosed is what subscribers meet that are still there after close.
var errSwitchboardClosed = errors.New("thrift: the governor is closed")

// switchboard is a Redis inside this process that only knows subscribers. asynq's server subscribes to cancellations; what
// it gets is a real subscription of go-redis, whose connection and whose PING every 3 s stay here.
type switchboard struct {
	client *redis.Client // has no connection but those of its subscriptions
	tasks  sync.WaitGroup

	mu     sync.Mutex
	closed bool
	links  map[*link]struct{}
}

func newSwitchboard() *switchboard {
	b := &switchboard{links: map[*link]struct{}{}}
	b.client = redis.NewClient(&redis.Options{
		Addr: "127.0.0.1:6379", // never dialled
		Dialer: func(context.Context, string, string) (net.Conn, error) {
			return b.dial()
		},
		Protocol: 2, DisableIdentity: true, MaxRetries: -1, DialerRetries: 1, PoolSize: 1, PipelinePoolSize: -1,
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
	return b
}

// subscribe is redis.Client's Subscribe. The caller closes the subscription.
func (b *switchboard) subscribe(ctx context.Context, channels ...string) *redis.PubSub {
	return b.client.Subscribe(ctx, channels...)
}

// publish delivers to the subscribers of a channel and says to how many. It never waits: a subscriber that does not keep up
// loses its connection and what it has not read.
func (b *switchboard) publish(channel, payload string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	message := array(bulk("message"), bulk(channel), bulk(payload))
	n := 0
	for l := range b.links {
		if l.channels[channel] && b.sendLocked(l, message) {
			n++
		}
	}
	return n
}

// close cuts every subscriber off and waits for the goroutines that served them. Subscriptions stay their owners' to
// close, as asynq fails when one ends without it: they meet errSwitchboardClosed until then.
func (b *switchboard) close() {
	b.mu.Lock()
	b.closed = true
	for l := range b.links {
		_ = l.conn.Close()
	}
	b.mu.Unlock()
	b.tasks.Wait()
}

// dial connects a subscriber.
func (b *switchboard) dial() (net.Conn, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, errSwitchboardClosed
	}
	theirs, ours := net.Pipe()
	l := &link{conn: ours, out: make(chan []byte, maxUndelivered), channels: map[string]bool{}}
	b.links[l] = struct{}{}
	b.tasks.Go(func() { b.serve(l) })
	b.tasks.Go(func() { b.deliver(l) })
	return theirs, nil
}

// sendLocked queues what goes to a subscriber, and cuts it off when too much waits already.
func (b *switchboard) sendLocked(l *link, reply []byte) bool {
	select {
	case l.out <- reply:
		return true
	default:
		b.hangUpLocked(l)
		_ = l.conn.Close()
		return false
	}
}

// hangUpLocked ends what is sent to a subscriber with what is queued.
func (b *switchboard) hangUpLocked(l *link) {
	if l.channels != nil {
		l.channels = nil
		close(l.out)
	}
}
