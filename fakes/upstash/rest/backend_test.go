package rest_test

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/resp"
	"tollgate/fakes/upstash/rest"
)

const (
	token         = "t0ken"
	readOnlyToken = "r3ad"
)

// refused is one call of Backend.Refused.
type refused struct {
	component, name string
	unsupported     bool
}

// backend runs commands on a miniredis, and remembers what it was asked.
type backend struct {
	mu      sync.Mutex
	conn    net.Conn
	reader  *bufio.Reader
	callers []string
	ran     []string // commands
	refused []refused
	fail    error                                // what Do answers in place of running anything
	forge   func(calls []rest.Call) []resp.Value // likewise
	events  *events                              // what Listen brings

	failAfter int // so many commands of a request; 0 means never
}

func newBackend(tb testing.TB) *backend {
	tb.Helper()
	mini := miniredis.RunT(tb)
	conn, err := net.Dial("tcp", mini.Addr())
	require.NoError(tb, err)
	tb.Cleanup(func() { _ = conn.Close() })
	return &backend{conn: conn, reader: bufio.NewReader(conn)}
}

func (b *backend) Authenticate(t string) (rest.Principal, bool) {
	switch t {
	case token:
		return rest.Principal{Component: "app"}, true
	case readOnlyToken:
		return rest.Principal{Component: "reader", ReadOnly: true}, true
	default:
		return rest.Principal{}, false
	}
}

func (b *backend) Do(_ context.Context, p rest.Principal, calls []rest.Call, atomic bool, replies *rest.Replies) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.callers = append(b.callers, p.Component)
	if b.fail != nil {
		return b.fail
	}
	if b.forge != nil {
		for _, v := range b.forge(calls) {
			replies.Add(v)
		}
		return nil
	}
	if atomic {
		return b.transact(calls, replies)
	}
	for i, call := range calls {
		if b.failAfter > 0 && i == b.failAfter {
			return errors.New("engine gone")
		}
		v := resp.Errorf("%s", call.Refusal)
		if call.Refusal == "" {
			var err error
			if v, err = b.ask(call.Args...); err != nil {
				return err
			}
			b.ran = append(b.ran, string(call.Args[0]))
		}
		replies.Add(v)
		if replies.Full() {
			if err := replies.Drain(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *backend) ask(args ...[]byte) (resp.Value, error) {
	if _, err := b.conn.Write(resp.AppendCommand(nil, args...)); err != nil {
		return resp.Value{}, err
	}
	return resp.ReadValue(b.reader, resp.Limits{})
}

func (b *backend) transact(calls []rest.Call, replies *rest.Replies) error {
	if _, err := b.ask([]byte("MULTI")); err != nil {
		return err
	}
	for _, call := range calls {
		if _, err := b.ask(call.Args...); err != nil { // QUEUED
			return err
		}
	}
	v, err := b.ask([]byte("EXEC"))
	if err == nil && v.IsError() {
		err = &rest.DiscardedError{Reply: v.Text()}
	}
	for _, item := range v.Array {
		replies.Add(item)
	}
	return err
}

// Listen brings what events holds, if the command is whole.
func (b *backend) Listen(_ context.Context, p rest.Principal, args [][]byte) (rest.Events, string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.callers = append(b.callers, p.Component)
	if b.fail != nil {
		return nil, "", b.fail
	}
	if len(args) < 2 {
		return nil, "ERR refused", nil
	}
	return b.events, "", nil
}

func (b *backend) Refused(p rest.Principal, name string, unsupported bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refused = append(b.refused, refused{p.Component, name, unsupported})
}

// request is one request to the handler; the zero values are a POST to "/" with the good token.
type request struct {
	method, target, body string
	header               map[string]string
}

// send lets the handler answer a request.
func send(h http.Handler, q request) *httptest.ResponseRecorder {
	if q.method == "" {
		q.method = http.MethodPost
	}
	if q.target == "" {
		q.target = "/"
	}
	r := httptest.NewRequest(q.method, q.target, strings.NewReader(q.body))
	r.Header.Set("Authorization", "Bearer "+token)
	for name, value := range q.header {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// exchange is a request and what must come of it.
type exchange struct {
	name string
	request
	status int
	want   string // the body
}

func (e exchange) run(t *testing.T, h http.Handler) {
	t.Helper()
	w := send(h, e.request)
	require.Equal(t, e.want, w.Body.String(), e.name)
	require.Equal(t, e.status, w.Code, e.name)
}

var base64Header = map[string]string{"Upstash-Encoding": "base64"}

// post is a request with a JSON body.
func post(body string) request { return request{body: body} }

// get is a request whose path is the command.
func get(target string) request { return request{method: http.MethodGet, target: target} }

func with(q request, header map[string]string) request {
	q.header = header
	return q
}
