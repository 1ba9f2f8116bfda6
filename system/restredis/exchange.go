package restredis

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// syncTokenHeader carries the state of the database that a reply reflects, and
// back, the state that a read must reflect at least.
const syncTokenHeader = "Upstash-Sync-Token"

// answer is an HTTP response that was read in full.
type answer struct {
	status     int
	body       []byte
	retryAfter time.Duration
}

// send sends a request, with retries, and returns the body of the 200 reply.
func (c *Client) send(ctx context.Context, r request) ([]byte, error) {
	c.requests.Add(1)
	pauses := &fullJitter{base: c.cfg.Retry.Base, longest: c.cfg.Retry.Max}
	var last *Error
	body, err := backoff.Retry(ctx, func() ([]byte, error) {
		if last != nil {
			c.retries.Add(1)
		}
		a, connected, failure := c.attempt(ctx, r)
		if failure == nil {
			return a.body, nil
		}
		last, pauses.asked = failure, a.retryAfter
		if ctx.Err() != nil || !r.retryable(failure, connected) {
			return nil, backoff.Permanent(failure)
		}
		return nil, failure
	},
		backoff.WithBackOff(pauses),
		backoff.WithMaxTries(uint(c.cfg.Retry.MaxAttempts)),
		backoff.WithMaxElapsedTime(c.cfg.Retry.MaxElapsed),
	)
	switch {
	case err == nil:
		return body, nil
	case errors.Is(err, last): // failed for good
		return nil, last
	default: // the context ended between two attempts
		failure := c.interrupted(ctx, r.command)
		failure.Message = "waiting to retry: " + last.Message
		failure.Err = errors.Join(err, last)
		return nil, failure
	}
}

// attempt makes one HTTP exchange. connected reports that the request may have
// reached the server.
func (c *Client) attempt(ctx context.Context, r request) (a answer, connected bool, failure *Error) {
	if c.life.Err() != nil {
		return a, false, &Error{Kind: KindClosed, Command: r.command, Message: "the client is closed", Err: context.Cause(c.life)}
	}
	bounded, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	defer context.AfterFunc(c.life, cancel)()

	var gotConn atomic.Bool
	traced := httptrace.WithClientTrace(bounded, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { gotConn.Store(true) }})
	req, err := c.newHTTPRequest(traced, r)
	if err != nil {
		return a, false, &Error{Kind: KindArgument, Command: r.command, Message: "the request cannot be built", Err: err}
	}
	a, err = c.exchange(req)
	if c.life.Err() != nil {
		c.http.CloseIdleConnections() // this exchange's, when Close came too early for it
	}
	if err != nil {
		return a, gotConn.Load(), c.noAnswer(ctx, r.command, err)
	}
	if a.status != http.StatusOK {
		return a, true, c.refused(r, a.status, errorText(a.body))
	}
	return a, true, nil
}

// newHTTPRequest builds the HTTP request of one attempt.
func (c *Client) newHTTPRequest(ctx context.Context, r request) (*http.Request, error) {
	target := c.baseURL + r.path
	if r.query != "" {
		target += "?" + r.query
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, target, bytes.NewReader(r.body))
	if err != nil {
		return nil, withoutURL(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.cfg.Token)
	req.Header.Set("Content-Type", r.contentType)
	req.Header.Set("User-Agent", c.userAgent)
	req.Header.Set("Upstash-Encoding", "base64")
	if token := c.syncToken.Load(); token != nil {
		req.Header.Set(syncTokenHeader, *token)
	}
	return req, nil
}

// exchange sends one HTTP request and reads the response in full, within the
// bound on its size, so that the connection can be used again.
func (c *Client) exchange(req *http.Request) (answer, error) {
	resp, err := c.http.Do(req)
	if err != nil {
		return answer{}, withoutURL(err)
	}
	defer resp.Body.Close() // read to its end, or given up
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxResponse+1))
	if err != nil {
		return answer{}, err
	}
	if len(body) > maxResponse {
		return answer{}, errTooLong
	}
	if token := resp.Header.Get(syncTokenHeader); token != "" {
		c.syncToken.Store(&token)
	}
	return answer{status: resp.StatusCode, body: body, retryAfter: retryAfter(resp.Header)}, nil
}

// retryAfter reads the header of that name, a number of seconds or a date; 0
// when there is none.
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.Atoi(value); err == nil {
		return time.Duration(max(0, min(seconds, 24*60*60))) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(0, time.Until(at))
	}
	return 0
}
