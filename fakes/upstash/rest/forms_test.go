package rest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/rest"
)

// The exchanges of a test run in order, on one data set.

func TestBodyForm(t *testing.T) {
	h := rest.NewHandler(newBackend(t), rest.Config{})
	for _, e := range []exchange{
		{"set", post(`["SET","foo","bar"]`), 200, `{"result":"OK"}`},
		{"get", post(`["get","foo"]`), 200, `{"result":"bar"}`},
		{"null", post(`["GET","none"]`), 200, `{"result":null}`},
		{"white space", post(" [ \"SET\" ,\n\"foo\",\t\"bar\" , \"EX\", 100 ]\n"), 200, `{"result":"OK"}`},
		{"number as option", post(`["TTL","foo"]`), 200, `{"result":100}`},
		{"64-bit integer", post(`["SET","n",9223372036854775807]`), 200, `{"result":"OK"}`},
		{"keeps its digits", post(`["GET","n"]`), 200, `{"result":"9223372036854775807"}`},
		{"as a result too", post(`["DECRBY","n",0]`), 200, `{"result":9223372036854775807}`},
		{"down to the least", post(`["DECRBY","least","9223372036854775807"]`), 200, `{"result":-9223372036854775807}`},
		{"float", post(`["SET","n",0.1000000000000000055511151231257827]`), 200, `{"result":"OK"}`},
		{"keeps its digits too", post(`["GET","n"]`), 200, `{"result":"0.1000000000000000055511151231257827"}`},
		{"exponent", post(`["SET","n",-1E+5]`), 200, `{"result":"OK"}`},
		{"is left as it is", post(`["GET","n"]`), 200, `{"result":"-1E+5"}`},
		{"booleans", post(`["MSET","t",true,"f",false]`), 200, `{"result":"OK"}`},
		{"are words", post(`["MGET","t","f","none"]`), 200, `{"result":["true","false",null]}`},
		{"escapes", post(`["SET","e","\u0000\n\"\\\u20ac\ud83d\ude00/"]`), 200, `{"result":"OK"}`},
		{"come back", post(`["GET","e"]`), 200, `{"result":"\u0000\n\"\\€😀/"}`},
		{"integer result", post(`["INCR","i"]`), 200, `{"result":1}`},
		{"PUT", request{method: http.MethodPut, body: `["INCR","i"]`}, 200, `{"result":2}`},
		{"flat hash", post(`["HSET","h","a","1"]`), 200, `{"result":1}`},
		{"as in RESP2", post(`["HGETALL","h"]`), 200, `{"result":["a","1"]}`},
		{"score", post(`["ZADD","z",1.5,"m"]`), 200, `{"result":1}`},
		{"is a string", post(`["ZSCORE","z","m"]`), 200, `{"result":"1.5"}`},
		{"nested", post(`["EVAL","return {1,{'a',{false}},{}}",0]`), 200, `{"result":[1,["a",[null]],[]]}`},
		{"failure", post(`["LPUSH","foo","x"]`), 400, `{"error":"WRONGTYPE Operation against a key holding the wrong kind of value"}`},
		{"arity", post(`["GET"]`), 400, `{"error":"ERR wrong number of arguments for 'get' command"}`},
	} {
		e.run(t, h)
	}
}

