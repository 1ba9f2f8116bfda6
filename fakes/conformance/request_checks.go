package conformance

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const syncHeader = "upstash-sync-token"

// checkSyncToken: the token moves with every write, and any is taken back.
// https://upstash.com/docs/redis/howto/readyourwrites
func checkSyncToken(t *testing.T, rest REST, prefix string) {
	k := prefix + "k"
	defer rest.do(t, get("/del/"+k))
	token := func(q request) string {
		got := rest.do(t, q).header.Get(syncHeader)
		require.NotEmpty(t, got, q.target)
		return got
	}
	first := token(get("/set/"+k+"/1").with(syncHeader, ""))
	require.Equal(t, first, token(get("/get/"+k).with(syncHeader, first)), "a read moves nothing")
	seen := map[string]bool{first: true}
	for _, q := range []request{
		get("/incr/"+k).with(syncHeader, "my-own-token"),
		to("/pipeline", fmt.Sprintf(`[["GET",%q],["INCR",%q]]`, k, k)),
		to("/multi-exec", fmt.Sprintf(`[["INCR",%q]]`, k)),
		post(fmt.Sprintf(`["EVAL","return redis.call('INCR', KEYS[1])",1,%q]`, k)),
	} {
		now := token(q)
		require.False(t, seen[now], "%s %s: the token has not moved", q.target, q.body)
		seen[now] = true
	}
}

// checkLargeAnswers: what is long comes whole, and is well formed.
func checkLargeAnswers(t *testing.T, rest REST, prefix string) {
	k := prefix + "k"
	defer rest.do(t, get("/del/"+k))
	const size = 1 << 20
	long := strings.Repeat("0123456789abcdef", size/16)
	answer(to("/set/"+k, long), `{"result":"OK"}`).run(t, rest, "")
	answer(get("/get/"+k), `{"result":"`+long+`"}`).run(t, rest, "")

	const times = 5
	pipeline := "[" + strings.TrimSuffix(strings.Repeat(fmt.Sprintf(`["GET",%q],`, k), times), ",") + "]"
	want := "[" + strings.TrimSuffix(strings.Repeat(`{"result":"`+long+`"},`, times), ",") + "]"
	answer(to("/pipeline", pipeline), want).run(t, rest, "")
}

// checkTokens: https://upstash.com/docs/redis/troubleshooting/http_unauthorized
func checkTokens(t *testing.T, rest REST, _ string) {
	const refused = `{"error":"WRONGPASS invalid or missing auth token`
	none, wrong := "", "guess"
	for _, q := range []request{
		{method: http.MethodGet, target: "/ping", token: &none},
		{method: http.MethodGet, target: "/ping", token: &wrong},
		{method: http.MethodPost, target: "/pipeline", body: `[["PING"]]`, token: &wrong},
		{method: http.MethodGet, target: "/ping?_token=guess", token: &none},
		{method: http.MethodGet, target: "/ping", token: &wrong, header: map[string]string{encodingHeader: "base64"}},
	} {
		got := rest.do(t, q)
		require.Equal(t, http.StatusUnauthorized, got.status, q.target)
		require.True(t, strings.HasPrefix(got.body, refused), got.body)
	}
	inQuery := request{method: http.MethodGet, target: "/ping?_token=" + rest.Token, token: &none}
	answer(inQuery, `{"result":"PONG"}`).run(t, rest, "")
}
