package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/system/accounts"
	"tollgate/system/api"
	"tollgate/system/cache"
	"tollgate/system/providers"
	"tollgate/system/queue"
	"tollgate/system/ratelimit"
)

// world is an API over fakes whose behaviour a test sets.
type world struct {
	*api.Handler
	log bytes.Buffer

	allow   func(ctx context.Context, subject string) (ratelimit.Decision, error)
	get     func(ctx context.Context, user string) (accounts.Account, error)
	enqueue api.Enqueue
	health  func(ctx context.Context) error
	store   *memStore
}

func (w *world) Allow(ctx context.Context, subject string) (ratelimit.Decision, error) {
	return w.allow(ctx, subject)
}

func (w *world) Get(ctx context.Context, user string) (accounts.Account, error) {
	return w.get(ctx, user)
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{store: &memStore{data: map[string][]byte{}}}
	w.allow = func(context.Context, string) (ratelimit.Decision, error) {
		return ratelimit.Decision{Allowed: true, Limit: 100, Window: time.Minute, Remaining: 99}, nil
	}
	w.get = func(_ context.Context, user string) (accounts.Account, error) {
		if user == "nobody" {
			return accounts.Account{}, fmt.Errorf("%w: %q", accounts.ErrNotFound, user)
		}
		return accounts.Account{
			User: user, RefreshToken: "secret", Suggestions: []string{"call Ada"},
			Contacts: []providers.Contact{{ID: "c1", Name: "Ada"}},
		}, nil
	}
	w.enqueue = func(_ context.Context, name string, _ json.RawMessage) (string, error) {
		if _, err := queue.Lookup(name); err != nil {
			return "", err
		}
		return "job-1", nil
	}
	w.health = func(context.Context) error { return nil }
	c, err := cache.New(cache.Config{Store: w.store})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	w.Handler = api.New(api.Config{
		Limiter: w, Cache: c, Accounts: w,
		Enqueue: func(ctx context.Context, name string, payload json.RawMessage) (string, error) {
			return w.enqueue(ctx, name, payload)
		},
		Health: func(ctx context.Context) error { return w.health(ctx) },
		Logger: slog.New(slog.NewTextHandler(&w.log, nil)),
	})
	return w
}

// do sends a request straight to the handler; header pairs follow the body.
func (w *world) do(method, target, body string, header ...string) *httptest.ResponseRecorder {
	return w.doContext(context.Background(), method, target, body, header...)
}

func (w *world) doContext(ctx context.Context, method, target, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, method, target, strings.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return w.send(r)
}

func (w *world) send(r *http.Request) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, r)
	return rec
}

// requireError checks an error answer and returns its message.
func requireError(t *testing.T, rec *httptest.ResponseRecorder, status int, code string) string {
	t.Helper()
	require.Equal(t, status, rec.Code, rec.Body.String())
	require.Equal(t, "application/json", rec.Header().Get("Content-Type"))
	var body struct {
		Error struct{ Code, Message string }
	}
	decoder := json.NewDecoder(rec.Body)
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&body))
	require.Equal(t, code, body.Error.Code)
	require.NotEmpty(t, body.Error.Message)
	return body.Error.Message
}

var errDown = errors.New("redis at 10.0.0.1 is down")

// memStore is a cache.Store in memory.
type memStore struct {
	mu   sync.Mutex
	data map[string][]byte
	fail error
}

func (s *memStore) Get(_ context.Context, key string) ([]byte, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	raw, ok := s.data[key]
	return raw, ok, s.fail
}

func (s *memStore) MGet(context.Context, ...string) ([][]byte, error) {
	return nil, errors.ErrUnsupported // the plain cache of these tests asks for one key at a time
}

func (s *memStore) Set(_ context.Context, key string, value []byte, _ time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.data[key] = value
	return s.fail
}

func (s *memStore) Del(context.Context, ...string) (int64, error) { return 0, errors.ErrUnsupported }

func (s *memStore) DeletePattern(context.Context, string) (int64, error) {
	return 0, errors.ErrUnsupported
}

var (
	_ http.Handler      = (*api.Handler)(nil)
	_ ratelimit.Limiter = (*world)(nil)
)
