package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"tollgate/system/accounts"
	"tollgate/system/cache"
)

// maxShown is the most bytes of a client's own text that a message repeats.
const maxShown = 64

// problem is the body of every error.
type problem struct {
	Error problemDetail `json:"error"`
}

type problemDetail struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// reply writes v as JSON. It is written at once, so that a value which does not encode is a 500 and not half an answer.
func reply(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"error":{"code":"internal","message":"internal error"}}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // the client is gone when this fails
}

func fail(w http.ResponseWriter, status int, code, message string) {
	reply(w, status, problem{problemDetail{code, message}})
}

// failWith answers with what err means to a client; detail goes to the log.
func (h *Handler) failWith(w http.ResponseWriter, r *http.Request, err error) {
	switch {
	case errors.Is(err, accounts.ErrNotFound):
		fail(w, http.StatusNotFound, "unknown_user", fmt.Sprintf("no user %s", shown(r.PathValue("user"))))
	case errors.Is(r.Context().Err(), context.DeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		h.cfg.Logger.WarnContext(r.Context(), "request timed out", "path", shown(r.URL.Path), "error", err)
		fail(w, http.StatusGatewayTimeout, "timeout", fmt.Sprintf("no answer within %v", h.cfg.RequestTimeout))
	case errors.Is(r.Context().Err(), context.Canceled), errors.Is(err, cache.ErrClosed):
		fail(w, http.StatusServiceUnavailable, "unavailable", "request given up: try again")
	default:
		h.cfg.Logger.ErrorContext(r.Context(), "request failed", "path", shown(r.URL.Path), "error", err)
		fail(w, http.StatusInternalServerError, "internal", "internal error")
	}
}

// only lets one method through, and HEAD wherever GET is.
func only(method string, next http.HandlerFunc) http.Handler {
	allow := method
	if method == http.MethodGet {
		allow += ", " + http.MethodHead
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == method || method == http.MethodGet && r.Method == http.MethodHead {
			next(w, r)
			return
		}
		w.Header().Set("Allow", allow)
		fail(w, http.StatusMethodNotAllowed, "method_not_allowed", fmt.Sprintf("method %s: use %s", shown(r.Method), allow))
	})
}

// shown quotes a client's text for a message or the log, cut to a bounded length.
func shown(text string) string {
	if len(text) > maxShown {
		text = text[:maxShown] + "..."
	}
	return fmt.Sprintf("%q", text)
}
