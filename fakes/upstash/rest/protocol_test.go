package rest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/resp"
	"tollgate/fakes/upstash/rest"
)

const unauthorized = `{"error":"WRONGPASS invalid or missing auth token. See https://docs.upstash.com/redis/troubleshooting/http_unauthorized for details."}`

func TestAuthentication(t *testing.T) {
	h := rest.NewHandler(newBackend(t), rest.Config{})
	auth := func(value string) map[string]string { return map[string]string{"Authorization": value} }
	for _, e := range []exchange{
		{"bearer", with(post(`["PING"]`), auth("Bearer "+token)), 200, `{"result":"PONG"}`},
		{"in any case", with(post(`["PING"]`), auth("bEARER  "+token)), 200, `{"result":"PONG"}`},
		{"bare", with(post(`["PING"]`), auth(token)), 200, `{"result":"PONG"}`},
		{"query", with(request{target: "/?_token=" + token, body: `["PING"]`}, auth("")), 200, `{"result":"PONG"}`},
		{"query wins", with(get("/ping?_token="+token), auth("Bearer no")), 200, `{"result":"PONG"}`},
		{"also when wrong", get("/ping?_token=no"), 401, unauthorized},
		{"also when empty", get("/ping?_token="), 401, unauthorized},
		{"first of two", get("/ping?_token=no&_token=" + token), 401, unauthorized},
		{"wrong", with(post(`["PING"]`), auth("Bearer no")), 401, unauthorized},
		{"missing", with(post(`["PING"]`), auth("")), 401, unauthorized},
		{"no basic", with(post(`["PING"]`), auth("Basic "+token)), 401, unauthorized},
		{"never in base64", with(get("/ping?_token=no"), base64Header), 401, unauthorized},
		{"pipeline", with(request{target: "/pipeline", body: `[["PING"]]`}, auth("x")), 401, unauthorized},
	} {
		e.run(t, h)
	}
}

func TestReadOnlyToken(t *testing.T) {
	b := newBackend(t)
	h := rest.NewHandler(b, rest.Config{})
	readOnly := map[string]string{"Authorization": "Bearer " + readOnlyToken}
	denied := func(name string) string {
		return `{"error":"NOPERM this user has no permissions to run the '` + name + `' command or its subcommand"}`
	}
	for _, e := range []exchange{
		{"read", with(post(`["GET","k"]`), readOnly), 200, `{"result":null}`},
		{"write", with(post(`["SET","k","v"]`), readOnly), 400, denied("set")},
		{"script", with(get("/evalsha/abc/0"), readOnly), 400, denied("evalsha")},
		{"powerful read", with(get("/scan/0"), readOnly), 400, denied("scan")},
		{"sub-command", with(get("/config/get/x"), readOnly), 400, denied("config|get")},
		{"in a pipeline", with(request{target: "/pipeline", body: `[["GET","k"],["DEL","k"]]`}, readOnly), 200, `[{"result":null},` + denied("del") + `]`},
		{"in a transaction", with(request{target: "/multi-exec", body: `[["GET","k"],["DEL","k"]]`}, readOnly), 400, denied("del")},
	} {
		e.run(t, h)
	}
	require.Equal(t, []refused{
		{"reader", "SET", false},
		{"reader", "EVALSHA", false},
		{"reader", "SCAN", false},
		{"reader", "CONFIG GET", false},
		{"reader", "DEL", false},
		{"reader", "DEL", false},
		{"reader", "GET", false},
	}, b.refused)
}

func TestCommandsWithoutPlaceInREST(t *testing.T) {
	b := newBackend(t)
	h := rest.NewHandler(b, rest.Config{})
	for command, name := range map[string]string{
		`["SUBSCRIBE","c"]`:                     "SUBSCRIBE",
		`["unsubscribe"]`:                       "UNSUBSCRIBE",
		`["MULTI"]`:                             "MULTI",
		`["HELLO",3]`:                           "HELLO",
		`["AUTH","x"]`:                          "AUTH",
		`["SELECT",0]`:                          "SELECT",
		`["client","setname","x"]`:              "CLIENT SETNAME",
		`["BZPOPMIN","z",0]`:                    "BZPOPMIN",
		`["XREAD","BLOCK",0,"STREAMS","s","$"]`: "XREAD",
		`["MONITOR"]`:                           "MONITOR",
	} {
		exchange{command, post(command), 400, `{"error":"ERR Command \"` + name + `\" is not allowed in REST or it has a special context path"}`}.run(t, h)
	}
	require.Empty(t, b.ran, "none of them may reach the engine")

	exchange{"reading a stream", post(`["XREAD","STREAMS","s","0"]`), 200, `{"result":null}`}.run(t, h)
}

