package rest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// drainFactor says how many times the limit is read and thrown away of a body that is too large, so that the
// client gets to read the answer.
const drainFactor = 8

// readBody reads a body of at most the limit; of a larger one it drains some, and returns a *sizeError.
func readBody(r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		_, err := io.CopyN(io.Discard, r.Body, drainFactor*limit)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		return nil, &sizeError{limit: limit, actual: r.ContentLength}
	}
	var buf bytes.Buffer
	if r.ContentLength > 0 {
		buf.Grow(int(min(r.ContentLength, 64<<10)) + bytes.MinRead)
	}
	n, err := buf.ReadFrom(io.LimitReader(r.Body, limit+1))
	if err != nil {
		return nil, err
	}
	if n <= limit {
		return buf.Bytes(), nil
	}
	rest, err := io.CopyN(io.Discard, r.Body, drainFactor*limit)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return nil, &sizeError{limit: limit, actual: n + rest}
}

// sizeError says that a body is over the limit; both in bytes.
type sizeError struct{ limit, actual int64 }

func (e *sizeError) Error() string {
	return fmt.Sprintf("ERR max request size exceeded. Limit: %d bytes, Actual: %d bytes. "+
		"See https://upstash.com/docs/redis/troubleshooting/max_request_size_exceeded for details", e.limit, e.actual)
}

// allowOrigin lets a browser's page of any origin use the API, which is what Upstash does.
func allowOrigin(w http.ResponseWriter, r *http.Request) {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return
	}
	header := w.Header()
	header.Set("Access-Control-Allow-Origin", origin)
	header.Set("Access-Control-Allow-Credentials", "true")
	header.Set("Vary", "Origin")
	if r.Method == http.MethodOptions {
		header.Set("Access-Control-Allow-Methods", allowedMethods)
		if asked := r.Header.Get("Access-Control-Request-Headers"); asked != "" {
			header.Set("Access-Control-Allow-Headers", asked)
		}
	}
}

// componentOf returns <name> of a User-Agent that starts with the product "tollgate-<name>/<version>".
func componentOf(userAgent string) (string, bool) {
	const maxLen = 64
	product, _, _ := strings.Cut(userAgent, " ")
	rest, ok := strings.CutPrefix(product, "tollgate-")
	if !ok {
		return "", false
	}
	name, version, ok := strings.Cut(rest, "/")
	if !ok || name == "" || version == "" || len(name) > maxLen {
		return "", false
	}
	return name, true
}
