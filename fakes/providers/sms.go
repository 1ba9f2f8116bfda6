package providers

import (
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

// e164 is a phone number with country code.
var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

func smsTo(c *call) string { return c.form().Get("To") }

// serveMessage accepts a message. Its identifier is made of the seed and the message's number.
func (s *Server) serveMessage(w http.ResponseWriter, c *call) {
	account, password, ok := c.BasicAuth()
	form := c.form()
	switch {
	case !ok || password == "" || account != c.PathValue("sid"):
		writeSMSError(w, http.StatusUnauthorized, 20003, "Authenticate")
	case !e164.MatchString(form.Get("To")):
		writeSMSError(w, http.StatusBadRequest, 21211, "The 'To' number "+form.Get("To")+" is not a valid phone number.")
	case form.Get("From") == "":
		writeSMSError(w, http.StatusBadRequest, 21603, "A 'From' phone number is required.")
	case form.Get("Body") == "":
		writeSMSError(w, http.StatusBadRequest, 21602, "Message body is required.")
	default:
		sid := fmt.Sprintf("SM%016x%016x", hash("message")^s.cfg.Seed, s.messages.Add(1))
		now := time.Now().UTC().Format(time.RFC1123Z)
		writeJSON(w, http.StatusCreated, map[string]any{
			"account_sid": account, "api_version": "2010-04-01", "body": form.Get("Body"),
			"date_created": now, "date_updated": now, "date_sent": nil, "direction": "outbound-api",
			"error_code": nil, "error_message": nil, "from": form.Get("From"), "to": form.Get("To"),
			"num_media": "0", "num_segments": strconv.Itoa(1 + (len(form.Get("Body"))-1)/160), "price": nil, "price_unit": "USD",
			"sid": sid, "status": "queued", "uri": "/2010-04-01/Accounts/" + account + "/Messages/" + sid + ".json",
		})
	}
}

func refuseSMS(w http.ResponseWriter, status int) {
	switch {
	case status == http.StatusBadRequest:
		writeSMSError(w, status, 21211, "The 'To' number is not a valid phone number.")
	case status == http.StatusUnauthorized:
		writeSMSError(w, status, 20003, "Authenticate")
	case status == http.StatusNotFound:
		writeSMSError(w, status, 20404, "The requested resource was not found.")
	case status == http.StatusTooManyRequests:
		writeSMSError(w, status, 20429, "Too Many Requests")
	case status >= 500:
		writeSMSError(w, status, 20500, "Internal Server Error")
	default:
		writeSMSError(w, status, 20001, http.StatusText(status))
	}
}

func writeSMSError(w http.ResponseWriter, status, code int, message string) {
	writeJSON(w, status, map[string]any{
		"code": code, "message": message, "status": status,
		"more_info": "https://www.twilio.com/docs/errors/" + strconv.Itoa(code),
	})
}
