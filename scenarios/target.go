package scenarios

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"tollgate/loadgen"
	"tollgate/system/queue"
)

// cacheTTL is the time to live of the values that the load writes: like the service's
// own, they are deleted when they are no longer true.
const cacheTTL = 30 * 24 * time.Hour

// Target is a world's service as the load generator meets it: API requests go over
// HTTP, jobs and cache operations through the service's own functions, as its
// schedules and request handlers would call them. It is a loadgen.Target.
type Target struct {
	world  *World
	client *http.Client
}

// NewTarget reaches the API over the world's network without the added round trip:
// the callers of the API sit beside it.
func NewTarget(w *World) *Target {
	return &Target{world: w, client: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{
		DialContext: w.network.DialContext, MaxIdleConnsPerHost: 64, MaxConnsPerHost: 256,
	}}}
}

// Close drops the idle connections.
func (t *Target) Close() { t.client.CloseIdleConnections() }

// Enqueue accepts a job.
func (t *Target) Enqueue(ctx context.Context, name string, payload []byte) (id string, err error) {
	return t.world.Service().Enqueue(ctx, queue.Name(name), json.RawMessage(payload))
}

// Request sends one API request and reads its whole answer.
func (t *Target) Request(ctx context.Context, r loadgen.Request) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, "http://"+t.world.Service().Addr()+r.Path, bytes.NewReader(r.Body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("X-API-Key", r.Client)
	resp, err := t.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return resp.StatusCode, fmt.Errorf("body of %s %s: %w", r.Method, r.Path, err)
	}
	return resp.StatusCode, nil
}

// CacheRead reads a key.
func (t *Target) CacheRead(ctx context.Context, key string) (hit bool, err error) {
	var v json.RawMessage
	return t.world.Service().Cache().Get(ctx, key, &v)
}

// CacheWrite writes a key.
func (t *Target) CacheWrite(ctx context.Context, key string, value []byte) error {
	return t.world.Service().Cache().Set(ctx, key, json.RawMessage(value), cacheTTL)
}

// CacheDelete deletes a key.
func (t *Target) CacheDelete(ctx context.Context, key string) error {
	return t.world.Service().Cache().Del(ctx, key)
}

// Follow tells a tracker of the ends of jobs until cancel.
func (w *World) Follow(tracker *loadgen.Tracker) (cancel func()) {
	return w.Subscribe(func(e queue.Event) {
		switch e.Kind {
		case queue.Completed:
			tracker.Succeeded(e.JobID)
		case queue.Failed:
			tracker.Failed(e.JobID, e.Final)
		case queue.Added:
			tracker.Accepted(e.JobID, string(e.Queue), e.At)
		case queue.Progress, queue.Missed:
		}
	})
}

// InjectedFaults is the number of provider calls that the failure plan made fail.
func (w *World) InjectedFaults() (n int64) {
	for _, c := range w.Providers.Counts() {
		n += c.Injected
	}
	return n
}
