package rest_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/resp"
	"tollgate/fakes/upstash/rest"
)

// events are values to bring, and then the error, or io.EOF.
type events struct {
	values []resp.Value
	quiet  int // so often ErrQuiet first
	err    error
	closed int
}

func (e *events) Next(time.Duration) (resp.Value, error) {
	if e.quiet > 0 {
		e.quiet--
		return resp.Value{}, rest.ErrQuiet
	}
	if len(e.values) == 0 {
		return resp.Value{}, errors.Join(e.err, io.EOF)
	}
	v := e.values[0]
	e.values = e.values[1:]
	return v, nil
}

func (e *events) Close() { e.closed++ }

var acceptEvents = map[string]string{"Accept": "text/event-stream", "Upstash-Encoding": "base64"}

func TestEventsAsTheyAreSent(t *testing.T) {
	b := newBackend(t)
	server := httptest.NewServer(rest.NewHandler(b, rest.Config{}))
	defer server.Close()
	tests := map[string]struct {
		events *events
		want   string
	}{
		"a subscription": {
			&events{values: []resp.Value{
				resp.List(resp.Bulk("subscribe"), resp.Bulk("chat"), resp.Int(1)),
				resp.List(resp.Bulk("message"), resp.Bulk("chat"), resp.Bulk("hello, you")),
			}},
			"data: subscribe,chat,1\n\ndata: message,chat,hello, you\n\n",
		},
		"a monitor":      {&events{values: []resp.Value{resp.OK(), resp.Bulk(`1.0 [0 lua] "GET"`)}}, "data: \"OK\"\n\ndata: 1.0 [0 lua] \"GET\"\n\n"},
		"several lines":  {&events{values: []resp.Value{resp.Bulk("a\nb\r\nc\rd\n")}}, "data: a\ndata: b\ndata: c\ndata: d\ndata: \n\n"},
		"no text":        {&events{values: []resp.Value{resp.Bulk("\xff!")}}, "data: \uFFFD!\n\n"},
		"silence":        {&events{quiet: 2, values: []resp.Value{resp.Bulk("x")}}, ": keep-alive\n\n: keep-alive\n\ndata: x\n\n"},
		"a slow monitor": {&events{err: rest.ErrBehind}, ": dropped, as the reader is too slow\n\n"},
		"nothing":        {&events{}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			b.events = test.events
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/subscribe/chat", strings.NewReader("[]"))
			require.NoError(t, err)
			request.Header.Set("Authorization", "Bearer "+token)
			for name, value := range acceptEvents {
				request.Header.Set(name, value)
			}
			response, err := server.Client().Do(request)
			require.NoError(t, err)
			defer response.Body.Close()
			text, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			require.Equal(t, test.want, string(text))
			require.Equal(t, http.StatusOK, response.StatusCode)
			require.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
			require.Equal(t, "no-cache", response.Header.Get("Cache-Control"))
			require.Equal(t, "1", response.Header.Get("Upstash-Sync-Token"))
			require.Equal(t, 1, test.events.closed)
		})
	}
}

func TestStreamsThatAreRefused(t *testing.T) {
	b := newBackend(t)
	h := rest.NewHandler(b, rest.Config{})
	for name, q := range map[string]request{
		"SUBSCRIBE":  get("/Subscribe/chat"),
		"PSUBSCRIBE": {method: http.MethodPut, target: "/psubscribe/*", header: acceptEvents},
		"MONITOR":    {target: "/monitor", header: map[string]string{"Accept": "*/*"}},
	} {
		exchange{name, q, 400, `{"error":"ERR Command \"` + name + `\" is not allowed in REST or it has a special context path"}`}.run(t, h)
		require.Contains(t, b.refused, refused{"app", name, false})
	}
	require.Empty(t, b.callers)

	exchange{"by the backend", with(get("/subscribe"), acceptEvents), 400, `{"error":"ERR refused"}`}.run(t, h)
	b.fail = errors.New("no engine")
	exchange{"no engine", with(get("/subscribe/c"), acceptEvents), 500, `{"error":"ERR the engine behind this server failed: no engine"}`}.run(t, h)
	w := send(h, request{target: "/monitor", header: map[string]string{"Accept": "text/event-stream", "Authorization": "wrong"}})
	require.Equal(t, http.StatusUnauthorized, w.Code)
}
