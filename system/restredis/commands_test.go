package restredis_test

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/system/restredis"
)

func TestEachMethodSendsOneCommand(t *testing.T) {
	const two = `[null,` + `"dg=="` + `]`
	tests := []struct {
		call        func(t *testing.T, c *restredis.Client) (any, error)
		sent, reply string
		want        any
	}{
		{func(t *testing.T, c *restredis.Client) (any, error) { return nil, c.Ping(t.Context()) }, `["PING"]`, text("PONG"), nil},
		{func(t *testing.T, c *restredis.Client) (any, error) {
			v, found, err := c.Get(t.Context(), "k")
			return fmt.Sprintf("%s %v", v, found), err
		}, `["GET","k"]`, text("v"), "v true"},
		{func(t *testing.T, c *restredis.Client) (any, error) {
			v, found, err := c.Get(t.Context(), "k")
			return fmt.Sprintf("%v %v", v == nil, found), err
		}, `["GET","k"]`, `null`, "true false"},
		{func(t *testing.T, c *restredis.Client) (any, error) {
			v, found, err := c.Get(t.Context(), "k")
			return fmt.Sprintf("%s %v", v, found), err
		}, `["GET","k"]`, text("OK"), "OK true"},
		{func(t *testing.T, c *restredis.Client) (any, error) { return c.MGet(t.Context(), "a", "b") }, `["MGET","a","b"]`, two, [][]byte{nil, []byte("v")}},
		{func(t *testing.T, c *restredis.Client) (any, error) {
			return nil, c.Set(t.Context(), "k", []byte("<v>"), 0)
		}, `["SET","k","<v>"]`, `"OK"`, nil},
		{func(t *testing.T, c *restredis.Client) (any, error) {
			return nil, c.Set(t.Context(), "k", []byte("v"), time.Minute)
		}, `["SET","k","v","EX","60"]`, `"OK"`, nil},
		{func(t *testing.T, c *restredis.Client) (any, error) {
			return nil, c.Set(t.Context(), "k", nil, 1500*time.Millisecond)
		}, `["SET","k","","PX","1500"]`, `"OK"`, nil},
		{func(t *testing.T, c *restredis.Client) (any, error) {
			return nil, c.Set(t.Context(), "k", []byte("v"), time.Nanosecond)
		}, `["SET","k","v","PX","1"]`, `"OK"`, nil},
		{func(t *testing.T, c *restredis.Client) (any, error) { return c.Del(t.Context(), "a", "b") }, `["DEL","a","b"]`, `2`, int64(2)},
		{func(t *testing.T, c *restredis.Client) (any, error) { return c.Exists(t.Context(), "a") }, `["EXISTS","a"]`, `1`, int64(1)},
		{func(t *testing.T, c *restredis.Client) (any, error) { return c.Expire(t.Context(), "k", time.Minute) }, `["EXPIRE","k","60"]`, `1`, true},
		{func(t *testing.T, c *restredis.Client) (any, error) {
			return c.Expire(t.Context(), "k", 1500*time.Millisecond)
		}, `["PEXPIRE","k","1500"]`, `0`, false},
		{func(t *testing.T, c *restredis.Client) (any, error) { return c.ZAdd(t.Context(), "z", 1.5, "m") }, `["ZADD","z","1.5","m"]`, `1`, int64(1)},
		{func(t *testing.T, c *restredis.Client) (any, error) {
			return c.ZAdd(t.Context(), "z", math.Inf(-1), "m")
		}, `["ZADD","z","-inf","m"]`, `1`, int64(1)},
		{func(t *testing.T, c *restredis.Client) (any, error) { return c.ZAdd(t.Context(), "z", 0, "m", "n") }, `["ZADD","z","0","m","0","n"]`, `2`, int64(2)},
		{func(t *testing.T, c *restredis.Client) (any, error) { return c.ZCard(t.Context(), "z") }, `["ZCARD","z"]`, `3`, int64(3)},
		{func(t *testing.T, c *restredis.Client) (any, error) { return c.ZCount(t.Context(), "z", "-inf", "(5") }, `["ZCOUNT","z","-inf","(5"]`, `3`, int64(3)},
		{func(t *testing.T, c *restredis.Client) (any, error) { return c.ZRem(t.Context(), "z", "m") }, `["ZREM","z","m"]`, `1`, int64(1)},
		{func(t *testing.T, c *restredis.Client) (any, error) {
			return c.ZRemRangeByScore(t.Context(), "z", "0", "5")
		}, `["ZREMRANGEBYSCORE","z","0","5"]`, `1`, int64(1)},
		{func(t *testing.T, c *restredis.Client) (any, error) { return c.ZLexCount(t.Context(), "z", "-", "[b") }, `["ZLEXCOUNT","z","-","[b"]`, `1`, int64(1)},
		{func(t *testing.T, c *restredis.Client) (any, error) {
			return c.ZRangeByLex(t.Context(), "z", "-", "+", 0)
		}, `["ZRANGEBYLEX","z","-","+"]`, `["dg=="]`, []string{"v"}},
		{func(t *testing.T, c *restredis.Client) (any, error) {
			return c.ZRangeByLex(t.Context(), "z", "-", "+", 2)
		}, `["ZRANGEBYLEX","z","-","+","LIMIT","0","2"]`, `[]`, []string{}},
		{func(t *testing.T, c *restredis.Client) (any, error) {
			return c.Do(t.Context(), "incrby", []byte("k"), 5, true, 0.25, math.Inf(1), uint8(7))
		}, `["incrby","k","5","1","0.25","+inf","7"]`, `[1,["dg==",null,"OK"]]`, []any{int64(1), []any{"v", nil, "OK"}}},
	}
	for _, test := range tests {
		t.Run(test.sent, func(t *testing.T) {
			a := newAPI(t, answers(result(test.reply)))
			c := a.client(t)
			got, err := test.call(t, c)
			require.NoError(t, err)
			require.Equal(t, test.want, got)
			require.Len(t, a.seen(), 1)
			request := a.last(t)
			require.Equal(t, test.sent, request.body)
			require.Equal(t, "POST /", request.method+" "+request.path)
			require.Equal(t, "Bearer "+token, request.header.Get("Authorization"))
			require.Equal(t, "base64", request.header.Get("Upstash-Encoding"))
			require.Equal(t, "tollgate-cache/1", request.header.Get("User-Agent"))
			require.Equal(t, restredis.Stats{Requests: 1}, c.Stats())
		})
	}
}