func TestMethodsAndHeaders(t *testing.T) {
	h := rest.NewHandler(newBackend(t), rest.Config{})
	for _, method := range []string{http.MethodDelete, http.MethodPatch, http.MethodTrace, "PURGE"} {
		w := send(h, request{method: method, target: "/get/k"})
		require.Equal(t, http.StatusMethodNotAllowed, w.Code, method)
		require.Empty(t, w.Body.String())
		require.Equal(t, "GET, HEAD, POST, PUT", w.Header().Get("Allow"))
	}
	w := send(h, request{method: http.MethodOptions, target: "/set/k/v", header: map[string]string{
		"Authorization": "", "Origin": "https://page.example", "Access-Control-Request-Headers": "authorization,upstash-encoding",
	}})
	require.Equal(t, 200, w.Code)
	require.Equal(t, "https://page.example", w.Header().Get("Access-Control-Allow-Origin"))
	require.Equal(t, "true", w.Header().Get("Access-Control-Allow-Credentials"))
	require.Equal(t, "authorization,upstash-encoding", w.Header().Get("Access-Control-Allow-Headers"))
	exchange{"it ran nothing", get("/get/k"), 200, `{"result":null}`}.run(t, h)

	w = send(h, get("/get/k"))
	require.Equal(t, "application/json", w.Header().Get("Content-Type"))
	require.Equal(t, "15", w.Header().Get("Content-Length"))
	require.Empty(t, w.Header().Get("Access-Control-Allow-Origin"), "nobody asked")
}

func TestHEADOverTheWire(t *testing.T) {
	srv := httptest.NewServer(rest.NewHandler(newBackend(t), rest.Config{}))
	defer srv.Close()
	res, err := http.Head(srv.URL + "/get/k?_token=" + token)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equal(t, 200, res.StatusCode)
	require.Empty(t, body)
	require.Equal(t, int64(15), res.ContentLength)
}

func TestBase64(t *testing.T) {
	b := newBackend(t)
	h := rest.NewHandler(b, rest.Config{})
	for _, e := range []exchange{
		{"status OK is left alone", post(`["SET","k","OK"]`), 200, `{"result":"OK"}`},
		{"a value OK is not", post(`["GET","k"]`), 200, `{"result":"T0s="}`},
		{"nor any other status", post(`["PING"]`), 200, `{"result":"UE9ORw=="}`},
		{"nor a status in an array", post(`["EVAL","return {redis.call('SET','a','b'),{'x',1,false}}",0]`), 200, `{"result":["T0s=",["eA==",1,null]]}`},
		{"null", post(`["GET","none"]`), 200, `{"result":null}`},
		{"integer", post(`["STRLEN","k"]`), 200, `{"result":2}`},
		{"error", post(`["INCR","k"]`), 400, `{"error":"ERR value is not an integer or out of range"}`},
		{"empty", post(`["ECHO",""]`), 200, `{"result":""}`},
		{
			"pipeline",
			request{target: "/pipeline", body: `[["SET","k","v"],["GET","k"],["LPUSH","k","x"]]`},
			200,
			`[{"result":"OK"},{"result":"dg=="},{"error":"WRONGTYPE Operation against a key holding the wrong kind of value"}]`,
		},
	} {
		e.header = base64Header
		e.run(t, h)
	}
	exchange{"other encodings are none", with(post(`["GET","k"]`), map[string]string{"Upstash-Encoding": "gzip"}), 200, `{"result":"v"}`}.run(t, h)
}

func TestInvalidUTF8(t *testing.T) {
	h := rest.NewHandler(newBackend(t), rest.Config{})
	for _, e := range []exchange{
		{"set", request{target: "/set/k", body: "a\xff\xfeb\xe2\x82"}, 200, `{"result":"OK"}`},
		{"is replaced", get("/get/k"), 200, `{"result":"a` + "\ufffd\ufffd" + `b` + "\ufffd\ufffd" + `"}`},
		{"but not in base64", with(get("/get/k"), base64Header), 200, `{"result":"Yf/+YuKC"}`},
		{"nor in RESP2", with(get("/get/k"), map[string]string{"Upstash-Response-Format": "resp2"}), 200, "$6\r\na\xff\xfeb\xe2\x82\r\n"},
	} {
		e.run(t, h)
	}
}

