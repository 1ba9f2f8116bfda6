package conformance

import "net/http"

// The forms of requests are those of https://upstash.com/docs/redis/features/restapi;
// what it does not say is in fakes/upstash/rest, with its sources.

const readMore = ". See https://upstash.com/docs/redis/overall/rediscompatibility for details"

var formDialogues = []dialogue{
	{"command in the body", []turn{
		answer(post(`["SET","@k","v"]`), `{"result":"OK"}`),
		answer(post(`["get","@k"]`), `{"result":"v"}`),
		answer(post(`["GET","@none"]`), `{"result":null}`),
		answer(post(`["SET","@k","v","EX",100]`), `{"result":"OK"}`),
		answer(post(`["INCR","@n"]`), `{"result":1}`),
		answer(request{method: http.MethodPut, target: "/", body: `["INCR","@n"]`}, `{"result":2}`),
		answer(post(`["HSET","@h","a","1"]`), `{"result":1}`),
		answer(post(`["HGETALL","@h"]`), `{"result":["a","1"]}`),
		answer(post(`["ZADD","@z",1.5,"m"]`), `{"result":1}`),
		answer(post(`["ZSCORE","@z","m"]`), `{"result":"1.5"}`),
		answer(post(`["MGET","@k","@none"]`), `{"result":["v",null]}`),
		answer(post(`["EVAL","return {1,{'a',{false}},{}}",0]`), `{"result":[1,["a",[null]],[]]}`),
	}},
	{"command in the path", []turn{
		answer(get("/set/@k/bar"), `{"result":"OK"}`),
		answer(get("/get/@k"), `{"result":"bar"}`),
		answer(get("/SET/@k/bar/EX/100"), `{"result":"OK"}`),
		answer(get("/set/@k/a%2Fb%20c%3F"), `{"result":"OK"}`),
		answer(get("/get/@k"), `{"result":"a/b c?"}`),
		answer(to("/get/@k", ""), `{"result":"a/b c?"}`),
		answer(to("/publish/@c/hello", ""), `{"result":0}`),
	}},
	{"body as the last argument", []turn{
		answer(to("/set/@k", `{"a": 1}`), `{"result":"OK"}`),
		answer(get("/get/@k"), `{"result":"{\"a\": 1}"}`),
		answer(request{method: http.MethodPut, target: "/append/@k", body: "!"}, `{"result":9}`),
		answer(to("/set/@k", "\x00\x01 raw\r\n"), `{"result":"OK"}`),
		answer(get("/strlen/@k"), `{"result":8}`),
	}},
	{"parameters after the body", []turn{
		answer(to("/set/@k?EX=100", "v"), `{"result":"OK"}`),
		answer(get("/getex/@k?PERSIST"), `{"result":"v"}`),
		answer(get("/ttl/@k"), `{"result":-1}`),
		answer(to("/set/@k?NX", "w"), `{"result":null}`),
	}},
	{"HEAD runs the command", []turn{
		answer(request{method: http.MethodHead, target: "/incr/@n"}, ``),
		answer(get("/get/@n"), `{"result":"1"}`),
	}},
	{"OPTIONS runs nothing", []turn{
		{
			request: request{method: http.MethodOptions, target: "/incr/@n", header: map[string]string{"Origin": "https://page.example"}},
			status:  http.StatusOK, header: map[string]string{"Access-Control-Allow-Origin": "https://page.example"},
		},
		answer(get("/get/@n"), `{"result":null}`),
	}},
	{"other methods", []turn{
		{request: request{method: http.MethodDelete, target: "/incr/@n"}, status: http.StatusMethodNotAllowed},
		{request: request{method: http.MethodPatch, target: "/incr/@n"}, status: http.StatusMethodNotAllowed},
		answer(get("/get/@n"), `{"result":null}`),
	}},
	{"integers of 64 bits", []turn{
		answer(post(`["SET","@n",9007199254740993]`), `{"result":"OK"}`),
		answer(post(`["GET","@n"]`), `{"result":"9007199254740993"}`),
		answer(post(`["INCR","@n"]`), `{"result":9007199254740994}`),
		answer(post(`["INCRBY","@m",-9223372036854775808]`), `{"result":-9223372036854775808}`),
	}},
	{"text of any language", []turn{
		answer(post(`["SET","@k","h\u00e9llo \u20ac \ud83d\ude00 \"\\ \n"]`), `{"result":"OK"}`),
		answer(post(`["GET","@k"]`), `{"result":"héllo € 😀 \"\\ \n"}`),
		answer(get("/set/@k/h%C3%A9"), `{"result":"OK"}`),
		answer(get("/get/@k"), `{"result":"hé"}`),
	}},
}

