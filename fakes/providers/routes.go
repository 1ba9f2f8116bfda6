package providers

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	// maxBody bounds a request's body.
	maxBody = 1 << 20
	// bodyTimeout bounds how long it may take to come.
	bodyTimeout = 30 * time.Second
)

// endpoint is one row of the package's table.
type endpoint struct {
	name    string
	subject func(c *call) string
	// refuse answers a status in the provider's own format.
	refuse func(w http.ResponseWriter, status int)
	serve  func(w http.ResponseWriter, c *call)
}

// call is one request with its body already read.
type call struct {
	*http.Request
	body    []byte
	subject string
}

// form reads a urlencoded body; one that is not has no fields.
func (c *call) form() url.Values {
	values, err := url.ParseQuery(string(c.body))
	if err != nil {
		return url.Values{}
	}
	return values
}

func (s *Server) routes() http.Handler {
	mux := http.NewServeMux()
	for pattern, e := range map[string]endpoint{
		"POST /token":                                   {"oauth", refreshUser, refuseOAuth, s.serveToken},
		"GET /calendar/v3/calendars/{id}/events":        {"calendar_events", accessUser, refuseCalendar, s.authorized(refuseCalendar, s.serveEvents)},
		"POST /calendar/v3/calendars/{id}/events/watch": {"calendar_watch", accessUser, refuseCalendar, s.authorized(refuseCalendar, s.serveWatch)},
		"POST /calendar/v3/channels/stop":               {"calendar_stop", accessUser, refuseCalendar, s.authorized(refuseCalendar, s.serveStop)},
		"GET /v1/people/me/connections":                 {"people", accessUser, refusePeople, s.authorized(refusePeople, s.serveConnections)},
		"POST /2010-04-01/Accounts/{sid}/Messages.json": {"sms", smsTo, refuseSMS, s.serveMessage},
		"GET /hooks/{id}":                               {"hooks", hookID, refuseHook, serveHook}, // and HEAD
		"POST /hooks/{id}":                              {"hooks", hookID, refuseHook, serveHook},
		"POST /suggest":                                 {"suggest", suggestUser, refuseSuggest, serveSuggest},
		"/":                                             {"unknown", noSubject, refuseHook, serveNotFound},
	} {
		mux.Handle(pattern, s.handle(e))
	}
	return mux
}

// handle reads a call, decides its fate, answers and counts it.
func (s *Server) handle(e endpoint) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.enter() {
			panic(http.ErrAbortHandler)
		}
		defer s.running.Done()
		// The body is read first of all: only then does net/http notice that the client has gone.
		body, err := readBody(w, r)
		if err != nil {
			status := http.StatusBadRequest
			if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
				status = http.StatusRequestEntityTooLarge
			}
			e.refuse(w, status)
			s.counts.record(e.name, status, fateFine)
			return
		}
		c := &call{Request: r, body: body}
		c.subject = e.subject(c)
		v := s.faults.judge(e.name, c.subject)
		answer := &recorder{ResponseWriter: w, status: http.StatusOK}
		if !s.answer(answer, e, c, v) {
			answer.status = 0
		}
		s.counts.record(e.name, answer.status, v.fate)
		s.cfg.Logger.Debug("fake providers: call", "endpoint", e.name, "subject", c.subject, "status", answer.status)
		if answer.status == 0 {
			panic(http.ErrAbortHandler) // closes the connection
		}
	}
}

func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	conn := http.NewResponseController(w)
	if err := conn.SetReadDeadline(time.Now().Add(bodyTimeout)); err != nil {
		return nil, err
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, err
	}
	return body, conn.SetReadDeadline(time.Time{}) // or a slow answer would be cut off
}

// answer writes the answer that v asks for; false means none.
func (s *Server) answer(w http.ResponseWriter, e endpoint, c *call, v verdict) bool {
	switch v.fate {
	case fateTimeout:
		s.wait(c.Context(), v.plan.Hang)
		return false
	case fateSlow:
		if !s.wait(c.Context(), v.plan.SlowBy) {
			return false
		}
	case fateRateLimited:
		v.status = http.StatusTooManyRequests
	case fateServerError:
		v.status = http.StatusInternalServerError
	}
	if v.status == 0 {
		e.serve(w, c)
		return true
	}
	if v.status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(v.plan.RetryAfter.Seconds()))))
	}
	e.refuse(w, v.status)
	return true
}

// wait waits for d; false means that the client went or the server closes.
func (s *Server) wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	case <-s.stopping.Done():
		return false
	}
}

// recorder keeps the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func noSubject(*call) string { return "" }

func serveNotFound(w http.ResponseWriter, _ *call) {
	http.Error(w, "no such endpoint", http.StatusNotFound)
}

// accessUser is the user of a call's bearer token, "" when it has none.
func accessUser(c *call) string {
	token, _ := strings.CutPrefix(c.Header.Get("Authorization"), "Bearer ")
	user, _ := parseAccess(token)
	return user
}

// authorized serves calls whose access token is well-formed, not expired and not revoked; others get a 401.
func (s *Server) authorized(refuse func(http.ResponseWriter, int), serve func(http.ResponseWriter, *call)) func(http.ResponseWriter, *call) {
	return func(w http.ResponseWriter, c *call) {
		token, _ := strings.CutPrefix(c.Header.Get("Authorization"), "Bearer ")
		user, expiry := parseAccess(token)
		if user == "" || !time.Now().Before(expiry) || s.faults.isRevoked(user) {
			refuse(w, http.StatusUnauthorized)
			return
		}
		serve(w, c)
	}
}