func TestRESP2(t *testing.T) {
	h := rest.NewHandler(newBackend(t), rest.Config{})
	format := func(v string) map[string]string { return map[string]string{"Upstash-Response-Format": v} }
	for _, e := range []exchange{
		{"status", with(post(`["SET","k","v"]`), format("resp2")), 200, "+OK\r\n"},
		{"error", with(post(`["INCR","k"]`), format("resp2")), 400, "-ERR value is not an integer or out of range\r\n"},
		{"refusal", with(post(`["QUIT"]`), format("resp2")), 400, "-ERR Command \"QUIT\" is not allowed in REST or it has a special context path\r\n"},
		{"pipeline", with(request{target: "/pipeline", body: `[["GET","k"],["GET","none"],["MGET","k"]]`}, format("resp2")), 200, "$1\r\nv\r\n$-1\r\n*1\r\n$1\r\nv\r\n"},
		{"json by name", with(post(`["GET","k"]`), format("json")), 200, `{"result":"v"}`},
		{"anything else", with(post(`["GET","k"]`), format("resp3")), 400, `{"error":"ERR unsupported Upstash-Response-Format: only json and resp2 are allowed"}`},
		{
			"with base64", with(post(`["GET","k"]`), map[string]string{"Upstash-Response-Format": "resp2", "Upstash-Encoding": "base64"}), 400,
			`{"error":"ERR Upstash-Encoding: base64 is not allowed with Upstash-Response-Format: resp2"}`,
		},
	} {
		e.run(t, h)
	}
	require.Equal(t, "application/octet-stream", send(h, with(post(`["PING"]`), format("resp2"))).Header().Get("Content-Type"))
}

func TestRESP3RepliesInTheViewOfRESP2(t *testing.T) {
	b := newBackend(t)
	h := rest.NewHandler(b, rest.Config{})
	for want, v := range map[string]resp.Value{
		`["k",1]`:    {Kind: resp.Map, Array: []resp.Value{resp.Bulk("k"), resp.Int(1)}},
		`["m"]`:      {Kind: resp.Set, Array: []resp.Value{resp.Bulk("m")}},
		`["p"]`:      {Kind: resp.Push, Array: []resp.Value{resp.Bulk("p")}},
		`"1.5"`:      {Kind: resp.Double, Float: 1.5},
		`"inf"`:      {Kind: resp.Double, Float: math.Inf(1)},
		`1`:          {Kind: resp.Boolean, Int: 1},
		`"123456"`:   {Kind: resp.BigNumber, Str: []byte("123456")},
		`"text"`:     {Kind: resp.Verbatim, Str: []byte("txt:text")},
		`["ERR no"]`: resp.List(resp.Errorf("ERR no")),
	} {
		b.forge = func([]rest.Call) []resp.Value { return []resp.Value{v} }
		exchange{want, post(`["PING"]`), 200, `{"result":` + want + `}`}.run(t, h)
	}
	b.forge = func([]rest.Call) []resp.Value { return []resp.Value{resp.List(resp.Errorf("ERR no"))} }
	exchange{"an error is not encoded", with(post(`["PING"]`), base64Header), 200, `{"result":["ERR no"]}`}.run(t, h)
}

func TestSyncToken(t *testing.T) {
	h := rest.NewHandler(newBackend(t), rest.Config{})
	tokenOf := func(q request) string { return send(h, q).Header().Get("upstash-sync-token") }
	seen := map[string]bool{}
	moved := func(q request) {
		t.Helper()
		got := tokenOf(q)
		require.NotEmpty(t, got)
		require.False(t, seen[got], "%s after %+v", got, q)
		seen[got] = true
	}
	moved(get("/get/k"))
	moved(post(`["SET","k","1"]`))
	moved(post(`["SET","k","1"]`))
	moved(request{target: "/pipeline", body: `[["GET","k"],["INCR","k"]]`})
	moved(request{target: "/multi-exec", body: `[["INCR","k"],["INCR","k"]]`})
	moved(post(`["EVAL","return redis.call('INCR','k')",0]`))
	var loaded struct{ Result string }
	require.NoError(t, json.Unmarshal(send(h, post(`["SCRIPT","LOAD","return redis.call('INCR','k')"]`)).Body.Bytes(), &loaded))
	moved(post(`["EVALSHA","` + loaded.Result + `",0]`))
	moved(with(post(`["INCR","k"]`), map[string]string{"upstash-sync-token": "my-new-sync-token"}))

	last := tokenOf(get("/get/k"))
	require.True(t, seen[last], "a read moves nothing")
	require.Equal(t, last, tokenOf(post(`["LPUSH","k","x"]`)), "nor does a write that failed")
	require.Equal(t, last, tokenOf(get("/get/k?_token=no")), "nor a request without a token")
	require.Equal(t, last, tokenOf(with(get("/get/k"), map[string]string{"upstash-sync-token": "my-new-sync-token"})), "whatever the client says")

	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			got := tokenOf(post(`["INCR","k"]`))
			mu.Lock()
			defer mu.Unlock()
			seen[got] = true
		})
	}
	wg.Wait()
	require.Len(t, seen, 58, "of writes at the same time each has its own")
}