var batchDialogues = []dialogue{
	{"pipeline", []turn{
		answer(to("/pipeline", `[["SET","@k","1"],["INCR","@k"],["GET","@k"],["GET","@none"]]`),
			`[{"result":"OK"},{"result":2},{"result":"2"},{"result":null}]`),
		answer(to("/pipeline", `[["SET","@s","x"],["INCR","@s"],["GET","@s"]]`),
			`[{"result":"OK"},{"error":"ERR value is not an int or out of range"},{"result":"x"}]`),
		answer(to("/pipeline", `[["SLOWLOG","GET"],["GET"],["GET","@s"]]`),
			`[{"error":"ERR Command is not available: 'SLOWLOG'`+readMore+`"},`+
				`{"error":"ERR wrong number of arguments for 'get' command"},{"result":"x"}]`),
	}},
	{"transaction", []turn{
		answer(to("/multi-exec", `[["SET","@k","x"],["INCR","@k"],["ZADD","@z",11,"a"]]`),
			`[{"result":"OK"},{"error":"ERR value is not an int or out of range"},{"result":1}]`),
		failure(to("/multi-exec", `[["SET","@k","y"],["SLOWLOG"]]`), `ERR Command is not available: 'SLOWLOG'`+readMore),
		failure(to("/multi-exec", `[["SET","@k","y"],["GET"]]`), `ERR wrong number of arguments for 'get' command`),
		answer(get("/get/@k"), `{"result":"x"}`),
	}},
	{"read-only token", []turn{
		{request: get("/get/@none"), readOnly: true, status: http.StatusOK, want: `{"result":null}`},
		{request: post(`["SET","@k","v"]`), readOnly: true, status: http.StatusBadRequest, want: noPermission("set")},
		{request: get("/scan/0"), readOnly: true, status: http.StatusBadRequest, want: noPermission("scan")},
		{
			request: to("/pipeline", `[["GET","@k"],["DEL","@k"]]`), readOnly: true, status: http.StatusOK,
			want: `[{"result":null},` + noPermission("del") + `]`,
		},
		{request: to("/multi-exec", `[["GET","@k"],["DEL","@k"]]`), readOnly: true, status: http.StatusBadRequest, want: noPermission("del")},
	}},
}

func noPermission(command string) string {
	return `{"error":"NOPERM this user has no permissions to run the '` + command + `' command or its subcommand"}`
}

const (
	encodingHeader = "Upstash-Encoding"
	formatHeader   = "Upstash-Response-Format"
)

