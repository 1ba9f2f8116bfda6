package rest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"

	"tollgate/fakes/upstash/commands"
)

// drainFactor says how many times the limit is read and thrown away of a body that is too large, so that the
// client gets to read the answer.
const drainFactor = 8

// readBody appends a body of at most the limit to dst; of a larger one it drains some, and returns a *sizeError.
func readBody(dst []byte, r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		_, err := io.CopyN(io.Discard, r.Body, drainFactor*limit)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		return nil, &sizeError{limit: limit, actual: r.ContentLength}
	}
	if size := r.ContentLength; 0 <= size && size <= idleBytes {
		dst = slices.Grow(dst, int(size))[:size]
		_, err := io.ReadFull(r.Body, dst)
		return dst, err
	}
	buf := bytes.NewBuffer(dst) // which grows with what comes, as a length may be a lie
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
	return commands.RequestTooLarge(e.limit, e.actual)
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
