package rest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"tollgate/fakes/upstash/resp"
	"tollgate/fakes/upstash/rest"
)

// echo is the smallest backend: it answers every command with the command's own words.
type echo struct{}

func (echo) Authenticate(token string) (rest.Principal, bool) {
	return rest.Principal{Component: "example"}, token == "secret"
}

func (echo) Do(_ context.Context, _ rest.Principal, calls []rest.Call, _ bool, replies *rest.Replies) error {
	for _, call := range calls {
		if call.Refusal != "" {
			replies.Add(resp.Errorf("%s", call.Refusal))
			continue
		}
		reply := resp.List()
		for _, arg := range call.Args {
			reply.Array = append(reply.Array, resp.Bulk(string(arg)))
		}
		replies.Add(reply)
	}
	return nil
}

func (echo) Listen(context.Context, rest.Principal, [][]byte) (rest.Events, string, error) {
	return nil, "ERR not here", nil
}

func (echo) Refused(p rest.Principal, name string, unsupported bool) {
	fmt.Fprintln(os.Stdout, "refused:", p.Component, name, unsupported)
}

func Example() {
	srv := httptest.NewServer(rest.NewHandler(echo{}, rest.Config{}))
	defer srv.Close()
	post := func(path, body string) {
		r, _ := http.NewRequest(http.MethodPost, srv.URL+path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer secret")
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			fmt.Println(err)
			return
		}
		defer func() { _ = res.Body.Close() }()
		answer, _ := io.ReadAll(res.Body)
		fmt.Println(res.StatusCode, string(answer))
	}

	post("/", `["SET", "k", "v", "EX", 100]`)
	post("/set/k?EX=100", `v`)
	post("/pipeline", `[["GET", "k"], ["BLPOP", "list", 0]]`)
	post("/slowlog/get", ``)
	// Output:
	// 200 {"result":["SET","k","v","EX","100"]}
	// 200 {"result":["set","k","v","EX","100"]}
	// refused: example BLPOP false
	// 200 [{"result":["GET","k"]},{"error":"ERR Command \"BLPOP\" is not allowed in REST or it has a special context path"}]
	// refused: example SLOWLOG true
	// 400 {"error":"ERR Command is not available: 'SLOWLOG'. See https://upstash.com/docs/redis/overall/rediscompatibility for details"}
}
