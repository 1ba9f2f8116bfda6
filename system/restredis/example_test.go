package restredis_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"tollgate/system/restredis"
)

// database stands in for an Upstash database with one key.
func database() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer right" {
			w.WriteHeader(http.StatusUnauthorized)
			_, _ = w.Write([]byte(`{"error":"WRONGPASS invalid or missing auth token."}`))
			return
		}
		_, _ = w.Write([]byte(`{"result":"aGVsbG8="}`))
	}))
}

func ExampleNew() {
	db := database()
	defer db.Close()
	client, err := restredis.New(restredis.Config{
		URL: db.URL, Token: "right", Component: "cache",
		Timeout: 2 * time.Second,
		Retry:   restredis.Retry{MaxAttempts: 3},
	})
	if err != nil {
		panic(err)
	}
	defer client.Close()

	value, found, err := client.Get(context.Background(), "greeting")
	fmt.Println(string(value), found, err)
	// Output: hello true <nil>
}

func ExampleClient_Ping() {
	db := database()
	defer db.Close()
	client, err := restredis.New(restredis.Config{URL: db.URL, Token: "wrong", Component: "cache"})
	if err != nil {
		panic(err)
	}
	defer client.Close()

	err = client.Ping(context.Background())
	fmt.Println(errors.Is(err, restredis.ErrAuth))
	fmt.Println(err)
	// Output:
	// true
	// restredis: PING: auth (HTTP 401): WRONGPASS invalid or missing auth token.
}

func ExampleIdempotent() {
	fmt.Println(restredis.Idempotent("SET", "k", "v", "EX", "60"))
	fmt.Println(restredis.Idempotent("SET", "lock", "me", "NX"))
	fmt.Println(restredis.Idempotent("INCR", "n"))
	// Output:
	// true
	// false
	// false
}
