package thrift

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
	"github.com/stretchr/testify/require"

	"tollgate/fakes/redisserver"
)

// ears is what a listener hears on the real clock.
type ears struct {
	mu         sync.Mutex
	wakes      []wakeUp
	cancels    []string
	subscribed int
	log        bytes.Buffer
}

func (e *ears) noted(f func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	f()
}

// becomes waits until a condition on what was heard holds.
func (e *ears) becomes(t *testing.T, what string, cond func() bool) {
	t.Helper()
	require.Eventually(t, func() (ok bool) {
		e.noted(func() { ok = cond() })
		return ok
	}, 30*time.Second, 5*time.Millisecond, what)
}

// A listener holds one connection to a real Redis, and gets over killed connections, a refusal to let it subscribe, and a
// restart.
func TestListenerOnRealRedis(t *testing.T) {
	server, err := redisserver.Start(t.Context(), redisserver.Config{})
	if errors.Is(err, redisserver.ErrNotInstalled) {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Stop()) })
	connect := func() *redis.Client {
		c := redis.NewClient(&redis.Options{
			Addr: server.Addr(), MaxRetries: -1, DialerRetries: 1, PoolSize: 1, PipelinePoolSize: -1, Protocol: 2, DisableIdentity: true,
			MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		})
		t.Cleanup(func() { require.NoError(t, c.Close()) })
		return c
	}
	admin := connect()
	subscribers := func() int {
		list, err := admin.Do(t.Context(), "CLIENT", "LIST", "TYPE", "pubsub").Text()
		require.NoError(t, err)
		return strings.Count(list, "\n")
	}

	var e ears
	l := newListener(connect(), "me", listenerCalls{
		wake:       func(w wakeUp) { e.noted(func() { e.wakes = append(e.wakes, w) }) },
		cancel:     func(id string) { e.noted(func() { e.cancels = append(e.cancels, id) }) },
		subscribed: func() { e.noted(func() { e.subscribed++ }) },
	}, slog.New(slog.NewTextHandler(&e.log, nil)))
	defer l.close()
	heard := func(subscribed int) {
		t.Helper()
		e.becomes(t, "subscribed", func() bool { return e.subscribed == subscribed })
		require.Equal(t, 1, subscribers())
		for _, message := range append(encodeWakeUp("me", wakeUp{"mine": {Jobs: true}}), encodeWakeUp("other", wakeUp{"a": {Due: 7}})...) {
			require.NoError(t, admin.Publish(t.Context(), wakeChannel, message).Err())
		}
		require.NoError(t, admin.Publish(t.Context(), cancelChannel, "job-1").Err())
		e.becomes(t, "both messages", func() bool { return len(e.wakes) == subscribed && len(e.cancels) == subscribed })
		e.noted(func() { require.Equal(t, wakeUp{"a": {Due: 7}}, e.wakes[subscribed-1]) })
	}
	heard(1)

	for n := range 3 {
		require.NoError(t, admin.Do(t.Context(), "CLIENT", "KILL", "TYPE", "pubsub").Err())
		heard(n + 2)
	}

	require.NoError(t, admin.Do(t.Context(), "ACL", "SETUSER", "default", "resetchannels").Err())
	require.NoError(t, admin.Do(t.Context(), "CLIENT", "KILL", "TYPE", "pubsub").Err()) // newer versions of Redis did it with the rule
	require.Eventually(t, func() bool {
		list, err := admin.Do(t.Context(), "ACL", "LOG").Slice()
		return err == nil && len(list) > 0
	}, 30*time.Second, 5*time.Millisecond)
	require.Zero(t, subscribers())
	require.NoError(t, admin.Do(t.Context(), "ACL", "SETUSER", "default", "allchannels").Err())
	heard(5)

	require.NoError(t, server.Restart(t.Context(), false))
	require.Eventually(t, func() bool { return admin.Ping(t.Context()).Err() == nil }, 30*time.Second, 5*time.Millisecond)
	heard(6)

	l.close()
	require.Eventually(t, func() bool { return subscribers() == 0 }, 30*time.Second, 5*time.Millisecond)
}