func TestRequestSize(t *testing.T) {
	const limit = 1000
	b := newBackend(t)
	h := rest.NewHandler(b, rest.Config{MaxRequestBytes: limit})
	command := func(size int) string {
		const frame = `["SET","k",""]`
		return `["SET","k","` + strings.Repeat("x", size-len(frame)) + `"]`
	}
	tooLarge := func(actual string) string {
		return `{"error":"ERR max request size exceeded. Limit: 1000 bytes, Actual: ` + actual +
			` bytes. See https://upstash.com/docs/redis/troubleshooting/max_request_size_exceeded for details"}`
	}
	exchange{"at the limit", post(command(limit)), 200, `{"result":"OK"}`}.run(t, h)
	exchange{"over it", post(command(limit + 1)), 413, tooLarge("1001")}.run(t, h)
	exchange{"raw", request{target: "/set/k", body: strings.Repeat("x", limit+1)}, 413, tooLarge("1001")}.run(t, h)
	require.Equal(t, []refused{{"app", "(too large)", false}, {"app", "(too large)", false}}, b.refused)

	srv := httptest.NewServer(h)
	defer srv.Close()
	for name, body := range map[string]io.Reader{
		"of known length":   strings.NewReader(command(5000)),
		"of unknown length": io.MultiReader(strings.NewReader(command(5000))),
	} {
		res, err := http.Post(srv.URL+"/?_token="+token, "application/json", body)
		require.NoError(t, err, name)
		got, err := io.ReadAll(res.Body)
		require.NoError(t, err, name)
		require.NoError(t, res.Body.Close())
		require.Equal(t, tooLarge("5000"), string(got), name)
		require.Equal(t, 413, res.StatusCode, name)
	}
}

func TestDefaultRequestSize(t *testing.T) {
	h := rest.NewHandler(newBackend(t), rest.Config{})
	for size, status := range map[int]int{10485760: 200, 10485761: 413} {
		require.Equal(t, status, send(h, request{target: "/set/k", body: strings.Repeat("x", size)}).Code, size)
	}
}

func TestComponent(t *testing.T) {
	b := newBackend(t)
	h := rest.NewHandler(b, rest.Config{})
	for _, tc := range []struct{ userAgent, want string }{
		{"", "app"},
		{"Go-http-client/1.1", "app"},
		{"tollgate-cache/1", "cache"},
		{"tollgate-sms-limiter/1.2 Go-http-client/1.1", "sms-limiter"},
		{"Go-http-client/1.1 tollgate-cache/1", "app"},
		{"tollgate-cache", "app"},
		{"tollgate-/1", "app"},
		{"tollgate-cache/", "app"},
		{"tollgate-" + strings.Repeat("x", 65) + "/1", "app"},
	} {
		b.callers = nil
		send(h, with(post(`["PING"]`), map[string]string{"User-Agent": tc.userAgent}))
		require.Equal(t, []string{tc.want}, b.callers, tc.userAgent)
	}
}

func TestBrokenEngine(t *testing.T) {
	b := newBackend(t)
	var log bytes.Buffer
	h := rest.NewHandler(b, rest.Config{Logger: slog.New(slog.NewTextHandler(&log, nil))})
	b.fail = errors.New("dial: connection refused")
	const want = `{"error":"ERR the engine behind this server failed: dial: connection refused"}`
	exchange{"single", post(`["GET","k"]`), 500, want}.run(t, h)
	exchange{"pipeline", request{target: "/pipeline", body: `[["GET","k"]]`}, 500, want}.run(t, h)
	exchange{"transaction", request{target: "/multi-exec", body: `[["GET","k"]]`}, 500, want}.run(t, h)
	require.Contains(t, log.String(), "connection refused")
	require.NotContains(t, log.String(), token)

	b.fail = nil
	b.forge = func([]rest.Call) []resp.Value { return nil }
	exchange{
		"too few replies", post(`["GET","k"]`), 500,
		`{"error":"ERR the engine behind this server failed: the backend gave 0 replies to 1 commands"}`,
	}.run(t, h)
}

// brokenBody fails while it is read, as the body of a client that goes away does.
type brokenBody struct{}

func (brokenBody) Read([]byte) (int, error) { return 0, errors.New("gone") }

func TestBodyThatBreaksOff(t *testing.T) {
	b := newBackend(t)
	h := rest.NewHandler(b, rest.Config{})
	for _, length := range []int64{-1, 20, 20 << 20} {
		r := httptest.NewRequest(http.MethodPost, "/set/k", brokenBody{})
		r.ContentLength = length
		r.Header.Set("Authorization", token)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		require.Equal(t, 400, w.Code)
		require.JSONEq(t, `{"error":"ERR reading the request: gone"}`, w.Body.String())
	}
	require.Empty(t, b.callers, "half a value must not be stored")
}
