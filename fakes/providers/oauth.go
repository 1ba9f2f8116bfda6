package providers

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const refreshPrefix = "refresh-"

func refreshUser(c *call) string {
	user, _ := strings.CutPrefix(c.form().Get("refresh_token"), refreshPrefix)
	return user
}

func accessToken(user string, expiry time.Time) string {
	return "access-" + user + "-" + strconv.FormatInt(expiry.UnixMilli(), 10)
}

// parseAccess reads a token made by accessToken; user is "" for anything else. The user's name may hold dashes.
func parseAccess(token string) (user string, expiry time.Time) {
	rest, ok := strings.CutPrefix(token, "access-")
	cut := strings.LastIndexByte(rest, '-')
	if !ok || cut < 1 {
		return "", time.Time{}
	}
	millis, err := strconv.ParseInt(rest[cut+1:], 10, 64)
	if err != nil {
		return "", time.Time{}
	}
	return rest[:cut], time.UnixMilli(millis)
}

// serveToken answers the refresh_token grant. As Google does, it does not send the refresh token back.
func (s *Server) serveToken(w http.ResponseWriter, c *call) {
	form := c.form()
	switch {
	case form.Get("grant_type") != "refresh_token":
		writeOAuthError(w, http.StatusBadRequest, "unsupported_grant_type", "Invalid grant_type: "+form.Get("grant_type"))
	case form.Get("client_id") == "" || form.Get("client_secret") == "":
		writeOAuthError(w, http.StatusUnauthorized, "invalid_client", "The OAuth client was not found.")
	case !strings.HasPrefix(form.Get("refresh_token"), refreshPrefix) || c.subject == "":
		writeOAuthError(w, http.StatusBadRequest, "invalid_grant", "Bad Request")
	case s.faults.isRevoked(c.subject):
		writeOAuthError(w, http.StatusBadRequest, "invalid_grant", "Token has been expired or revoked.")
	default:
		w.Header().Set("Cache-Control", "no-store")
		writeJSON(w, http.StatusOK, map[string]any{
			"access_token": s.AccessToken(c.subject),
			"expires_in":   int64(s.cfg.TokenLife / time.Second),
			"scope":        "https://www.googleapis.com/auth/calendar https://www.googleapis.com/auth/contacts.readonly",
			"token_type":   "Bearer",
		})
	}
}

func refuseOAuth(w http.ResponseWriter, status int) {
	switch {
	case status == http.StatusBadRequest || status == http.StatusNotFound:
		writeOAuthError(w, http.StatusBadRequest, "invalid_grant", "Token has been expired or revoked.")
	case status == http.StatusUnauthorized:
		writeOAuthError(w, status, "invalid_client", "The OAuth client was not found.")
	case status == http.StatusTooManyRequests:
		writeOAuthError(w, status, "rate_limit_exceeded", "Rate Limit Exceeded")
	case status >= 500:
		writeOAuthError(w, status, "internal_failure", "Backend Error")
	default:
		writeOAuthError(w, status, "invalid_request", http.StatusText(status))
	}
}

func writeOAuthError(w http.ResponseWriter, status int, code, description string) {
	writeJSON(w, status, map[string]string{"error": code, "error_description": description})
}

// writeJSON writes body as the answer. A client that went away is not an error worth telling.
func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