func TestNothingIsSentForNothing(t *testing.T) {
	a := newAPI(t, answers(result("0")))
	c := a.client(t)
	values, err := c.MGet(t.Context())
	require.NoError(t, err)
	require.Nil(t, values)
	for _, call := range []func() (int64, error){
		func() (int64, error) { return c.Del(t.Context()) },
		func() (int64, error) { return c.Exists(t.Context()) },
		func() (int64, error) { return c.ZRem(t.Context(), "z") },
		func() (int64, error) { return c.ZAdd(t.Context(), "z", 0) },
	} {
		n, err := call()
		require.NoError(t, err)
		require.Zero(t, n)
	}
	results, err := c.Pipeline(t.Context(), nil)
	require.NoError(t, err)
	require.Nil(t, results)
	require.Empty(t, a.seen())
}

func TestArgumentsAreCheckedBeforeSending(t *testing.T) {
	a := newAPI(t, answers(result("0")))
	c := a.client(t, func(cfg *restredis.Config) { cfg.MaxRequest = 100 })
	ctx := t.Context()
	_, negative := c.Expire(ctx, "k", 0)
	_, none := c.Do(ctx)
	_, noName := c.Do(ctx, 7)
	_, badType := c.Do(ctx, "SET", "k", struct{}{})
	_, inBatch := c.Pipeline(ctx, [][]any{{"GET", "k"}, {"SET", "k", "\xff"}})
	_, badBatch := c.MultiExec(ctx, [][]any{{"GET", "k"}, {}})
	_, batchTooLarge := c.Pipeline(ctx, [][]any{{"SET", "k", strings.Repeat("v", 200)}})
	tests := map[string]struct {
		err  error
		is   error
		want string
	}{
		"negative ttl":    {c.Set(ctx, "k", nil, -time.Second), restredis.ErrArgument, "restredis: SET: argument: ttl is -1s; set 0 for none, or a positive one"},
		"zero expire":     {negative, restredis.ErrArgument, "restredis: EXPIRE: argument: ttl is 0s; set a positive one"},
		"no command":      {none, restredis.ErrArgument, "no command"},
		"no name":         {noName, restredis.ErrArgument, "not a command's name"},
		"type":            {badType, restredis.ErrArgument, "restredis: SET: argument: argument 2 is a struct {}; use a string"},
		"binary in batch": {inBatch, restredis.ErrArgument, "command 1 of the batch has an argument that is not UTF-8"},
		"empty in batch":  {badBatch, restredis.ErrArgument, "no command"},
		"empty and not UTF-8": {
			c.Set(ctx, "\xff", nil, 0), restredis.ErrArgument, "the last argument is empty and another is not UTF-8",
		},
		"dots and not UTF-8": {c.Set(ctx, "..", []byte("\xff"), 0), restredis.ErrArgument, `argument 1 is ".."`},
		"too large":          {c.Set(ctx, "k", []byte(strings.Repeat("v", 100)), 0), restredis.ErrTooLarge, "has 115 bytes, the limit is 100"},
		"too large in batch": {batchTooLarge, restredis.ErrTooLarge, "restredis: SET: too large"},
		"no JSON":            {restredis.SetJSON(ctx, c, "k", func() {}, 0), restredis.ErrArgument, "a func() has no JSON"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			require.ErrorIs(t, test.err, test.is)
			require.ErrorContains(t, test.err, test.want)
		})
	}
	require.Empty(t, a.seen())
	require.Zero(t, c.Stats())
}

