package api

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"

	"tollgate/system/accounts"
	"tollgate/system/providers"
)

// Stats counts what a Handler did besides answering.
type Stats struct {
	// Limited are requests answered with 429.
	Limited int64
	// FailedOpen are requests let through because the limiter failed.
	FailedOpen int64
	// Panics are requests whose handler panicked.
	Panics int64
}

// Handler serves the API. It is an http.Handler and safe for concurrent use.
type Handler struct {
	cfg    Config
	routes http.Handler

	limited, failedOpen, panics atomic.Int64
	// limiterFailed and limiterLogged are when the limiter last failed, and when that was last logged (Unix nanoseconds).
	limiterFailed, limiterLogged atomic.Int64
}

// New returns the service's HTTP handler. It panics with the error of cfg.Validate when cfg is unusable; call that first where
// the configuration is not fixed by the program.
func New(cfg Config) *Handler {
	if err := cfg.Validate(); err != nil {
		panic(err)
	}
	h := &Handler{cfg: cfg.withDefaults()}

	v1 := http.NewServeMux()
	v1.Handle("/v1/users/{user}/suggestions", only(http.MethodGet, view(h, "suggestions", accounts.SuggestionsKey,
		func(a accounts.Account) []string { return a.Suggestions })))
	v1.Handle("/v1/users/{user}/calendar", only(http.MethodGet, view(h, "events", accounts.CalendarKey,
		func(a accounts.Account) []providers.Event { return a.Events })))
	v1.Handle("/v1/users/{user}/contacts", only(http.MethodGet, view(h, "contacts", accounts.ContactsKey,
		func(a accounts.Account) []providers.Contact { return a.Contacts })))
	v1.Handle("/v1/jobs/{queue}", only(http.MethodPost, h.enqueue))
	v1.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fail(w, http.StatusNotFound, "not_found", fmt.Sprintf("no route %s", shown(r.URL.Path)))
	})

	all := http.NewServeMux()
	all.Handle("/healthz", only(http.MethodGet, h.health))
	all.Handle("/", h.limit(v1))
	h.routes = h.guard(h.bound(all))
	return h
}

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.routes.ServeHTTP(w, r) }

// Stats returns the counts so far.
func (h *Handler) Stats() Stats {
	return Stats{Limited: h.limited.Load(), FailedOpen: h.failedOpen.Load(), Panics: h.panics.Load()}
}

// health answers whether the service can work. Why it cannot goes to the log only.
func (h *Handler) health(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), h.cfg.LimiterTimeout)
	defer cancel()
	if err := h.cfg.Health(ctx); err != nil {
		h.cfg.Logger.WarnContext(r.Context(), "health check failed", "error", err)
		reply(w, http.StatusServiceUnavailable, map[string]string{"status": "unavailable"})
		return
	}
	reply(w, http.StatusOK, map[string]string{"status": "ok"})
}