var encodingDialogues = []dialogue{
	{"base64", []turn{
		answer(post(`["SET","@k","OK"]`).with(encodingHeader, "base64"), `{"result":"OK"}`),
		answer(post(`["GET","@k"]`).with(encodingHeader, "base64"), `{"result":"T0s="}`),
		answer(post(`["TYPE","@k"]`).with(encodingHeader, "base64"), `{"result":"c3RyaW5n"}`),
		answer(post(`["PING"]`).with(encodingHeader, "base64"), `{"result":"UE9ORw=="}`),
		answer(post(`["EVAL","return {1,{'a',false}}",0]`).with(encodingHeader, "base64"), `{"result":[1,["YQ==",null]]}`),
		failure(post(`["INCR","@k"]`).with(encodingHeader, "base64"), `ERR value is not an int or out of range`),
		answer(to("/pipeline", `[["GET","@k"],["STRLEN","@k"]]`).with(encodingHeader, "base64"), `[{"result":"T0s="},{"result":2}]`),
		answer(to("/multi-exec", `[["SET","@k","v"],["GET","@k"]]`).with(encodingHeader, "base64"), `[{"result":"OK"},{"result":"dg=="}]`),
	}},
	{"bytes that are no text", []turn{
		answer(to("/set/@k", "\xff\xfe\x00a"), `{"result":"OK"}`),
		answer(get("/get/@k").with(encodingHeader, "base64"), `{"result":"//4AYQ=="}`),
		answer(get("/get/@k"), `{"result":"`+"\uFFFD\uFFFD"+`\u0000a"}`),
	}},
	{"RESP2", []turn{
		{
			request: post(`["SET","@k","v"]`).with(formatHeader, "resp2"), status: http.StatusOK, want: "+OK\r",
			header: map[string]string{"Content-Type": "application/octet-stream"},
		},
		answer(post(`["GET","@k"]`).with(formatHeader, "resp2"), "$1\r\nv\r"),
		answer(post(`["GET","@none"]`).with(formatHeader, "resp2"), "$-1\r"),
		answer(post(`["STRLEN","@k"]`).with(formatHeader, "resp2"), ":1\r"),
		{
			request: post(`["INCR","@k"]`).with(formatHeader, "resp2"), status: http.StatusBadRequest,
			want: "-ERR value is not an int or out of range\r",
		},
		answer(to("/pipeline", `[["GET","@k"],["GET","@none"]]`).with(formatHeader, "resp2"), "$1\r\nv\r\n$-1\r"),
		answer(post(`["GET","@k"]`).with(formatHeader, "json"), `{"result":"v"}`),
		failure(post(`["GET","@k"]`).with(formatHeader, "xml"), `ERR *`),
		{request: request{
			method: http.MethodPost, target: "/", body: `["GET","@k"]`,
			header: map[string]string{formatHeader: "resp2", encodingHeader: "base64"},
		}, status: http.StatusBadRequest, want: `{"error":"*`},
	}},
	{"content type", []turn{
		{
			request: post(`["GET","@none"]`), status: http.StatusOK, want: `{"result":null}`,
			header: map[string]string{"Content-Type": "application/json"},
		},
	}},
}

// refusalDialogues are requests that are no command, or one that has no place here.
func refusalDialogues() []dialogue {
	malformed := dialogue{name: "bodies that are no command"}
	for _, c := range [][2]string{
		{``, `EOF`},
		{`{"a":1}`, `expected JSON array`},
		{`[]`, `ERR empty command`},
		{`["GET",null]`, `ERR null args are not supported`},
		{`["GET",{"a":1}]`, `ERR unsupported arg type: \"{\": json.Delim`},
		{`[["GET","@k"]]`, `ERR unsupported arg type: \"[\": json.Delim`},
		{`["GET","@k"`, `*`},
		{`["NOSUCH"]`, `ERR Command is not available: 'NOSUCH'` + readMore},
		{`["MEMORY","STATS"]`, `ERR Command is not available: 'MEMORY STATS'` + readMore},
		{`["GET"]`, `ERR wrong number of arguments for 'get' command`},
	} {
		malformed.turns = append(malformed.turns, failure(post(c[0]), c[1]))
	}
	barred := dialogue{name: "commands without a place in REST"}
	for _, c := range [][2]string{
		{`["SUBSCRIBE","@c"]`, "SUBSCRIBE"},
		{`["MULTI"]`, "MULTI"},
		{`["EXEC"]`, "EXEC"},
		{`["WATCH","@k"]`, "WATCH"},
		{`["HELLO",3]`, "HELLO"},
		{`["AUTH","x"]`, "AUTH"},
		{`["MONITOR"]`, "MONITOR"},
		{`["BLPOP","@l",1]`, "BLPOP"},
	} {
		barred.turns = append(barred.turns,
			failure(post(c[0]), `ERR Command \"`+c[1]+`\" is not allowed in REST or it has a special context path`))
	}
	return []dialogue{malformed, barred}
}
