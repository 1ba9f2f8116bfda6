package faults

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"strconv"
	"time"
)

// errCut ends the answer of a handler that would go on writing.
var errCut = errors.New("faults: the answer is cut off")

// bodyWriter is what the handler answers into. Faults have decided, if at all,
// before it writes.
type bodyWriter struct {
	http.ResponseWriter
	ctx      context.Context //nolint:containedctx // the request's
	exchange *exchange
	written  int64
}

// Unwrap is for http.ResponseController.
func (w *bodyWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// silent says whether the client gets nothing of what the handler answers.
func (w *bodyWriter) silent() bool {
	ex := w.exchange
	return ex.instead != nil || (ex.answer != nil && ex.answer.Kind == LostAnswer)
}

// WriteHeader sends the head, if the client is to have it.
func (w *bodyWriter) WriteHeader(status int) {
	if !w.silent() {
		w.ResponseWriter.WriteHeader(status)
	}
}

// FlushError sends what was written, if the client is to have it; see
// http.ResponseController.
func (w *bodyWriter) FlushError() error {
	if w.silent() {
		return errCut
	}
	return w.exchange.control.Flush()
}

// Write sends a part of the body, as the faults have it. It says that it has
// written all.
func (w *bodyWriter) Write(p []byte) (int, error) {
	answer := w.exchange.answer
	switch {
	case w.silent():
		return len(p), nil
	case answer == nil:
		return w.ResponseWriter.Write(p)
	case answer.Kind == Truncate:
		return len(p), w.writeTruncated(p, answer.Bytes)
	default:
		return w.writeSlowly(p, answer.Rate)
	}
}

// writeTruncated writes no more than limit bytes in all, or half of p if that is
// 0; the head has promised all.
func (w *bodyWriter) writeTruncated(p []byte, limit int64) error {
	if limit == 0 {
		limit = int64(len(p) / 2)
	}
	n := max(0, min(int64(len(p)), limit-w.written))
	w.written += n
	_, err := w.ResponseWriter.Write(p[:n])
	if err == nil && n < int64(len(p)) {
		err = errCut
	}
	return err
}

// writeSlowly writes rate bytes a second.
func (w *bodyWriter) writeSlowly(p []byte, rate int64) (n int, err error) {
	control := w.exchange.control
	started, step := time.Now(), slowStep
	if least := time.Second / time.Duration(rate); least > step { // less than a byte a step
		step = least
	}
	for n < len(p) {
		sleep(w.ctx, step)
		if w.ctx.Err() != nil {
			return n, w.ctx.Err()
		}
		due := int(time.Since(started).Seconds()*float64(rate) + 0.5)
		end := min(len(p), due)
		_ = control.SetWriteDeadline(time.Now().Add(answerTimeout)) // where there is none, none is missed
		if _, err := w.ResponseWriter.Write(p[n:end]); err != nil {
			return n, err
		}
		n = end
		if err := control.Flush(); err != nil {
			return n, err
		}
	}
	return n, nil
}

// writeStatus answers as a proxy before the server does.
func (a *active) writeStatus(w http.ResponseWriter) {
	header := w.Header()
	clear(header)
	text := a.Text
	if text == "" {
		text = http.StatusText(a.Code)
	}
	var body []byte
	if a.JSON {
		header.Set("Content-Type", "application/json")
		body, _ = json.Marshal(map[string]string{"error": text}) // strings always marshal
	} else {
		header.Set("Content-Type", "text/html")
		body = fmt.Appendf(nil, "<html><head><title>%d %s</title></head><body><h1>%s</h1></body></html>\n",
			a.Code, http.StatusText(a.Code), html.EscapeString(text))
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	if a.RetryAfter > 0 {
		seconds := (a.RetryAfter + time.Second - 1) / time.Second
		header.Set("Retry-After", strconv.FormatInt(int64(seconds), 10))
	}
	w.WriteHeader(a.Code)
	_, _ = w.Write(body) // a client that left needs no answer
}
