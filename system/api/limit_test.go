package api_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"tollgate/system/api"
	"tollgate/system/ratelimit"
	"tollgate/system/tcpredis"
)

const route = "/v1/users/u-1/suggestions"

func TestRateLimitHeaders(t *testing.T) {
	for _, tc := range []struct {
		name                                string
		decision                            ratelimit.Decision
		status                              int
		limit, remaining, reset, retryAfter string
	}{
		{
			"allowed",
			ratelimit.Decision{Allowed: true, Limit: 100, Window: time.Minute, Remaining: 7},
			200, "100", "7", "60", "",
		},
		{
			"denied, rounded up",
			ratelimit.Decision{Limit: 100, Window: time.Minute, RetryAfter: 1001 * time.Millisecond},
			429, "100", "0", "2", "2",
		},
		{
			"denied for a moment",
			ratelimit.Decision{Limit: 5, Window: time.Minute, RetryAfter: time.Microsecond},
			429, "5", "0", "1", "1",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			w.allow = func(context.Context, string) (ratelimit.Decision, error) { return tc.decision, nil }
			rec := w.do("GET", route, "")
			require.Equal(t, tc.status, rec.Code)
			require.Equal(t, tc.limit, rec.Header().Get("RateLimit-Limit"))
			require.Equal(t, tc.remaining, rec.Header().Get("RateLimit-Remaining"))
			require.Equal(t, tc.reset, rec.Header().Get("RateLimit-Reset"))
			require.Equal(t, tc.retryAfter, rec.Header().Get("Retry-After"))
			if tc.status == http.StatusTooManyRequests {
				require.Contains(t, requireError(t, rec, 429, "rate_limited"), tc.retryAfter+" s")
				require.EqualValues(t, 1, w.Stats().Limited)
				require.Empty(t, w.store.data, "a refused request does nothing")
			}
		})
	}
}

func TestWhoIsLimited(t *testing.T) {
	for _, tc := range []struct{ name, target, key, remote, subject string }{
		{"API key, hashed", route, "secret-key", "10.0.0.9:1234", "key:85dbe15d75ef9308"},
		{"IPv4", route, "", "10.0.0.9:1234", "ip:10.0.0.9"},
		{"IPv6", route, "", "[2001:db8::1]:1234", "ip:2001:db8::1"},
		{"no port", route, "", "pipe", "ip:pipe"},
		{"unknown route", "/nonsense", "", "10.0.0.9:1", "ip:10.0.0.9"},
		{"health", "/healthz", "", "10.0.0.9:1", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			var asked []string
			w.allow = func(_ context.Context, subject string) (ratelimit.Decision, error) {
				asked = append(asked, subject)
				return ratelimit.Decision{Allowed: true}, nil
			}
			r := httptest.NewRequest(http.MethodGet, tc.target, nil)
			r.RemoteAddr = tc.remote
			r.Header.Set("X-Forwarded-For", "1.2.3.4")
			if tc.key != "" {
				r.Header.Set("X-API-Key", tc.key)
			}
			w.send(r)
			if tc.subject == "" {
				require.Empty(t, asked)
				return
			}
			require.Equal(t, []string{tc.subject}, asked)
		})
	}
}

func TestFailsOpenAndLogsOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.allow = func(context.Context, string) (ratelimit.Decision, error) {
			return ratelimit.Decision{}, &ratelimit.StoreError{Op: "ZADD", Key: "k", Err: errDown}
		}
		for range 25 { // 2.4 s
			rec := w.do("GET", route, "")
			require.Equal(t, http.StatusOK, rec.Code)
			require.Empty(t, rec.Header().Get("RateLimit-Limit"))
			time.Sleep(100 * time.Millisecond)
		}
		require.EqualValues(t, 25, w.Stats().FailedOpen)
		require.Equal(t, 3, strings.Count(w.log.String(), "rate limiter failed"), w.log.String())
		require.Contains(t, w.log.String(), "let_through=21")
	})
}

func TestLimiterIsBounded(t *testing.T) {
	hang := func(err error) func(context.Context, string) (ratelimit.Decision, error) {
		return func(ctx context.Context, _ string) (ratelimit.Decision, error) {
			<-ctx.Done()
			return ratelimit.Decision{}, fmt.Errorf("%w: %w", err, ctx.Err())
		}
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		start := time.Now()
		w.allow = hang(ratelimit.ErrBusy)
		rec := w.do("GET", route, "")
		requireError(t, rec, http.StatusTooManyRequests, "rate_limited")
		require.Equal(t, "1", rec.Header().Get("Retry-After"))
		require.Equal(t, api.DefaultLimiterTimeout, time.Since(start))

		w.allow = hang(errDown)
		require.Equal(t, http.StatusOK, w.do("GET", route, "").Code)
		w.allow = hang(ratelimit.ErrBusy)
		require.Equal(t, http.StatusOK, w.do("GET", route, "").Code, "it waited behind a check that Redis did not answer")
		time.Sleep(2 * api.DefaultLimiterTimeout)
		require.Equal(t, http.StatusTooManyRequests, w.do("GET", route, "").Code)
		require.Equal(t, api.Stats{Limited: 2, FailedOpen: 2}, w.Stats())
	})
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.allow = hang(errDown)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		requireError(t, w.doContext(ctx, "GET", route, ""), http.StatusGatewayTimeout, "timeout")
		require.Zero(t, w.Stats().FailedOpen, "the request is over, nothing was let through")
	})
}

func TestWithARealLimiter(t *testing.T) {
	server := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr(), MaxRetries: -1})
	t.Cleanup(func() { _ = client.Close() })
	limiter, err := ratelimit.NewLean(ratelimit.Config{Store: tcpredis.NewStore(client), Name: "api", Limit: 3, Window: time.Hour})
	require.NoError(t, err)
	w := newWorld(t)
	w.allow = limiter.Allow

	for i := range 5 {
		rec := w.do("GET", route, "", "X-API-Key", "mine")
		require.Equal(t, i >= 3, rec.Code == http.StatusTooManyRequests)
		require.Equal(t, fmt.Sprint(max(0, 2-i)), rec.Header().Get("RateLimit-Remaining"))
	}
	require.Equal(t, http.StatusOK, w.do("GET", route, "", "X-API-Key", "other").Code)
	server.Close()
	require.Equal(t, http.StatusOK, w.do("GET", route, "", "X-API-Key", "other").Code, "fails open")
	require.Equal(t, http.StatusTooManyRequests, w.do("GET", route, "", "X-API-Key", "mine").Code, "a known denial needs no Redis")
}
