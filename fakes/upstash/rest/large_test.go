package rest_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/fakes/upstash/resp"
	"tollgate/fakes/upstash/rest"
)

var resp2Header = map[string]string{"Upstash-Response-Format": "resp2"}

// What is sent piece by piece is what would have been sent at once, wherever a piece ends.
func TestLargeValuesInPieces(t *testing.T) {
	b := newBackend(t)
	h := rest.NewHandler(b, rest.Config{})
	rapid.Check(t, func(t *rapid.T) {
		unit := rapid.SampledFrom([]string{"x", "é", "€", "😀", "\xff", "\xe2\x82", "\"", "\n", "\x00", "ab\\"}).Draw(t, "unit")
		value := rapid.StringN(0, 8, -1).Draw(t, "start") + strings.Repeat(unit, rapid.IntRange(0, 12_000).Draw(t, "times"))
		b.forge = func([]rest.Call) []resp.Value {
			return []resp.Value{resp.List(resp.Bulk(value), resp.Int(-7), resp.Nil(), resp.List(resp.Bulk(value)))}
		}
		var got struct{ Result []any }
		require.NoError(t, json.Unmarshal(send(h, post(`["PING"]`)).Body.Bytes(), &got))
		text := string([]rune(value)) // each byte that is no UTF-8 is a U+FFFD
		require.Equal(t, []any{text, float64(-7), nil, []any{text}}, got.Result)

		require.NoError(t, json.Unmarshal(send(h, with(post(`["PING"]`), base64Header)).Body.Bytes(), &got))
		encoded := base64.StdEncoding.EncodeToString([]byte(value))
		require.Equal(t, []any{encoded, float64(-7), nil, []any{encoded}}, got.Result)

		raw := fmt.Sprintf("$%d\r\n%s\r\n", len(value), value)
		require.Equal(t, "*4\r\n"+raw+":-7\r\n$-1\r\n*1\r\n"+raw, send(h, with(post(`["PING"]`), resp2Header)).Body.String())
	})
}

func TestLongErrorsAndStatuses(t *testing.T) {
	b := newBackend(t)
	h := rest.NewHandler(b, rest.Config{})
	long := strings.Repeat("long ", 10_000)
	b.forge = func([]rest.Call) []resp.Value { return []resp.Value{resp.Errorf("%s", long)} }
	exchange{"error", post(`["PING"]`), 400, `{"error":"` + long + `"}`}.run(t, h)
	b.forge = func([]rest.Call) []resp.Value { return []resp.Value{resp.Simple(long)} }
	exchange{"status", post(`["PING"]`), 200, `{"result":"` + long + `"}`}.run(t, h)
}

func TestLengthIsSentOfSmallAnswersOnly(t *testing.T) {
	h := rest.NewHandler(newBackend(t), rest.Config{})
	for size, length := range map[int]string{10: "23", 40_000: ""} {
		require.Equal(t, 200, send(h, request{target: "/set/k", body: strings.Repeat("x", size)}).Code)
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			w := send(h, request{method: method, target: "/get/k"})
			require.Equal(t, length, w.Header().Get("Content-Length"), size)
			require.NotEmpty(t, w.Header().Get("Upstash-Sync-Token"))
			require.Equal(t, "application/json", w.Header().Get("Content-Type"))
			require.Equal(t, 200, w.Code)
			if method == http.MethodHead {
				require.Empty(t, w.Body.Bytes())
			} else {
				require.Len(t, w.Body.Bytes(), size+len(`{"result":""}`))
			}
		}
	}
}

// A pipeline with answers that are too many to be held is sent while it runs.
func TestLargePipeline(t *testing.T) {
	b := newBackend(t)
	h := rest.NewHandler(b, rest.Config{})
	value := strings.Repeat("x", 300_000)
	require.Equal(t, 200, send(h, request{target: "/set/k", body: value}).Code)
	row := `["GET","k"],["INCR","n"],["GET","n"],["INCR","k"],["QUIT"],`
	first := send(h, post(`["INCR","other"]`)).Header().Get("Upstash-Sync-Token")
	w := send(h, request{target: "/pipeline", body: "[" + strings.Repeat(row, 50) + `["PING"]]`})
	require.Equal(t, 200, w.Code)
	require.Empty(t, w.Header().Get("Content-Length"))
	require.NotEqual(t, first, w.Header().Get("Upstash-Sync-Token"))
	var got []struct {
		Result any
		Error  string
	}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &got))
	require.Len(t, got, 251)
	for i := range 50 {
		require.Equal(t, value, got[5*i].Result)
		require.InDelta(t, i+1, got[5*i+1].Result, 0)
		require.Equal(t, fmt.Sprint(i+1), got[5*i+2].Result)
		require.Equal(t, "ERR value is not an integer or out of range", got[5*i+3].Error)
		require.Contains(t, got[5*i+4].Error, "not allowed in REST")
	}
	require.Equal(t, "PONG", got[250].Result)

	w = send(h, with(request{target: "/pipeline", body: "[" + strings.Repeat(`["GET","k"],`, 9) + `["PING"]]`}, resp2Header))
	require.Equal(t, strings.Repeat("$300000\r\n"+value+"\r\n", 9)+"+PONG\r\n", w.Body.String())
	require.Equal(t, "application/octet-stream", w.Header().Get("Content-Type"))
}

// Where a part of the answer is out already, trouble breaks it off: the client must not take it for whole.
func TestTroubleInTheMiddleOfAnAnswer(t *testing.T) {
	b := newBackend(t)
	h := rest.NewHandler(b, rest.Config{})
	require.Equal(t, 200, send(h, request{target: "/set/k", body: strings.Repeat("x", 2<<20)}).Code)
	b.failAfter = 1
	q := request{target: "/pipeline", body: `[["GET","k"],["GET","k"]]`}
	require.PanicsWithValue(t, http.ErrAbortHandler, func() { send(h, q) })
}
