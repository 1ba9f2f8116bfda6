package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"tollgate/system/queue"
)

// accepted is the answer to a job that is, or already was, in its queue.
type accepted struct {
	ID        string `json:"id,omitempty"`
	Queue     string `json:"queue"`
	Duplicate bool   `json:"duplicate,omitempty"`
}

// enqueue puts the request's body into a queue as a job's payload.
func (h *Handler) enqueue(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("queue")
	payload, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		fail(w, http.StatusRequestEntityTooLarge, "body_too_large", fmt.Sprintf("the body has more than %d bytes", tooLarge.Limit))
		return
	case err != nil:
		fail(w, http.StatusBadRequest, "unreadable_body", "the body ended early")
		return
	}
	var raw json.RawMessage
	if err := json.Unmarshal(payload, &raw); err != nil {
		fail(w, http.StatusBadRequest, "malformed_json", fmt.Sprintf("the body is no JSON: %v", err))
		return
	}
	id, err := h.cfg.Enqueue(r.Context(), name, raw)
	switch {
	case err == nil:
		reply(w, http.StatusAccepted, accepted{ID: id, Queue: name})
	case errors.Is(err, queue.ErrDuplicateJob):
		reply(w, http.StatusAccepted, accepted{Queue: name, Duplicate: true})
	case errors.Is(err, queue.ErrUnknownQueue):
		fail(w, http.StatusNotFound, "unknown_queue", fmt.Sprintf("unknown queue %s", shown(name)))
	case errors.Is(err, queue.ErrPayload):
		fail(w, http.StatusBadRequest, "bad_payload", err.Error())
	case r.Context().Err() != nil:
		h.failWith(w, r, err)
	default:
		h.cfg.Logger.ErrorContext(r.Context(), "enqueue failed", "queue", name, "error", err)
		fail(w, http.StatusServiceUnavailable, "unavailable", fmt.Sprintf("queue %s takes no jobs now: try again", shown(name)))
	}
}