func TestPathForm(t *testing.T) {
	h := rest.NewHandler(newBackend(t), rest.Config{})
	for _, e := range []exchange{
		{"set", get("/set/foo/bar"), 200, `{"result":"OK"}`},
		{"get", get("/get/foo"), 200, `{"result":"bar"}`},
		{"options", get("/SET/foo/bar/EX/100"), 200, `{"result":"OK"}`},
		{"ttl", get("/ttl/foo"), 200, `{"result":100}`},
		{"percent-encoded", get("/set/a%2Fb%20c/%7B%22x%22%3A1%7D+"), 200, `{"result":"OK"}`},
		{"segment by segment", get("/get/a%2Fb%20c"), 200, `{"result":"{\"x\":1}+"}`},
		{"empty argument", get("/set/foo/"), 200, `{"result":"OK"}`},
		{"is kept", get("/get/foo"), 200, `{"result":""}`},
		{"body last", request{target: "/set/foo", body: `{"a": 1}`}, 200, `{"result":"OK"}`},
		{"as it came", get("/get/foo"), 200, `{"result":"{\"a\": 1}"}`},
		{"query after body", request{target: "/set/foo?EX=50&_token=" + token + "&XX", body: "v"}, 200, `{"result":"OK"}`},
		{"took effect", get("/ttl/foo"), 200, `{"result":50}`},
		{"valueless", request{target: "/set/foo?NX", body: "w"}, 200, `{"result":null}`},
		{"valueless with =", request{target: "/set/foo?NX=", body: "w"}, 200, `{"result":null}`},
		{"order of the query", request{target: "/set/foo?XX&EX=70&&GET", body: "w"}, 200, `{"result":"v"}`},
		{"encoded query", request{target: "/set/foo?%45%58=7%30", body: "w+x"}, 200, `{"result":"OK"}`},
		{"POST without body", request{target: "/get/foo"}, 200, `{"result":"w+x"}`},
		{"PUT", request{method: http.MethodPut, target: "/append/foo", body: "!"}, 200, `{"result":4}`},
		{"publish", request{target: "/publish/ch/hello"}, 200, `{"result":0}`},
		{"HEAD", request{method: http.MethodHead, target: "/incr/n"}, 200, ``},
		{"runs the command", get("/get/n"), 200, `{"result":"1"}`},
		{"failing HEAD", request{method: http.MethodHead, target: "/incr/foo"}, 400, ``},
		{"bad query", get("/get/n?%zz"), 400, `{"error":"ERR query of the request: invalid URL escape \"%zz\""}`},
		{"bad token in query", get("/get/n?_token=s%zz"), 400, `{"error":"ERR query of the request: _token is not well percent-encoded"}`},
		{"unknown", get("/slowlog/get"), 400, `{"error":"ERR Command is not available: 'SLOWLOG'. See https://upstash.com/docs/redis/overall/rediscompatibility for details"}`},
		{"empty name", get("//foo"), 400, `{"error":"ERR Command is not available: ''. See https://upstash.com/docs/redis/overall/rediscompatibility for details"}`},
	} {
		e.run(t, h)
	}
}

func TestPipeline(t *testing.T) {
	b := newBackend(t)
	h := rest.NewHandler(b, rest.Config{})
	pipe := func(body string) request { return request{target: "/pipeline", body: body} }
	for _, e := range []exchange{
		{"in order", pipe(`[["SET","k","1"],["INCR","k"],["GET","k"],["GET","none"]]`), 200, `[{"result":"OK"},{"result":2},{"result":"2"},{"result":null}]`},
		{"errors in place", pipe(`[["SET","s","x"],["INCR","s"],["GET","s"]]`), 200, `[{"result":"OK"},{"error":"ERR value is not an integer or out of range"},{"result":"x"}]`},
		{
			"refusals in place", pipe(`[["WATCH","k"],["GET","k"],["MEMORY","STATS"],["BLPOP","l",0],["GET","s"]]`), 200,
			`[{"error":"ERR Command \"WATCH\" is not allowed in REST or it has a special context path"},{"result":"2"},` +
				`{"error":"ERR Command is not available: 'MEMORY STATS'. See https://upstash.com/docs/redis/overall/rediscompatibility for details"},` +
				`{"error":"ERR Command \"BLPOP\" is not allowed in REST or it has a special context path"},{"result":"x"}]`,
		},
		{"nothing but refusals", pipe(`[["QUIT"]]`), 200, `[{"error":"ERR Command \"QUIT\" is not allowed in REST or it has a special context path"}]`},
		{"empty", pipe(`[]`), 400, `{"error":"ERR empty pipeline request"}`},
		{"empty row", pipe(`[["GET","k"],[]]`), 400, `{"error":"ERR empty command"}`},
		{"row is no array", pipe(`["GET","k"]`), 400, `{"error":"expected JSON array"}`},
		{"argument is an array", pipe(`[["GET",["k"]]]`), 400, `{"error":"ERR unsupported arg type: \"[\": json.Delim"}`},
		{"no body", pipe(``), 400, `{"error":"EOF"}`},
		{"cut short", pipe(`[["GET","k"]`), 400, `{"error":"unexpected EOF"}`},
		{"cut shorter", pipe(`[["GET"`), 400, `{"error":"unexpected EOF"}`},
		{"more after it", pipe(`[["GET","k"]]]`), 400, `{"error":"ERR unexpected data after the JSON array"}`},
	} {
		e.run(t, h)
	}
	require.Equal(t, []refused{
		{"app", "WATCH", false}, {"app", "MEMORY STATS", true}, {"app", "BLPOP", false}, {"app", "QUIT", false},
	}, b.refused)
}

