package thrift

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// A subscription that always ends as soon as it is there must not have the process survey Redis all the time; one that had
// lasted is made anew without delay.
func TestListenerCalmsDownWhenSubscriptionsDoNotLast(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := newMemory(t)
		var steady atomic.Bool
		var subscribed, last atomic.Int64
		l := newListener(m.client(), "me", listenerCalls{
			wake:   func(wakeUp) {},
			cancel: func(string) {},
			subscribed: func() {
				subscribed.Add(1)
				last.Store(time.Now().UnixNano())
				if !steady.Load() {
					m.kill()
				}
			},
		}, quiet)
		defer l.close()
		time.Sleep(10 * time.Minute)
		require.LessOrEqual(t, subscribed.Load(), int64(100))
		require.Greater(t, subscribed.Load(), int64(10*60/15), "pauses stay under 15 s with their jitter")

		steady.Store(true)
		time.Sleep(time.Minute)
		killed := time.Now().UnixNano()
		require.Less(t, last.Load(), killed-int64(listenMaxPause))
		m.kill()
		time.Sleep(time.Second)
		synctest.Wait()
		require.Greater(t, last.Load(), killed)
		require.Less(t, last.Load(), killed+int64(200*time.Millisecond))
	})
}
