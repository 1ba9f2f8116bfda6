package api_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"tollgate/system/accounts"
	"tollgate/system/api"
	"tollgate/system/cache"
	"tollgate/system/ratelimit"
)

// allowAll stands for a ratelimit.Classic or ratelimit.Lean.
type allowAll struct{}

func (allowAll) Allow(context.Context, string) (ratelimit.Decision, error) {
	return ratelimit.Decision{Allowed: true, Limit: 100, Window: time.Minute, Remaining: 99}, nil
}

func ExampleNew() {
	c, err := cache.New(cache.Config{Store: &memStore{data: map[string][]byte{}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	cfg := api.Config{
		Limiter:  allowAll{},
		Cache:    c,
		Accounts: accounts.NewMemory(func(user string) accounts.Account { return accounts.Account{Suggestions: []string{"call Ada"}} }),
		Enqueue: func(_ context.Context, queue string, payload json.RawMessage) (string, error) {
			return "job-1", nil
		},
		Health: func(context.Context) error { return nil },
	}
	if err := cfg.Validate(); err != nil {
		fmt.Println(err)
		return
	}
	server := httptest.NewServer(api.New(cfg))
	defer server.Close()

	show := func(response *http.Response, err error) {
		if err != nil {
			fmt.Println(err)
			return
		}
		defer response.Body.Close()
		var body json.RawMessage
		err = json.NewDecoder(response.Body).Decode(&body)
		fmt.Println(response.StatusCode, string(body), err)
	}
	show(http.Get(server.URL + "/v1/users/u-1/suggestions"))
	show(http.Post(server.URL+"/v1/jobs/token-refresh", "application/json", strings.NewReader(`{"user":"u-1"}`)))
	show(http.Post(server.URL+"/v1/jobs/token-refresh", "application/json", strings.NewReader(`{"user"`)))
	// Output:
	// 200 {"suggestions":["call Ada"],"user":"u-1"} <nil>
	// 202 {"id":"job-1","queue":"token-refresh"} <nil>
	// 400 {"error":{"code":"malformed_json","message":"the body is no JSON: unexpected end of JSON input"}} <nil>
}
