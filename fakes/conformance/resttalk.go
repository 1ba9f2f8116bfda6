package conformance

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/resp"
)

// restTalk is a conversation over REST with base64, which is how Upstash's own
// libraries talk. With whole, all commands go in one pipeline, when the first
// reply is asked for.
type restTalk struct {
	t       testing.TB
	rest    REST
	whole   bool
	sent    [][]string
	replies []resp.Value
}

func (r *restTalk) send(_ string, command [][]byte) {
	words := make([]string, len(command))
	for i, word := range command {
		words[i] = string(word)
	}
	r.sent = append(r.sent, words)
}

// receive has no bytes to show: JSON is not what Redis speaks.
func (r *restTalk) receive(string) ([]byte, resp.Value) {
	r.t.Helper()
	if len(r.replies) == 0 {
		r.ask()
	}
	v := r.replies[0]
	r.replies = r.replies[1:]
	return nil, v
}

// ask sends what has been collected.
func (r *restTalk) ask() {
	r.t.Helper()
	sent := r.sent
	r.sent = nil
	if r.whole {
		var outcomes []outcome
		r.post("/pipeline", sent, &outcomes)
		for _, o := range outcomes {
			r.replies = append(r.replies, o.value(r.t))
		}
		require.Len(r.t, r.replies, len(sent))
		return
	}
	for _, command := range sent {
		var o outcome
		r.post("/", command, &o)
		r.replies = append(r.replies, o.value(r.t))
	}
}

func (r *restTalk) post(path string, body, answer any) {
	r.t.Helper()
	raw, err := json.Marshal(body)
	require.NoError(r.t, err)
	a := r.rest.do(r.t, request{
		method: http.MethodPost, target: path, body: string(raw),
		header: map[string]string{"Upstash-Encoding": "base64"},
	})
	dec := json.NewDecoder(strings.NewReader(a.body))
	dec.UseNumber()
	require.NoError(r.t, dec.Decode(answer), "%s", a.body)
}

// outcome is {"result": ...} or {"error": "..."}.
type outcome struct {
	Result any     `json:"result"`
	Error  *string `json:"error"`
}

func (o outcome) value(t testing.TB) resp.Value {
	if o.Error != nil {
		return resp.Errorf("%s", *o.Error)
	}
	return fromJSON(t, o.Result, true)
}

// fromJSON turns a result in base64 into a reply.
func fromJSON(t testing.TB, result any, top bool) resp.Value {
	switch v := result.(type) {
	case nil:
		return resp.Nil()
	case json.Number:
		n, err := v.Int64()
		require.NoError(t, err, "a number in a result")
		return resp.Int(n)
	case string:
		if top && v == "OK" { // a status, which base64 leaves alone
			return resp.Bulk(v)
		}
		text, err := base64.StdEncoding.DecodeString(v)
		require.NoError(t, err, "a string in a result: %q", v)
		return resp.Bulk(string(text))
	case []any:
		list := resp.List()
		for _, item := range v {
			list.Array = append(list.Array, fromJSON(t, item, false))
		}
		return list
	}
	require.Failf(t, "no result", "%T", result)
	return resp.Value{}
}

// request is one HTTP request; an empty method is GET.
type request struct {
	method, target, body string
	header               map[string]string
	token                *string // nil: the target's
}

// answered is what came back.
type answered struct {
	status int
	header http.Header
	body   string
}

func (r REST) do(t testing.TB, q request) answered {
	t.Helper()
	res := r.open(t, q)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return answered{res.StatusCode, res.Header, string(body)}
}

// open sends a request and leaves the body to be read.
func (r REST) open(t testing.TB, q request) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), q.method, r.URL+q.target, bytes.NewReader([]byte(q.body)))
	require.NoError(t, err)
	token := r.Token
	if q.token != nil {
		token = *q.token
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for name, value := range q.header {
		req.Header.Set(name, value)
	}
	res, err := r.Client.Do(req)
	require.NoError(t, err)
	return res
}
