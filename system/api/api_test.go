package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/system/accounts"
	"tollgate/system/api"
	"tollgate/system/queue"
)

func TestReadsGoThroughTheCache(t *testing.T) {
	for _, tc := range []struct{ path, key, body string }{
		{"/v1/users/u-1/suggestions", "suggestions:u-1", `{"user":"u-1","suggestions":["call Ada"]}`},
		{"/v1/users/u-1/contacts", "contacts:u-1", `{"user":"u-1","contacts":[{"id":"c1","name":"Ada","phone":"","email":""}]}`},
		{"/v1/users/u-1/calendar", "calendar:u-1", `{"user":"u-1","events":[]}`},
		{"/v1/users/%C3%A4%2Fb/calendar", "calendar:ä/b", `{"user":"ä/b","events":[]}`},
	} {
		t.Run(tc.path, func(t *testing.T) {
			w := newWorld(t)
			for _, from := range []string{"miss", "hit"} {
				rec := w.do("GET", tc.path, "")
				require.Equal(t, http.StatusOK, rec.Code)
				require.JSONEq(t, tc.body, rec.Body.String())
				require.Equal(t, from, rec.Header().Get("X-Cache"))
				require.NotContains(t, rec.Body.String(), "secret")
			}
			require.Contains(t, w.store.data, tc.key, "the key that the jobs write")
			require.Equal(t, http.StatusOK, w.do("HEAD", tc.path, "").Code)
		})
	}
}

func TestReadsSurviveACacheOutage(t *testing.T) {
	w := newWorld(t)
	w.store.fail = errDown
	rec := w.do("GET", "/v1/users/u-1/suggestions", "")
	require.Equal(t, http.StatusOK, rec.Code)
	require.Equal(t, "miss", rec.Header().Get("X-Cache"))
}

func TestJobs(t *testing.T) {
	w := newWorld(t)
	var got string
	inner := w.enqueue
	w.enqueue = func(ctx context.Context, name string, payload json.RawMessage) (string, error) {
		got = string(payload)
		return inner(ctx, name, payload)
	}
	rec := w.do("POST", "/v1/jobs/token-refresh", ` {"user":"u-1"} `)
	require.Equal(t, http.StatusAccepted, rec.Code)
	require.JSONEq(t, `{"id":"job-1","queue":"token-refresh"}`, rec.Body.String())
	require.JSONEq(t, `{"user":"u-1"}`, got)

	w.enqueue = func(context.Context, string, json.RawMessage) (string, error) {
		return "", fmt.Errorf("queue token-refresh: %w", queue.ErrDuplicateJob)
	}
	rec = w.do("POST", "/v1/jobs/token-refresh", `{}`)
	require.Equal(t, http.StatusAccepted, rec.Code)
	require.JSONEq(t, `{"queue":"token-refresh","duplicate":true}`, rec.Body.String())
}

func TestErrors(t *testing.T) {
	long := strings.Repeat("x", 1000)
	for _, tc := range []struct {
		name                 string
		method, target, body string
		set                  func(*world)
		status               int
		code, message        string
	}{
		{name: "no route", method: "GET", target: "/v2", status: 404, code: "not_found", message: `"/v2"`},
		{name: "long route", method: "GET", target: "/" + long, status: 404, code: "not_found", message: `xxx..."`},
		{name: "read with POST", method: "POST", target: "/v1/users/u/calendar", status: 405, code: "method_not_allowed", message: "GET, HEAD"},
		{name: "job with GET", method: "GET", target: "/v1/jobs/token-refresh", status: 405, code: "method_not_allowed", message: "use POST"},
		{name: "health with PUT", method: "PUT", target: "/healthz", status: 405, code: "method_not_allowed", message: "PUT"},
		{name: "unknown queue", method: "POST", target: "/v1/jobs/nonsense", body: "{}", status: 404, code: "unknown_queue", message: `"nonsense"`},
		{name: "malformed JSON", method: "POST", target: "/v1/jobs/token-refresh", body: `{"user":`, status: 400, code: "malformed_json", message: "unexpected end"},
		{name: "no JSON at all", method: "POST", target: "/v1/jobs/token-refresh", status: 400, code: "malformed_json"},
		{name: "two values", method: "POST", target: "/v1/jobs/token-refresh", body: `{} {}`, status: 400, code: "malformed_json"},
		{name: "body too large", method: "POST", target: "/v1/jobs/token-refresh", body: `"` + strings.Repeat("x", api.MaxBody) + `"`, status: 413, code: "body_too_large", message: "65536"},
		{name: "long user", method: "GET", target: "/v1/users/" + long + "/calendar", status: 400, code: "bad_user", message: "128"},
		{name: "user with a space", method: "GET", target: "/v1/users/a%20b/calendar", status: 400, code: "bad_user", message: `"a b"`},
		{name: "user with invalid text", method: "GET", target: "/v1/users/a%ffb/calendar", status: 400, code: "bad_user"},
		{name: "unknown user", method: "GET", target: "/v1/users/nobody/calendar", status: 404, code: "unknown_user", message: `"nobody"`},
		{name: "accounts fail", method: "GET", target: "/v1/users/u/calendar", status: 500, code: "internal", set: func(w *world) {
			w.get = func(context.Context, string) (accounts.Account, error) { return accounts.Account{}, errDown }
		}},
		{name: "queue fails", method: "POST", target: "/v1/jobs/token-refresh", body: "{}", status: 503, code: "unavailable", message: `"token-refresh"`, set: func(w *world) {
			w.enqueue = func(context.Context, string, json.RawMessage) (string, error) { return "", errDown }
		}},
		{name: "payload refused", method: "POST", target: "/v1/jobs/token-refresh", body: "{}", status: 400, code: "bad_payload", set: func(w *world) {
			w.enqueue = func(context.Context, string, json.RawMessage) (string, error) { return "", queue.ErrPayload }
		}},
		{name: "panic", method: "GET", target: "/v1/users/u/calendar", status: 500, code: "internal", set: func(w *world) {
			w.get = func(context.Context, string) (accounts.Account, error) { panic(errDown) }
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			if tc.set != nil {
				tc.set(w)
			}
			message := requireError(t, w.do(tc.method, tc.target, tc.body), tc.status, tc.code)
			require.Contains(t, message, tc.message)
			require.NotContains(t, message, "10.0.0.1", "detail stays in the log")
			require.Less(t, len(message), 200)
			require.Equal(t, tc.status >= 500, strings.Contains(w.log.String(), "10.0.0.1"), w.log.String())
			require.Equal(t, tc.name == "panic", w.Stats().Panics == 1)
		})
	}
}

