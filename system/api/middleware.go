package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"tollgate/system/ratelimit"
)

// logEvery is the least time between two log lines about a failing limiter.
const logEvery = time.Second

// guard turns a panic of a handler into a 500.
func (h *Handler) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(p)
			}
			h.panics.Add(1)
			h.cfg.Logger.ErrorContext(r.Context(), "handler panicked", "path", shown(r.URL.Path), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			fail(w, http.StatusInternalServerError, "internal", "internal error")
		}()
		next.ServeHTTP(w, r)
	})
}

// bound gives each request its time and its size.
func (h *Handler) bound(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), h.cfg.RequestTimeout)
		defer cancel()
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(w, r.Body, MaxBody)
		next.ServeHTTP(w, r)
	})
}

// limit lets a request through when its client is within the limit, or when the limiter fails.
func (h *Handler) limit(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), h.cfg.LimiterTimeout)
		d, err := h.cfg.Limiter.Allow(ctx, client(r))
		cancel()
		switch {
		case err == nil && d.Allowed:
			announce(w, d, d.Window)
		case err == nil:
			announce(w, d, d.RetryAfter)
			h.refuse(w, d.RetryAfter)
			return
		case r.Context().Err() != nil:
			h.failWith(w, r, err)
			return
		case errors.Is(err, ratelimit.ErrBusy) && !h.limiterFailedLately():
			h.refuse(w, time.Second)
			return
		default:
			h.openedFor(r, err)
		}
		next.ServeHTTP(w, r)
	})
}

// announce sets the RateLimit headers.
func announce(w http.ResponseWriter, d ratelimit.Decision, reset time.Duration) {
	w.Header().Set("RateLimit-Limit", strconv.Itoa(d.Limit))
	w.Header().Set("RateLimit-Remaining", strconv.Itoa(d.Remaining))
	w.Header().Set("RateLimit-Reset", seconds(reset))
}

func (h *Handler) refuse(w http.ResponseWriter, retryAfter time.Duration) {
	h.limited.Add(1)
	after := seconds(retryAfter)
	w.Header().Set("Retry-After", after)
	fail(w, http.StatusTooManyRequests, "rate_limited", "too many requests: try again in "+after+" s")
}

// openedFor accounts for a request that the limiter's failure lets through, and logs at most once a second.
func (h *Handler) openedFor(r *http.Request, err error) {
	n := h.failedOpen.Add(1)
	now := time.Now().UnixNano()
	if !errors.Is(err, ratelimit.ErrBusy) {
		h.limiterFailed.Store(now)
	}
	last := h.limiterLogged.Load()
	if now-last >= int64(logEvery) && h.limiterLogged.CompareAndSwap(last, now) {
		h.cfg.Logger.ErrorContext(r.Context(), "rate limiter failed: requests are let through", "error", err, "let_through", n)
	}
}

// limiterFailedLately says whether requests which waited in line waited for a store that does not answer.
func (h *Handler) limiterFailedLately() bool {
	return time.Now().UnixNano()-h.limiterFailed.Load() < int64(2*h.cfg.LimiterTimeout)
}

// client is the limiter's subject for a request.
func client(r *http.Request) string {
	if key := r.Header.Get("X-API-Key"); key != "" {
		sum := sha256.Sum256([]byte(key))
		return "key:" + hex.EncodeToString(sum[:8])
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr // a transport without ports
	}
	return "ip:" + host
}

// seconds writes a duration in whole seconds, rounded up.
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}
