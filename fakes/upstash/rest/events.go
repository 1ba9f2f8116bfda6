package rest

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tollgate/fakes/upstash/commands"
	"tollgate/fakes/upstash/resp"
)

const (
	// keepAlive is how long a stream is silent at most; then a comment is sent.
	keepAlive = 15 * time.Second
	// eventTimeout is how long a client may take to make room for an event.
	eventTimeout = 10 * time.Second

	typeEvents = "text/event-stream"
)

var (
	// ErrQuiet is what Events.Next returns when there was no event in time; later there may be one.
	ErrQuiet = errors.New("rest: no event yet")
	// ErrBehind is what Events.Next returns when more events wait than are kept. The stream is at its end.
	ErrBehind = errors.New("rest: too many events wait for a slow reader")
)

// Events are what a stream brings. They are for one goroutine.
type Events interface {
	// Next waits for an event, and returns ErrQuiet after that time without one. Any other error is the end.
	// A status is shown as a JSON string, an array as its elements with commas between, a string as it is.
	Next(wait time.Duration) (resp.Value, error)
	// Close ends the stream and lets go of all it holds.
	Close()
}

// wantsEvents says whether a request is one for server-sent events, if its path is.
func wantsEvents(r *http.Request) bool {
	return (r.Method == http.MethodGet || r.Method == http.MethodPost) &&
		strings.Contains(strings.ToLower(strings.Join(r.Header.Values("Accept"), ",")), typeEvents)
}

// streams names the commands that are streams where they are a path.
func streams(name string) bool {
	switch name {
	case "SUBSCRIBE", "PSUBSCRIBE", "MONITOR":
		return true
	}
	return false
}

// listen answers a request whose path names a stream.
func (x *exchange) listen(name string, args [][]byte) {
	if !wantsEvents(x.r) {
		x.h.backend.Refused(x.principal, name, false)
		x.fail(http.StatusBadRequest, commands.NotOverREST(name))
		return
	}
	events, refusal, err := x.h.backend.Listen(x.ctx, x.principal, args)
	switch {
	case err != nil:
		x.engineFailed(err)
	case refusal != "":
		x.fail(http.StatusBadRequest, refusal)
	default:
		x.events = events
	}
}

// stream sends events until the client leaves, does not read, or the events end.
func (x *exchange) stream() {
	w, r, events := x.w, x.r, x.events
	defer events.Close()
	header := w.Header()
	header.Set(headerSyncToken, x.syncToken())
	header.Set("Content-Type", typeEvents)
	header.Set("Cache-Control", "no-cache")
	control := http.NewResponseController(w)
	err := control.SetReadDeadline(time.Time{}) // the one for reading the request would end the stream
	for more := true; err == nil && more; {
		var text []byte
		var event resp.Value
		switch event, err = events.Next(keepAlive); {
		case errors.Is(err, ErrQuiet):
			text, err = []byte(": keep-alive\n\n"), nil
		case errors.Is(err, ErrBehind):
			text, err, more = []byte(": dropped, as the reader is too slow\n\n"), nil, false
		case err == nil:
			text = appendEvent(nil, event)
		}
		if err == nil {
			err = send(w, control, text)
		}
	}
	x.h.log.DebugContext(r.Context(), "rest: a stream of events ended", "path", r.URL.Path, "error", err)
}

func send(w http.ResponseWriter, control *http.ResponseController, text []byte) error {
	if err := control.SetWriteDeadline(time.Now().Add(eventTimeout)); err != nil {
		return fmt.Errorf("set the deadline of an event: %w", err)
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	return control.Flush()
}

// appendEvent appends an event: its text, each line of it after "data: ".
func appendEvent(b []byte, event resp.Value) []byte {
	text := bytes.ToValidUTF8(appendText(nil, event), []byte("\uFFFD"))
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	text = bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
	for line := range bytes.SplitSeq(text, []byte("\n")) {
		b = append(append(append(b, "data: "...), line...), '\n')
	}
	return append(b, '\n')
}

func appendText(b []byte, v resp.Value) []byte {
	switch v.Kind {
	case resp.Array, resp.Push:
		for i, element := range v.Array {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendText(b, element)
		}
		return b
	case resp.Integer:
		return strconv.AppendInt(b, v.Int, 10)
	case resp.SimpleString:
		return strconv.AppendQuote(b, string(v.Str))
	default:
		return append(b, v.Str...)
	}
}