func TestBytesThatAreNotUTF8TravelInThePathForm(t *testing.T) {
	tests := []struct {
		args              []any
		path, query, body string
	}{
		{[]any{"SET", "a/b c%", "\xff\x00"}, "/SET/a%2Fb%20c%25", "", "\xff\x00"},
		{[]any{"SET", "k", "\xff", "EX", 60}, "/SET/k", "EX=60", "\xff"},
		{[]any{"set", "k\xfe", "v", "px", 5}, "/set/k%FE", "PX=5", "v"},
		{[]any{"GET", "\xff"}, "/GET", "", "\xff"},
		{[]any{"ZADD", "z", 1, "\xff"}, "/ZADD/z/1", "", "\xff"},
	}
	for _, test := range tests {
		a := newAPI(t, answers(result(`"OK"`)))
		_, err := a.client(t).Do(t.Context(), test.args...)
		require.NoError(t, err)
		request := a.last(t)
		require.Equal(t, test.path, request.path)
		require.Equal(t, test.query, request.query)
		require.Equal(t, test.body, request.body)
		require.Equal(t, http.MethodPost, request.method)
	}
}

func TestBatchKeepsResultsAndErrorsInTheirPlaces(t *testing.T) {
	reply := `[{"result":"OK"},{"error":"WRONGTYPE Operation against a key"},{"result":null},{"result":` + text("OK") + `}]`
	a := newAPI(t, answers(status(200, reply)))
	c := a.client(t)
	commands := [][]any{{"SET", "k", "v"}, {"lpush", "k", "v"}, {"GET", "none"}, {"GET", "k"}}
	for path, run := range map[string]func() ([]restredis.Result, error){
		"/pipeline":   func() ([]restredis.Result, error) { return c.Pipeline(t.Context(), commands) },
		"/multi-exec": func() ([]restredis.Result, error) { return c.MultiExec(t.Context(), commands) },
	} {
		results, err := run()
		require.NoError(t, err)
		require.Len(t, results, 4)
		require.Equal(t, restredis.Result{Value: "OK"}, results[0])
		require.EqualError(t, results[1].Err, "restredis: LPUSH: command (HTTP 200): WRONGTYPE Operation against a key")
		require.Equal(t, restredis.Result{}, results[2])
		require.Equal(t, restredis.Result{Value: "OK"}, results[3])
		require.Equal(t, path, a.last(t).path)
		require.Equal(t, `[["SET","k","v"],["lpush","k","v"],["GET","none"],["GET","k"]]`, a.last(t).body)
	}
}

func TestDiscardedTransactionIsOneError(t *testing.T) {
	for _, code := range []int{200, 400} {
		a := newAPI(t, answers(status(code, `{"error":"ERR Command is not available: 'NOPE'"}`)))
		results, err := a.client(t).MultiExec(t.Context(), [][]any{{"NOPE"}})
		require.Nil(t, results)
		require.ErrorIs(t, err, restredis.ErrCommand)
		require.ErrorContains(t, err, "MULTI-EXEC")
	}
}

func TestEvalSendsTheScriptOnlyWhenItIsUnknown(t *testing.T) {
	const sha = "e0e1f9fabfc9d4800c877a703b823ac0578ff8db" // of "return 1"
	a := newAPI(t, answers(
		status(400, `{"error":"NOSCRIPT No matching script. Please use EVAL."}`), result("1"), result("2"),
		status(400, `{"error":"ERR Error running script"}`),
	))
	c := a.client(t)
	value, err := c.Eval(t.Context(), "return 1", []string{"k"}, "a", 7)
	require.NoError(t, err)
	require.Equal(t, int64(1), value)
	require.Equal(t, `["EVALSHA","`+sha+`","1","k","a","7"]`, a.seen()[0].body)
	require.Equal(t, `["EVAL","return 1","1","k","a","7"]`, a.seen()[1].body)

	value, err = c.Eval(t.Context(), "return 1", nil)
	require.NoError(t, err)
	require.Equal(t, int64(2), value)
	require.Len(t, a.seen(), 3)

	_, err = c.Eval(t.Context(), "return 1", nil)
	require.ErrorIs(t, err, restredis.ErrCommand)
	require.Len(t, a.seen(), 4)
}

