package loadgen

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"
)

// Target is the service under load. All methods are called from many goroutines
// at once and must return soon after ctx is done.
type Target interface {
	// Enqueue hands in a job and returns the id it was accepted under.
	Enqueue(ctx context.Context, queue string, payload []byte) (id string, err error)
	// Request sends one API request. err is for a request without an answer; an
	// answer of any status is no error.
	Request(ctx context.Context, r Request) (status int, err error)
	// CacheRead reads a key and reports whether it was there.
	CacheRead(ctx context.Context, key string) (hit bool, err error)
	// CacheWrite stores value, a JSON text that must not be changed.
	CacheWrite(ctx context.Context, key string, value []byte) error
	CacheDelete(ctx context.Context, key string) error
}

// Request is one API request.
type Request struct {
	Method string
	Path   string
	Client string // who asks, for the rate limiter
	Body   []byte // nil for none
}

// StatusError is an answer with a status other than 2xx where an error has to
// stand for it, as in [Target].Enqueue.
type StatusError struct {
	Op     string // what was asked for, such as "POST /v1/jobs/calendar-sync"
	Status int
	Reason string // what the service said about it, shortened; may be empty
}

// Error names the request, the status and the reason.
func (e *StatusError) Error() string {
	text := fmt.Sprintf("%s: status %d %s", e.Op, e.Status, http.StatusText(e.Status))
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	return text
}

// Class sorts errors by what they say about the service.
type Class string

// The classes of errors. An answer of 429 has none: it is counted as limited.
const (
	ClassNetwork Class = "network"  // no connection, or one that broke
	ClassTimeout Class = "timeout"  // no answer in time
	ClassServer  Class = "http_5xx" // the service failed
	ClassClient  Class = "http_4xx" // the service refused
	ClassOther   Class = "other"    // anything else
)

// answer is how one arrival ended.
type answer struct {
	limited bool
	hit     bool
	err     error
}

// call carries out one arrival.
func call(ctx context.Context, t Target, a *Arrival, value []byte, tracker *Tracker) answer {
	switch a.Kind {
	case KindJob:
		payload, err := Payload(a.Queue, a.User)
		if err != nil {
			return answer{err: err}
		}
		id, err := t.Enqueue(ctx, a.Queue, payload)
		if err == nil && tracker != nil {
			tracker.Accepted(id, a.Queue, time.Now())
		}
		return answer{err: err}.settle()
	case KindRequest:
		r := Request{Method: http.MethodGet, Path: "/v1/users/" + a.User + "/" + a.Route, Client: a.Client}
		status, err := t.Request(ctx, r)
		if err == nil && (status < 200 || status > 299) {
			err = &StatusError{Op: r.Method + " " + r.Path, Status: status}
		}
		return answer{err: err}.settle()
	case KindCacheRead:
		hit, err := t.CacheRead(ctx, a.Key)
		return answer{hit: hit, err: err}.settle()
	case KindCacheWrite:
		return answer{err: t.CacheWrite(ctx, a.Key, value)}.settle()
	case KindCacheDelete:
		return answer{err: t.CacheDelete(ctx, a.Key)}.settle()
	default:
		return answer{err: fmt.Errorf("loadgen: arrival of unknown kind %q", a.Kind)}
	}
}

// settle turns the error of a rate limiter's refusal into a limited answer.
func (a answer) settle() answer {
	if status := (*StatusError)(nil); errors.As(a.err, &status) && status.Status == http.StatusTooManyRequests {
		return answer{limited: true}
	}
	return a
}

// ClassOf sorts err, which must not be nil.
func ClassOf(err error) Class {
	var status *StatusError
	var network net.Error
	switch {
	case errors.As(err, &status) && status.Status >= 500:
		return ClassServer
	case errors.As(err, &status) && status.Status >= 400:
		return ClassClient
	case errors.As(err, &status):
		return ClassOther
	case errors.Is(err, context.DeadlineExceeded):
		return ClassTimeout
	case errors.As(err, &network) && network.Timeout():
		return ClassTimeout
	case errors.As(err, &network), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.ErrClosedPipe),
		errors.Is(err, net.ErrClosed), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.ECONNREFUSED), errors.Is(err, syscall.EPIPE):
		return ClassNetwork
	default:
		return ClassOther
	}
}