func TestTransaction(t *testing.T) {
	b := newBackend(t)
	h := rest.NewHandler(b, rest.Config{})
	tx := func(body string) request { return request{target: "/multi-exec", body: body} }
	for _, e := range []exchange{
		{
			"all", tx(`[["SET","k","x"],["SETEX","k2",13,"z"],["INCR","k"],["ZADD","zs",11,"a",22,"b"]]`), 200,
			`[{"result":"OK"},{"result":"OK"},{"error":"ERR value is not an integer or out of range"},{"result":2}]`,
		},
		{
			"unavailable", tx(`[["SET","k","y"],["SLOWLOG"]]`), 400,
			`{"error":"ERR Command is not available: 'SLOWLOG'. See https://upstash.com/docs/redis/overall/rediscompatibility for details"}`,
		},
		{"barred", tx(`[["SET","k","y"],["EXEC"]]`), 400, `{"error":"ERR Command \"EXEC\" is not allowed in REST or it has a special context path"}`},
		{"arity", tx(`[["SET","k","y"],["GET"]]`), 400, `{"error":"ERR wrong number of arguments for 'get' command"}`},
		{"none of it ran", get("/get/k"), 200, `{"result":"x"}`},
		{"empty", tx(`[]`), 400, `{"error":"ERR empty transaction request"}`},
		{"no array", tx(`{"a":[]}`), 400, `{"error":"expected JSON array"}`},
		{"no body", tx(``), 400, `{"error":"EOF"}`},
		{"base64", with(tx(`[["SET","k","OK"],["GET","k"]]`), base64Header), 200, `[{"result":"OK"},{"result":"T0s="}]`},
		{"resp2 does not apply", with(tx(`[["GET","k"]]`), map[string]string{"Upstash-Response-Format": "resp2"}), 200, `[{"result":"OK"}]`},
	} {
		e.run(t, h)
	}
	require.Equal(t, []refused{ // and what would have run with them
		{"app", "SLOWLOG", true},
		{"app", "SET", false},
		{"app", "EXEC", false},
		{"app", "SET", false},
		{"app", "GET", false},
		{"app", "SET", false},
	}, b.refused)

	b.fail = &rest.DiscardedError{Reply: "ERR max requests limit exceeded. Limit: 5, Usage: 5."}
	exchange{"discarded", tx(`[["GET","k"]]`), 400, `{"error":"ERR max requests limit exceeded. Limit: 5, Usage: 5."}`}.run(t, h)
}

func TestMalformedBodies(t *testing.T) {
	h := rest.NewHandler(newBackend(t), rest.Config{})
	for body, want := range map[string]string{
		``:                   `EOF`,
		`   `:                `EOF`,
		`"GET"`:              `expected JSON array`,
		`{"a":1}`:            `expected JSON array`,
		`null`:               `expected JSON array`,
		`7`:                  `expected JSON array`,
		`[]`:                 `ERR empty command`,
		`["GET",null]`:       `ERR null args are not supported`,
		`["GET",{"a":1}]`:    `ERR unsupported arg type: \"{\": json.Delim`,
		`[["GET","k"]]`:      `ERR unsupported arg type: \"[\": json.Delim`,
		`["GET","k"`:         `unexpected EOF`,
		`["GET","k`:          `unexpected EOF`,
		`["GET","k"] ["x"]`:  `ERR unexpected data after the JSON array`,
		`["GET","k"]x`:       `ERR unexpected data after the JSON array`,
		`["GET" "k"]`:        `invalid character '\"' after array element`,
		`GET k`:              `invalid character 'G' looking for beginning of value`,
		`["GET",01]`:         `invalid character '1' after array element`,
		`["NOSUCH.CMD","k"]`: `ERR Command is not available: 'NOSUCH.CMD'. See https://upstash.com/docs/redis/overall/rediscompatibility for details`,
	} {
		exchange{body, post(body), 400, `{"error":"` + want + `"}`}.run(t, h)
	}
}

func TestTooManyArguments(t *testing.T) {
	h := rest.NewHandler(newBackend(t), rest.Config{})
	body := make([]byte, 0, 3<<20)
	body = append(body, '[', '1')
	for range 1 << 20 {
		body = append(body, ',', '1')
	}
	body = append(body, ']')
	exchange{"2^20+1", post(string(body)), 400, `{"error":"ERR too many arguments in one request: the limit is 1048576"}`}.run(t, h)
}
