package thrift

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

const wakeInterval = 20 * time.Millisecond

// told is a message that another process got.
type told struct {
	after time.Duration // since the test began
	what  wakeUp
}

// overhear collects all wake-ups. It is to be asked after synctest.Wait.
func overhear(t *testing.T, m *memory) *[]told {
	began := time.Now()
	var all []told
	l := newListener(m.client(), "observer", listenerCalls{
		wake:       func(w wakeUp) { all = append(all, told{time.Since(began), w}) },
		cancel:     func(string) {},
		subscribed: func() {},
	}, quiet)
	t.Cleanup(l.close)
	synctest.Wait()
	return &all
}

func TestWakerSendsAtOnceThenOnceAnInterval(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := newMemory(t)
		got := overhear(t, m)
		w := newWaker(m.client(), "me", wakeInterval, true, quiet)
		w.note("a", wakeJobs, 0)
		synctest.Wait()
		require.Equal(t, []told{{0, wakeUp{"a": {Jobs: true}}}}, *got, "at once")

		w.note("a", wakeDue, 500)
		w.note("b", wakeGroups, 0)
		w.note("a", wakeDue, 400)
		w.note("a", wakeDue, 450)
		w.note("c", wakePaused, 0)
		w.note("c", wakeUnpaused, 0)
		w.note("d", wakePaused, 0)
		w.note("e", wakeDue, -1)
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, []told{
			{0, wakeUp{"a": {Jobs: true}}},
			{wakeInterval, wakeUp{
				"a": {Due: 400}, "b": {Groups: true}, "c": {Pause: pauseUnpaused}, "d": {Pause: pausePaused}, "e": {Due: 1},
			}},
		}, *got, "together when the interval is over")

		w.note("a", wakeJobs, 0)
		synctest.Wait()
		require.Len(t, *got, 3)
		require.Equal(t, time.Hour, (*got)[2].after, "at once again")
		w.close(t.Context())
	})
}

// A thousand jobs in a second are one PUBLISH an interval.
func TestWakerBoundsItsCommands(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := newMemory(t)
		got := overhear(t, m)
		client := m.client()
		published := 0
		client.AddHook(publishes(&published))
		w := newWaker(client, "me", wakeInterval, true, quiet)
		for i := range 1000 {
			w.note("queue-"+strconv.Itoa(i%11), wakeJobs, 0)
			time.Sleep(time.Millisecond)
		}
		w.close(t.Context())
		synctest.Wait()
		require.Len(t, *got, published)
		require.InDelta(t, time.Second/wakeInterval, published, 2)
		for i := range published - 2 { // close does not wait for the interval
			require.GreaterOrEqual(t, (*got)[i+1].after-(*got)[i].after, wakeInterval)
		}
	})
}

// publishes counts the PUBLISH commands of a client.
func publishes(n *int) redis.Hook { return publishHook{n} }

type publishHook struct{ n *int }

func (h publishHook) DialHook(next redis.DialHook) redis.DialHook { return next }
func (h publishHook) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (h publishHook) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if cmd.Name() == "publish" {
			*h.n++
		}
		return next(ctx, cmd)
	}
}

func TestWakerCloseSendsWhatIsLeft(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := newMemory(t)
		got := overhear(t, m)
		client := m.client()
		published := 0
		client.AddHook(publishes(&published))
		w := newWaker(client, "me", time.Hour, true, quiet)
		w.note("a", wakeJobs, 0)
		synctest.Wait()
		w.note("b", wakeJobs, 0)
		w.close(t.Context())
		w.close(t.Context())
		w.note("c", wakeJobs, 0)
		synctest.Wait()
		require.Equal(t, []told{{0, wakeUp{"a": {Jobs: true}}}, {0, wakeUp{"b": {Jobs: true}}}}, *got)
		require.Equal(t, 2, published, "and nothing is tried later")
	})
}

// close is bounded by its context even where Redis does not answer, and the goroutine ends with the client's timeouts:
// the bubble would not end otherwise.
func TestWakerCloseIsBounded(t *testing.T) {
	for name, state := range map[string]network{"refuses": refuses, "hangs": hangs, "mute": mute} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				m := newMemory(t)
				m.become(state)
				w := newWaker(m.client(), "me", time.Millisecond, true, quiet)
				w.note("a", wakeJobs, 0)
				ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
				defer cancel()
				began := time.Now()
				w.close(ctx)
				require.LessOrEqual(t, time.Since(began), 50*time.Millisecond)
				time.Sleep(time.Minute)
				m.kill()
			})
		})
	}
}

// What is not sent is dropped, and does not hold up what comes later.
func TestWakerDropsWhatItCannotSend(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := newMemory(t)
		got := overhear(t, m)
		w := newWaker(m.client(), "me", wakeInterval, true, quiet)
		m.become(refuses)
		w.note("a", wakeJobs, 0)
		time.Sleep(time.Second)
		m.become(works)
		w.note("b", wakeJobs, 0)
		synctest.Wait()
		require.Equal(t, []told{{time.Second, wakeUp{"b": {Jobs: true}}}}, *got)
		w.close(t.Context())
	})
}

func TestWakerDisabled(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := newMemory(t)
		w := newWaker(m.client(), "", 0, false, quiet)
		w.note("a", wakeJobs, 0)
		synctest.Wait()
		w.close(t.Context())
		dials, _, _ := m.count()
		require.Zero(t, dials)
	})
}