func TestBrokenBody(t *testing.T) {
	body := io.MultiReader(strings.NewReader("{"), iotest.ErrReader(io.ErrUnexpectedEOF))
	rec := newWorld(t).send(httptest.NewRequest(http.MethodPost, "/v1/jobs/token-refresh", body))
	requireError(t, rec, http.StatusBadRequest, "unreadable_body")
}

func TestAllowHeader(t *testing.T) {
	require.Equal(t, "POST", newWorld(t).do("DELETE", "/v1/jobs/token-refresh", "").Header().Get("Allow"))
}

func TestAbortedHandlerStaysAborted(t *testing.T) {
	w := newWorld(t)
	w.health = func(context.Context) error { panic(http.ErrAbortHandler) }
	require.PanicsWithValue(t, http.ErrAbortHandler, func() { w.do("GET", "/healthz", "") })
}

func TestRequestsAreBounded(t *testing.T) {
	for _, tc := range []struct {
		name, method, target string
		cancel               bool
		status               int
		code                 string
		after                time.Duration
	}{
		{"slow accounts", "GET", "/v1/users/u/calendar", false, 504, "timeout", api.DefaultRequestTimeout},
		{"slow queue", "POST", "/v1/jobs/token-refresh", false, 504, "timeout", api.DefaultRequestTimeout},
		{"client gone", "GET", "/v1/users/u/calendar", true, 503, "unavailable", time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.get = func(ctx context.Context, _ string) (accounts.Account, error) {
					<-ctx.Done()
					return accounts.Account{}, ctx.Err()
				}
				w.enqueue = func(ctx context.Context, _ string, _ json.RawMessage) (string, error) {
					<-ctx.Done()
					return "", errors.New("lost the reason: " + ctx.Err().Error())
				}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if tc.cancel {
					time.AfterFunc(time.Second, cancel)
				}
				start := time.Now()
				rec := w.doContext(ctx, tc.method, tc.target, "{}")
				requireError(t, rec, tc.status, tc.code)
				require.Equal(t, tc.after, time.Since(start))
			})
		})
	}
}

func TestHealth(t *testing.T) {
	w := newWorld(t)
	rec := w.do("GET", "/healthz", "")
	require.Equal(t, http.StatusOK, rec.Code)
	require.JSONEq(t, `{"status":"ok"}`, rec.Body.String())
	w.health = func(context.Context) error { return errDown }
	rec = w.do("GET", "/healthz", "")
	require.Equal(t, http.StatusServiceUnavailable, rec.Code)
	require.JSONEq(t, `{"status":"unavailable"}`, rec.Body.String())
	require.Contains(t, w.log.String(), "10.0.0.1")
	t.Run("is bounded", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.health = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
			start := time.Now()
			require.Equal(t, http.StatusServiceUnavailable, w.do("GET", "/healthz", "").Code)
			require.Equal(t, api.DefaultLimiterTimeout, time.Since(start))
		})
	})
}

func TestBadConfig(t *testing.T) {
	cfg := api.Config{CacheTTL: -1, RequestTimeout: -1, LimiterTimeout: -1}
	for _, field := range []string{"Limiter is nil", "Cache is nil", "Accounts is nil", "Enqueue is nil", "Health is nil", "CacheTTL", "RequestTimeout", "LimiterTimeout"} {
		require.ErrorContains(t, cfg.Validate(), field)
	}
	require.PanicsWithError(t, cfg.Validate().Error(), func() { api.New(cfg) })
}
