package rest_test

import (
	"bufio"
	"context"
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
	refused []refused
	fail    error                              // what Do answers in place of running anything
	forge   func(cmds [][][]byte) []resp.Value // likewise
	events  *events                            // what Listen brings
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

func (b *backend) Do(_ context.Context, p rest.Principal, cmds [][][]byte, atomic bool) ([]resp.Value, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.callers = append(b.callers, p.Component)
	if b.fail != nil {
		return nil, b.fail
	}
	if b.forge != nil {
		return b.forge(cmds), nil
	}
	var out []byte
	if atomic {
		out = resp.AppendCommand(out, []byte("MULTI"))
	}
	for _, args := range cmds {
		out = resp.AppendCommand(out, args...)
	}
	if atomic {
		out = resp.AppendCommand(out, []byte("EXEC"))
	}
	if _, err := b.conn.Write(out); err != nil {
		return nil, err
	}
	skip := 0
	if atomic {
		skip = 1 + len(cmds) // OK, QUEUED ...
	}
	for range skip {
		if _, err := resp.ReadValue(b.reader, resp.Limits{}); err != nil {
			return nil, err
		}
	}
	if atomic {
		v, err := resp.ReadValue(b.reader, resp.Limits{})
		if err == nil && v.IsError() {
			err = &rest.DiscardedError{Reply: v.Text()}
		}
		return v.Array, err
	}
	replies := make([]resp.Value, len(cmds))
	for i := range replies {
		v, err := resp.ReadValue(b.reader, resp.Limits{})
		if err != nil {
			return nil, err
		}
		replies[i] = v
	}
	return replies, nil
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