func TestJSONValues(t *testing.T) {
	type profile struct {
		Name string `json:"name"`
	}
	a := newAPI(t, answers(result(`"OK"`), result(text(`{"name":"Ada"}`)), result("null"), result(text(`{"name":7}`))))
	c := a.client(t)
	require.NoError(t, restredis.SetJSON(t.Context(), c, "k", profile{"Ada"}, time.Minute))
	require.Equal(t, `["SET","k","{\"name\":\"Ada\"}","EX","60"]`, a.last(t).body)

	p, found, err := restredis.GetJSON[profile](t.Context(), c, "k")
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, profile{"Ada"}, p)

	_, found, err = restredis.GetJSON[profile](t.Context(), c, "k")
	require.NoError(t, err)
	require.False(t, found)

	_, found, err = restredis.GetJSON[profile](t.Context(), c, "k")
	require.ErrorIs(t, err, restredis.ErrDecode)
	require.EqualError(t, err, "restredis: GET: decode: the value is not the JSON of a restredis_test.profile")
	require.False(t, found)
	var typeError *json.UnmarshalTypeError
	require.ErrorAs(t, err, &typeError)
}

func TestDeletePattern(t *testing.T) {
	page := func(cursor string, keys int) string {
		list := make([]string, keys)
		for i := range list {
			list[i] = text(fmt.Sprintf("k%d", i))
		}
		return `[` + cursor + `,[` + strings.Join(list, ",") + `]]`
	}
	a := newAPI(t, answers(
		result(page(text("17"), 501)), result("500"), result("1"), // a full page and its two DELs
		result(page(`18`, 0)), // a number as cursor, no keys
		result(page(text("0"), 2)), result("2"),
	))
	n, err := a.client(t).DeletePattern(t.Context(), "k*")
	require.NoError(t, err)
	require.EqualValues(t, 503, n)
	var names []string
	for _, request := range a.seen() {
		var args []string
		require.NoError(t, json.Unmarshal([]byte(request.body), &args))
		names = append(names, fmt.Sprintf("%s %s %d", args[0], args[1], len(args)-1))
	}
	require.Equal(t, []string{"SCAN 0 5", "DEL k0 500", "DEL k500 1", "SCAN 17 5", "SCAN 18 5", "DEL k0 2"}, names)
	require.Equal(t, `["SCAN","0","MATCH","k*","COUNT","1000"]`, a.seen()[0].body)
}

func TestDeletePatternStopsAtABadCursor(t *testing.T) {
	a := newAPI(t, answers(result(`["Nw==",[]]`)))
	_, err := a.client(t).DeletePattern(t.Context(), "*")
	require.ErrorIs(t, err, restredis.ErrScan)
	require.Len(t, a.seen(), 2)
}

func TestDeletePatternReturnsWhatItDeletedBeforeAnError(t *testing.T) {
	a := newAPI(t, answers(result(`["Nw==",["aw=="]]`), result("1"), status(400, `{"error":"ERR max requests limit exceeded. Limit: 500000"}`)))
	n, err := a.client(t).DeletePattern(t.Context(), "*")
	require.ErrorIs(t, err, restredis.ErrQuota)
	require.EqualValues(t, 1, n)
}

func TestSyncTokenIsSentBackAndShared(t *testing.T) {
	a := newAPI(t, answers(
		status(200, `{"result":"OK"}`, "upstash-sync-token", "first"),
		status(400, `{"error":"ERR no"}`, "upstash-sync-token", "second"),
		result(`"OK"`), result(`"OK"`),
	))
	c := a.client(t)
	limiter := c.As("ratelimit")
	ctx := t.Context()
	require.NoError(t, c.Set(ctx, "k", nil, 0))
	require.Error(t, c.Set(ctx, "k", nil, 0))
	require.NoError(t, limiter.Set(ctx, "k", nil, 0))
	require.NoError(t, limiter.Set(ctx, "k", nil, 0))
	var tokens, agents []string
	for _, request := range a.seen() {
		tokens = append(tokens, request.header.Get("Upstash-Sync-Token"))
		agents = append(agents, request.header.Get("User-Agent"))
	}
	require.Equal(t, []string{"", "first", "second", "second"}, tokens)
	require.Equal(t, []string{"tollgate-cache/1", "tollgate-cache/1", "tollgate-ratelimit/1", "tollgate-ratelimit/1"}, agents)
	require.Equal(t, c.Stats(), limiter.Stats())
	require.EqualValues(t, 4, c.Stats().Requests)
}
