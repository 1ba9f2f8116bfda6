package providers

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	// maxAnswer bounds the bytes of one answer, decompressed. A page of 250 events is a few hundred kilobytes.
	maxAnswer = 8 << 20
	// idleTimeout is shorter than what servers keep idle connections for, so that a call rarely meets one that just closed.
	idleTimeout = 30 * time.Second
)

// newTransport returns the transport shared by all clients. With its own DialContext it speaks HTTP/1.1 only, one call a connection at a time.
func newTransport(cfg Config) *http.Transport {
	return &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         cfg.DialContext,
		TLSHandshakeTimeout: cfg.Timeout,
		MaxIdleConns:        4 * cfg.MaxConns,
		MaxIdleConnsPerHost: cfg.MaxConns,
		MaxConnsPerHost:     cfg.MaxConns,
		IdleConnTimeout:     idleTimeout,
	}
}

// newHTTPClient returns a client that sends each request once, follows no redirect and gives up after timeout.
func newHTTPClient(transport http.RoundTripper, timeout time.Duration) *http.Client {
	return &http.Client{
		Transport:     onceTransport{base: transport},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       timeout,
	}
}

// bearer is the Authorization header of a token.
func bearer(token string) string { return "Bearer " + token }

// onceTransport sends a request once and hands back an answer that is already read, within maxAnswer, so that
// a library that does not read or close a body (twilio-go on errors) leaks no connection.
type onceTransport struct{ base http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (t onceTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body == nil || req.Body == http.NoBody {
		// http.Transport repeats a body-less GET or HEAD by itself when a reused connection breaks. A body of
		// unknown length that turns out empty is sent just like no body, but cannot be repeated.
		req = req.WithContext(req.Context())
		req.Body = io.NopCloser(strings.NewReader(""))
	}
	answer, err := t.base.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	answer.Body.Close()
	if err != nil {
		return nil, fmt.Errorf("answer broke off: %w", err)
	}
	if len(body) > maxAnswer {
		return nil, fmt.Errorf("answer is longer than %d bytes", maxAnswer)
	}
	answer.Body = io.NopCloser(bytes.NewReader(body))
	return answer, nil
}
