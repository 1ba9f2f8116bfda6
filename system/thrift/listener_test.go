package thrift

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// heard is what a listener's process is told. It is to be asked after synctest.Wait.
type heard struct {
	wakes      []wakeUp
	cancels    []string
	subscribed int
	log        bytes.Buffer
}

func (h *heard) listen(m *memory) *listener {
	return newListener(m.client(), "me", listenerCalls{
		wake:       func(w wakeUp) { h.wakes = append(h.wakes, w) },
		cancel:     func(id string) { h.cancels = append(h.cancels, id) },
		subscribed: func() { h.subscribed++ },
	}, slog.New(slog.NewTextHandler(&h.log, nil)))
}

func TestListenerHandsOnWhatOthersSend(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := newMemory(t)
		var h heard
		l := h.listen(m)
		defer l.close()
		synctest.Wait()
		require.Equal(t, 1, h.subscribed)

		for _, message := range []string{
			"garbage", `{"v":99,"s":"other","q":{"a":{"j":true}}}`, strings.Repeat("x", 1<<20), `{"v":1,"s":"other"}`,
			encodeWakeUp("me", wakeUp{"own": {Jobs: true}})[0],
			encodeWakeUp("other", wakeUp{"a": {Due: 7}})[0],
		} {
			require.Equal(t, 1, m.redis.Publish(wakeChannel, message))
		}
		require.Equal(t, 1, m.redis.Publish(cancelChannel, "job-1"))
		m.redis.Publish("asynq:else", "job-2")
		synctest.Wait()
		require.Equal(t, []wakeUp{{"a": {Due: 7}}}, h.wakes)
		require.Equal(t, []string{"job-1"}, h.cancels)
		require.Empty(t, h.log.String())
	})
}

func TestListenerSubscribesAgain(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := newMemory(t)
		var h heard
		l := h.listen(m)
		defer l.close()
		synctest.Wait()
		for n := range 4 {
			m.kill()
			time.Sleep(time.Second)
			synctest.Wait()
			require.Equal(t, n+2, h.subscribed)
			m.redis.Publish(wakeChannel, encodeWakeUp("other", wakeUp{"a": {Jobs: true}})[0])
			synctest.Wait()
			require.Len(t, h.wakes, n+1)
		}
		dials, open, peak := m.count()
		require.Equal(t, 5, dials, "one for each time")
		require.Equal(t, 1, open)
		require.Equal(t, 1, peak)
		require.Equal(t, 4, strings.Count(h.log.String(), "level=WARN"))
		require.Equal(t, 4, strings.Count(h.log.String(), "level=INFO"))
	})
}

// A Redis that is away, or that does not let anybody subscribe, is asked ever more rarely and told about once.
func TestListenerStartsWithoutRedis(t *testing.T) {
	for _, c := range []struct {
		name     string
		away     func(m *memory)
		back     func(m *memory)
		attempts int // in the first hour, at most
	}{
		{"refuses", func(m *memory) { m.become(refuses) }, func(m *memory) { m.become(works) }, 800},
		{"hangs", func(m *memory) { m.become(hangs) }, func(m *memory) { m.become(works); m.kill() }, 800},
		{"mute", func(m *memory) { m.become(mute) }, func(m *memory) { m.become(works); m.kill() }, 800},
		{"forbids", func(m *memory) { m.redis.SetError("NOPERM no") }, func(m *memory) { m.redis.SetError("") }, 800},
	} {
		t.Run(c.name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				m := newMemory(t)
				c.away(m)
				var h heard
				began := time.Now()
				l := h.listen(m)
				require.Zero(t, time.Since(began))
				time.Sleep(time.Hour)
				synctest.Wait()
				require.Zero(t, h.subscribed)
				require.Equal(t, 1, strings.Count(h.log.String(), "level=WARN"))
				dials, _, peak := m.count()
				require.LessOrEqual(t, dials, c.attempts)
				require.LessOrEqual(t, peak, 1)

				c.back(m)
				time.Sleep(time.Minute)
				synctest.Wait()
				require.Equal(t, 1, h.subscribed)
				l.close()
			})
		})
	}
}

// An idle subscription lives on one connection, and one whose other end has gone without a word is replaced.
func TestListenerLooksForSignsOfLife(t *testing.T) {
	bubble(t, func(t *testing.T) {
		m := newMemory(t)
		var h heard
		l := h.listen(m)
		defer l.close()
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		dials, _, _ := m.count()
		require.Equal(t, 1, dials)
		require.Equal(t, 1, h.subscribed)
		require.InDelta(t, 24*60, m.redis.CommandCount(), 5, "a PING each minute")

		m.silence()
		time.Sleep(listenPing + listenPong + time.Second)
		synctest.Wait()
		require.Equal(t, 2, h.subscribed)
		_, open, peak := m.count()
		require.Equal(t, 1, open)
		require.Equal(t, 1, peak)
	})
}

// close ends at once, and with it all that runs: the bubble would not end otherwise.
func TestListenerClose(t *testing.T) {
	for name, state := range map[string]network{"works": works, "refuses": refuses, "hangs": hangs} {
		t.Run(name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				m := newMemory(t)
				m.become(state)
				var h heard
				l := h.listen(m)
				time.Sleep(time.Second)
				synctest.Wait()
				began := time.Now()
				l.close()
				l.close()
				require.Zero(t, time.Since(began))
				<-l.done
				synctest.Wait()
				_, open, _ := m.count()
				require.Zero(t, open)
			})
		})
	}
}

// A handshake without an answer ends with the client's timeouts only, for which close does not wait. Not in a bubble, whose
// clock stands still while a goroutine waits for a mutex: go-redis holds one meanwhile.
func TestListenerCloseDuringAHandshake(t *testing.T) {
	m := newMemory(t)
	m.become(mute)
	var h heard
	l := h.listen(m)
	require.Eventually(t, func() bool { _, open, _ := m.count(); return open == 1 }, 10*time.Second, time.Millisecond)
	began := time.Now()
	l.close()
	require.Less(t, time.Since(began), 2*time.Second, "the client's timeout is 3 s")
	m.kill()
	<-l.done
}
