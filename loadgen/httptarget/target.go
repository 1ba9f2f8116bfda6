package httptarget

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"tollgate/loadgen"
)

// Defaults and limits.
const (
	// DefaultMaxConns is the default cap of connections to the service; it is as
	// high as the arrivals that a runner keeps under way.
	DefaultMaxConns = loadgen.DefaultMaxInFlight
	// DefaultTimeout bounds a request whose context does not end before.
	DefaultTimeout = 30 * time.Second
	// JobClients is the number of names under which jobs are handed in, in turn.
	// Handing in jobs passes the rate limiter as everything else does; under one
	// name a thousand of them would measure the limiter.
	JobClients = 100

	maxBody   = 1 << 20 // bytes read of an answer
	maxReason = 200     // bytes of an answer that an error quotes
)

// ErrNoCache is returned for cache operations when Config.Cache is nil.
var ErrNoCache = errors.New("httptarget: no cache is configured")

// Cache carries out cache operations, as the methods of loadgen.Target do.
type Cache interface {
	CacheRead(ctx context.Context, key string) (hit bool, err error)
	CacheWrite(ctx context.Context, key string, value []byte) error
	CacheDelete(ctx context.Context, key string) error
}

// Config sets up a [Target].
type Config struct {
	BaseURL string // required, such as http://127.0.0.1:8080
	Cache   Cache  // optional
	// DialContext opens connections; nil dials TCP.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
	MaxConns    int           // 0 is DefaultMaxConns
	Timeout     time.Duration // 0 is DefaultTimeout
}

// Target sends to one service. It implements loadgen.Target.
type Target struct {
	base   string
	client *http.Client
	cache  Cache
	jobs   atomic.Uint64
}

var _ loadgen.Target = (*Target)(nil)

// New checks cfg; it does not connect yet.
func New(cfg Config) (*Target, error) {
	u, err := url.Parse(cfg.BaseURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" {
		return nil, fmt.Errorf("httptarget: %q is not the address of a service; write it like http://127.0.0.1:8080", cfg.BaseURL)
	}
	if cfg.MaxConns < 0 || cfg.Timeout < 0 {
		return nil, fmt.Errorf("httptarget: MaxConns %d and Timeout %s must not be negative", cfg.MaxConns, cfg.Timeout)
	}
	if cfg.MaxConns == 0 {
		cfg.MaxConns = DefaultMaxConns
	}
	if cfg.Timeout == 0 {
		cfg.Timeout = DefaultTimeout
	}
	if cfg.DialContext == nil {
		cfg.DialContext = (&net.Dialer{Timeout: cfg.Timeout}).DialContext
	}
	return &Target{
		base:  strings.TrimSuffix(cfg.BaseURL, "/"),
		cache: cfg.Cache,
		client: &http.Client{
			Timeout: cfg.Timeout,
			Transport: &http.Transport{
				DialContext: cfg.DialContext, TLSHandshakeTimeout: cfg.Timeout,
				MaxConnsPerHost: cfg.MaxConns, MaxIdleConnsPerHost: cfg.MaxConns, MaxIdleConns: cfg.MaxConns,
				IdleConnTimeout: time.Minute,
			},
		},
	}, nil
}

// Close ends the idle connections.
func (t *Target) Close() { t.client.CloseIdleConnections() }

// Healthy returns nil when GET /healthz answers 200.
func (t *Target) Healthy(ctx context.Context) error {
	status, body, err := t.send(ctx, loadgen.Request{Method: http.MethodGet, Path: "/healthz"})
	if err != nil {
		return fmt.Errorf("%s does not answer: %w", t.base, err)
	}
	if status != http.StatusOK {
		return fmt.Errorf("%s is not ready: %w", t.base, &loadgen.StatusError{Op: "GET /healthz", Status: status, Reason: reason(body)})
	}
	return nil
}

// Enqueue implements loadgen.Target; a status other than 2xx is a
// *loadgen.StatusError.
func (t *Target) Enqueue(ctx context.Context, queue string, payload []byte) (string, error) {
	r := loadgen.Request{
		Method: http.MethodPost, Path: "/v1/jobs/" + url.PathEscape(queue), Body: payload,
		Client: "loadgen-jobs-" + strconv.FormatUint(t.jobs.Add(1)%JobClients, 10),
	}
	status, body, err := t.send(ctx, r)
	if err != nil {
		return "", err
	}
	op := r.Method + " " + r.Path
	if status < 200 || status > 299 {
		return "", &loadgen.StatusError{Op: op, Status: status, Reason: reason(body)}
	}
	var accepted struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(body, &accepted); err != nil || accepted.ID == "" {
		return "", fmt.Errorf("%s: status %d without a job id: %q", op, status, reason(body))
	}
	return accepted.ID, nil
}

// Request implements loadgen.Target.
func (t *Target) Request(ctx context.Context, r loadgen.Request) (int, error) {
	status, _, err := t.send(ctx, r)
	return status, err
}

// send returns the status and up to maxBody bytes of the answer.
func (t *Target) send(ctx context.Context, r loadgen.Request) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, r.Method, t.base+r.Path, bytes.NewReader(r.Body))
	if err != nil {
		return 0, nil, fmt.Errorf("%s %s: %w", r.Method, r.Path, err)
	}
	if r.Client != "" {
		req.Header.Set("X-API-Key", r.Client)
	}
	if len(r.Body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := t.client.Do(req)
	if err != nil {
		return 0, nil, err // names method and address itself
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		return 0, nil, fmt.Errorf("%s %s: read answer: %w", r.Method, r.Path, err)
	}
	return resp.StatusCode, body, nil
}

// CacheRead implements loadgen.Target.
func (t *Target) CacheRead(ctx context.Context, key string) (bool, error) {
	if t.cache == nil {
		return false, ErrNoCache
	}
	return t.cache.CacheRead(ctx, key)
}

// CacheWrite implements loadgen.Target.
func (t *Target) CacheWrite(ctx context.Context, key string, value []byte) error {
	if t.cache == nil {
		return ErrNoCache
	}
	return t.cache.CacheWrite(ctx, key, value)
}

// CacheDelete implements loadgen.Target.
func (t *Target) CacheDelete(ctx context.Context, key string) error {
	if t.cache == nil {
		return ErrNoCache
	}
	return t.cache.CacheDelete(ctx, key)
}

// reason shortens an answer for an error.
func reason(body []byte) string {
	return strings.TrimSpace(string(body[:min(len(body), maxReason)]))
}
