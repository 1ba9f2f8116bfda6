package thrift_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"
)

// unsettled lists what is about to change by itself: due jobs, jobs under way that nobody holds, groups that wait.
func (w *world) unsettled() (open []string) {
	later := time.Now().Add(far / 2)
	s, soon := w.snapshot(), float64(later.Unix())
	held, working := w.journal.held(later), false
	for _, p := range w.running() {
		working = working || p.server != nil
	}
	for key, ids := range s.lists {
		queue, rest, _ := split(key)
		_, paused := s.texts["asynq:{"+queue+"}:paused"]
		if rest == "pending" && !paused && working {
			open = append(open, fmt.Sprintf("%s has %v", key, ids))
		}
		for _, id := range ids {
			if rest == "active" && !slices.Contains(held, id) {
				open = append(open, fmt.Sprintf("%s has %s, which no process works", key, id))
			}
		}
	}
	for key, scores := range s.zsets {
		_, rest, _ := split(key)
		group := strings.HasPrefix(rest, "g:") || rest == "aggregation_sets"
		for id, score := range scores {
			due := slices.Contains([]string{"scheduled", "retry", "completed"}, rest) && score < soon
			if working && (group || due) {
				open = append(open, fmt.Sprintf("%s has %s", key, id))
			}
		}
	}
	return open
}

// rest lets everything come to rest that does so by itself, and what processes know of each other with it.
func (w *world) rest(within time.Duration) {
	if w.inBubble() {
		w.passes(within)
		require.Empty(w.t, w.unsettled(), "not settled after %v", within)
		return
	}
	quiet := time.Now()
	require.True(w.t, w.eventually(within, func() bool {
		if len(w.unsettled()) > 0 {
			quiet = time.Now()
		}
		return time.Since(quiet) > w.times.settling
	}), "not settled after %v: %v", within, w.unsettled())
}

// eventually waits on the real clock until so, and says whether it came to be in time. It asks in this goroutine, where
// checks may fail.
func (w *world) eventually(within time.Duration, so func() bool) bool {
	ticker := time.NewTicker(w.times.look)
	defer ticker.Stop()
	for limit := time.Now().Add(within); !so(); <-ticker.C {
		if time.Now().After(limit) {
			return false
		}
	}
	return true
}

// finish releases what is held, has a process do what is left, stops all in good order and has asynq forget them.
func (w *world) finish(names []string, kinds map[string]kind, within time.Duration) snapshot {
	w.journal.let()
	for _, name := range names {
		if p := w.find(name); p == nil || !p.isRunning() {
			w.start(name, kinds[name])
		}
	}
	w.rest(within)
	for _, p := range w.running() {
		p.stop()
	}
	if w.inBubble() {
		w.passes(w.times.forgetServer)
		require.Empty(w.t, w.listed(), "servers that are gone are still listed after %v", w.times.forgetServer)
	} else {
		require.True(w.t, w.eventually(w.times.forgetServer, func() bool { return len(w.listed()) == 0 }), "servers that are gone are still listed: %v", w.listed())
	}
	return w.snapshot()
}

// listed are the servers that asynq's tools show, and the keys that describe one. A name whose key is gone is shown by no
// tool; where a process crashed, a governor may leave it.
func (w *world) listed() []string {
	shown, err := asynq.NewInspectorFromRedisClient(w.observer).Servers()
	require.NoError(w.t, err)
	ctx := context.Background()
	servers, err := w.observer.Keys(ctx, "asynq:servers:*").Result()
	require.NoError(w.t, err)
	workers, err := w.observer.Keys(ctx, "asynq:workers:*").Result()
	require.NoError(w.t, err)
	all := append(servers, workers...)
	for _, server := range shown {
		all = append(all, server.ID)
	}
	if w.crashed {
		return all
	}
	for _, set := range serverLists {
		names, err := w.observer.ZRange(ctx, set, 0, -1).Result()
		require.NoError(w.t, err)
		all = append(all, names...)
	}
	return all
}

// serverLists are asynq's sets of the names of servers.
var serverLists = []string{"asynq:servers", "asynq:workers"}
