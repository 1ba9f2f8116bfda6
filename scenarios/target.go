package scenarios

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"tollgate/fakes/memnet"
	"tollgate/loadgen"
	"tollgate/system/queue"
	"tollgate/system/service"
)

// cacheTTL is the time to live of the values that the load writes.
const cacheTTL = 10 * time.Minute

// target is the service as the load generator meets it: API requests go over
// HTTP, jobs and cache operations through the service's own functions, as its
// schedules and request handlers would call them.
type target struct {
	service *service.Service
	client  *http.Client
	base    string
}

// newTarget reaches the API over network, which has no added round trip: the
// callers of the API sit beside it.
func newTarget(s *service.Service, network memnet.Network) *target {
	return &target{
		service: s,
		client: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{
			DialContext: network.DialContext, MaxIdleConnsPerHost: 64, MaxConnsPerHost: 256,
		}},
		base: "http://" + s.Addr(),
	}
}

// Close drops the idle connections.
func (t *target) Close() { t.client.CloseIdleConnections() }

// Enqueue accepts a job.
func (t *target) Enqueue(ctx context.Context, name string, payload []byte) (id string, err error) {
	return t.service.Enqueue(ctx, queue.Name(name), json.RawMessage(payload))
}

// Request sends one API request and reads its whole answer.
func (t *target) Request(ctx context.Context, r loadgen.Request) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, t.base+r.Path, bytes.NewReader(r.Body))
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
func (t *target) CacheRead(ctx context.Context, key string) (hit bool, err error) {
	var v json.RawMessage
	return t.service.Cache().Get(ctx, key, &v)
}

// CacheWrite writes a key.
func (t *target) CacheWrite(ctx context.Context, key string, value []byte) error {
	return t.service.Cache().Set(ctx, key, json.RawMessage(value), cacheTTL)
}

// CacheDelete deletes a key.
func (t *target) CacheDelete(ctx context.Context, key string) error {
	return t.service.Cache().Del(ctx, key)
}
