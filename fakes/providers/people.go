package providers

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
)

func (s *Server) serveConnections(w http.ResponseWriter, c *call) {
	query := c.URL.Query()
	if query.Get("personFields") == "" {
		writePeopleError(w, http.StatusBadRequest, "INVALID_ARGUMENT", "", "personFields mask is required.")
		return
	}
	limit, _ := strconv.Atoi(query.Get("pageSize"))
	syncToken, pageToken := query.Get("syncToken"), query.Get("pageToken")
	if syncToken != "" && pageToken == "" && s.faults.syncExpired("people") {
		refuseExpiredSync(w, http.StatusBadRequest)
		return
	}
	p, err := s.contacts.list(c.subject, syncToken, pageToken, limit)
	switch {
	case errors.Is(err, errTokenExpired):
		refuseExpiredSync(w, http.StatusBadRequest)
		return
	case err != nil:
		writePeopleError(w, http.StatusBadRequest, "INVALID_ARGUMENT", "", "Invalid sync token or page token.")
		return
	}
	connections := make([]map[string]any, len(p.records))
	for i, r := range p.records {
		connections[i] = personJSON(c.subject, r)
	}
	answer := map[string]any{"connections": connections, "totalItems": s.contacts.size}
	if p.nextPage != "" {
		answer["nextPageToken"] = p.nextPage
	} else if query.Get("requestSyncToken") == "true" {
		answer["nextSyncToken"] = p.nextToken
	}
	writeJSON(w, http.StatusOK, answer)
}

// personJSON is a contact as the API shows it. Phone numbers are from the range that no one is given.
func personJSON(user string, r record) map[string]any {
	name := fmt.Sprintf("people/c%05d", r.number)
	if r.deleted {
		return map[string]any{"resourceName": name, "metadata": map[string]any{"deleted": true}}
	}
	display := fmt.Sprintf("Contact %d of %s", r.number, user)
	if r.revision > 0 {
		display += fmt.Sprintf(" (change %d)", r.revision)
	}
	return map[string]any{
		"resourceName":   name,
		"etag":           fmt.Sprintf("%%etag%d", r.revision),
		"names":          []map[string]string{{"displayName": display}},
		"phoneNumbers":   []map[string]string{{"value": fmt.Sprintf("+1202555%04d", (hash(user)+uint64(r.number))%10000)}},
		"emailAddresses": []map[string]string{{"value": fmt.Sprintf("contact%d@example.com", r.number)}},
	}
}

func refusePeople(w http.ResponseWriter, status int) {
	switch {
	case status == http.StatusUnauthorized:
		writePeopleError(w, status, "UNAUTHENTICATED", "ACCESS_TOKEN_INVALID", "Request had invalid authentication credentials.")
	case status == http.StatusNotFound:
		writePeopleError(w, status, "NOT_FOUND", "", "Requested entity was not found.")
	case status == http.StatusGone:
		refuseExpiredSync(w, status)
	case status == http.StatusTooManyRequests:
		writePeopleError(w, status, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED", "Quota exceeded for quota metric 'Critical read requests'.")
	case status >= 500:
		writePeopleError(w, status, "INTERNAL", "", "Internal error encountered.")
	default:
		writePeopleError(w, status, "INVALID_ARGUMENT", "", http.StatusText(status))
	}
}

func refuseExpiredSync(w http.ResponseWriter, status int) {
	writePeopleError(w, status, "FAILED_PRECONDITION", "EXPIRED_SYNC_TOKEN",
		"Sync token is expired. Clear local cache and retry call without the sync token.")
}

// writePeopleError writes a google.rpc.Status, with an ErrorInfo when there is a reason.
func writePeopleError(w http.ResponseWriter, code int, status, reason, message string) {
	body := map[string]any{"code": code, "message": message, "status": status}
	if reason != "" {
		body["details"] = []map[string]any{{
			"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "people.googleapis.com",
		}}
	}
	writeJSON(w, code, map[string]any{"error": body})
}
