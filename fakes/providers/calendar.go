package providers

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// firstDay is the day of each user's first event.
var firstDay = time.Date(2027, time.January, 4, 0, 0, 0, 0, time.UTC)

// channelLife is how long a push channel lives unless the request says less.
const channelLife = 7 * 24 * time.Hour

func (s *Server) serveEvents(w http.ResponseWriter, c *call) {
	query := c.URL.Query()
	limit, _ := strconv.Atoi(query.Get("maxResults"))
	syncToken, pageToken := query.Get("syncToken"), query.Get("pageToken")
	if syncToken != "" && pageToken == "" && s.faults.syncExpired("calendar_events") {
		refuseCalendar(w, http.StatusGone)
		return
	}
	p, err := s.events.list(c.subject, syncToken, pageToken, limit)
	switch {
	case errors.Is(err, errTokenExpired):
		refuseCalendar(w, http.StatusGone)
		return
	case err != nil:
		writeCalendarError(w, http.StatusBadRequest, "global", "invalid", "Invalid sync token value.")
		return
	}
	items := make([]map[string]any, len(p.records))
	for i, r := range p.records {
		items[i] = eventJSON(c.subject, r)
	}
	answer := map[string]any{"kind": "calendar#events", "summary": c.subject, "timeZone": "UTC", "items": items}
	if p.nextPage != "" {
		answer["nextPageToken"] = p.nextPage
	} else {
		answer["nextSyncToken"] = p.nextToken
	}
	writeJSON(w, http.StatusOK, answer)
}

// eventJSON is an event as the API shows it. Every fifth one lasts a day, the others an hour between 8 and 18 o'clock.
func eventJSON(user string, r record) map[string]any {
	id := fmt.Sprintf("event%05d", r.number)
	if r.deleted {
		return map[string]any{"kind": "calendar#event", "id": id, "status": "cancelled"}
	}
	day := firstDay.AddDate(0, 0, int(r.number))
	summary := fmt.Sprintf("Meeting %d of %s", r.number, user)
	if r.revision > 0 {
		summary += fmt.Sprintf(" (change %d)", r.revision)
	}
	event := map[string]any{"kind": "calendar#event", "id": id, "status": "confirmed", "summary": summary}
	if r.number%5 == 0 {
		event["start"] = map[string]string{"date": day.Format(time.DateOnly)}
		event["end"] = map[string]string{"date": day.AddDate(0, 0, 1).Format(time.DateOnly)}
		return event
	}
	start := day.Add(time.Duration(8+(hash(user)+uint64(r.number))%10) * time.Hour)
	event["start"] = map[string]string{"dateTime": start.Format(time.RFC3339), "timeZone": "UTC"}
	event["end"] = map[string]string{"dateTime": start.Add(time.Hour).Format(time.RFC3339), "timeZone": "UTC"}
	return event
}

// serveWatch grants a push channel. Like the real API it writes the expiry as a string of Unix milliseconds.
func (s *Server) serveWatch(w http.ResponseWriter, c *call) {
	var request struct {
		ID         string `json:"id"`
		Type       string `json:"type"`
		Address    string `json:"address"`
		Expiration int64  `json:"expiration,string"`
	}
	if err := json.Unmarshal(c.body, &request); err != nil || request.ID == "" || request.Address == "" {
		writeCalendarError(w, http.StatusBadRequest, "global", "required", "Missing required parameter: id or address.")
		return
	}
	if request.Type != "web_hook" {
		writeCalendarError(w, http.StatusBadRequest, "global", "invalid", "Unknown channel type.")
		return
	}
	expiry := time.Now().Add(channelLife)
	if asked := time.UnixMilli(request.Expiration); request.Expiration > 0 && asked.Before(expiry) {
		expiry = asked
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"kind": "api#channel", "id": request.ID,
		"resourceId":  fmt.Sprintf("resource-%016x", hash(c.subject+"/"+c.PathValue("id"))),
		"resourceUri": s.CalendarURL() + "calendars/" + c.PathValue("id") + "/events",
		"expiration":  strconv.FormatInt(expiry.UnixMilli(), 10),
	})
}

func (s *Server) serveStop(w http.ResponseWriter, c *call) {
	var request struct {
		ID         string `json:"id"`
		ResourceID string `json:"resourceId"`
	}
	if err := json.Unmarshal(c.body, &request); err != nil || request.ID == "" || request.ResourceID == "" {
		refuseCalendar(w, http.StatusNotFound)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func refuseCalendar(w http.ResponseWriter, status int) {
	switch {
	case status == http.StatusUnauthorized:
		writeCalendarError(w, status, "global", "authError", "Invalid Credentials")
	case status == http.StatusNotFound:
		writeCalendarError(w, status, "global", "notFound", "Not Found")
	case status == http.StatusGone:
		writeCalendarError(w, status, "calendar", "fullSyncRequired", "Sync token is no longer valid, a full sync is required.")
	case status == http.StatusTooManyRequests:
		writeCalendarError(w, status, "usageLimits", "rateLimitExceeded", "Rate Limit Exceeded")
	case status >= 500:
		writeCalendarError(w, status, "global", "backendError", "Backend Error")
	default:
		writeCalendarError(w, status, "global", "badRequest", http.StatusText(status))
	}
}

func writeCalendarError(w http.ResponseWriter, status int, domain, reason, message string) {
	writeJSON(w, status, map[string]any{"error": map[string]any{
		"code": status, "message": message,
		"errors": []map[string]string{{"domain": domain, "reason": reason, "message": message}},
	}})
}
