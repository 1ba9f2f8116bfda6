package httptarget_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/loadgen"
	"tollgate/loadgen/httptarget"
)

// serve answers with status and body and keeps what it was asked.
func serve(t *testing.T, status int, body string) (target *httptarget.Target, asked func() []string) {
	t.Helper()
	var mu sync.Mutex
	var requests []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent, err := io.ReadAll(r.Body)
		if err != nil {
			panic(err)
		}
		mu.Lock()
		requests = append(requests, fmt.Sprintf("%s %s key=%s type=%s %s",
			r.Method, r.URL.EscapedPath(), r.Header.Get("X-API-Key"), r.Header.Get("Content-Type"), sent))
		mu.Unlock()
		w.WriteHeader(status)
		io.WriteString(w, body)
	}))
	target, err := httptarget.New(httptarget.Config{BaseURL: server.URL + "/"})
	require.NoError(t, err)
	t.Cleanup(func() {
		target.Close()
		server.Close()
	})
	return target, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return requests
	}
}

func TestEnqueue(t *testing.T) {
	target, asked := serve(t, http.StatusAccepted, `{"id":"j-1","queue":"calendar-sync"}`)
	id, err := target.Enqueue(t.Context(), "calendar-sync", []byte(`{"user":"u-1"}`))
	require.NoError(t, err)
	require.Equal(t, "j-1", id)
	_, err = target.Enqueue(t.Context(), "../x", []byte(`{}`))
	require.NoError(t, err)
	require.Equal(t, []string{
		`POST /v1/jobs/calendar-sync key=loadgen-jobs-1 type=application/json {"user":"u-1"}`,
		`POST /v1/jobs/..%2Fx key=loadgen-jobs-2 type=application/json {}`,
	}, asked())
}

func TestEnqueueErrors(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		status     int
		want       string
	}{
		{"refused", " no such queue\n", 404, "POST /v1/jobs/fax: status 404 Not Found: no such queue"},
		{"limited", "", 429, "POST /v1/jobs/fax: status 429 Too Many Requests"},
		{"long reason", strings.Repeat("x", 5000), 500, "POST /v1/jobs/fax: status 500 Internal Server Error: " + strings.Repeat("x", 200)},
		{"no id", `{}`, 202, `POST /v1/jobs/fax: status 202 without a job id: "{}"`},
		{"no JSON", `<html>`, 200, `POST /v1/jobs/fax: status 200 without a job id: "<html>"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			target, _ := serve(t, tc.status, tc.body)
			_, err := target.Enqueue(t.Context(), "fax", []byte(`{}`))
			require.EqualError(t, err, tc.want)
			var status *loadgen.StatusError
			require.Equal(t, tc.status > 299, errors.As(err, &status))
		})
	}
}

func TestRequestPassesAnyStatusOn(t *testing.T) {
	for _, status := range []int{200, 429, 503} {
		target, asked := serve(t, status, "ignored")
		got, err := target.Request(t.Context(), loadgen.Request{Method: "GET", Path: "/v1/users/u-1/calendar", Client: "client-9"})
		require.NoError(t, err)
		require.Equal(t, status, got)
		require.Equal(t, []string{"GET /v1/users/u-1/calendar key=client-9 type= "}, asked())
	}
}

func TestHealthy(t *testing.T) {
	target, asked := serve(t, 200, "ok")
	require.NoError(t, target.Healthy(t.Context()))
	require.Equal(t, []string{"GET /healthz key= type= "}, asked())
	target, _ = serve(t, 503, "redis is down")
	require.ErrorContains(t, target.Healthy(t.Context()), "is not ready: GET /healthz: status 503 Service Unavailable: redis is down")
}

func TestNoConnectionIsANetworkError(t *testing.T) {
	target, err := httptarget.New(httptarget.Config{
		BaseURL: "http://192.0.2.1",
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Err: errors.New("no route")}
		},
	})
	require.NoError(t, err)
	_, err = target.Request(t.Context(), loadgen.Request{Method: "GET", Path: "/"})
	require.Equal(t, loadgen.ClassNetwork, loadgen.ClassOf(err))
	_, err = target.Enqueue(t.Context(), "q", nil)
	require.Equal(t, loadgen.ClassNetwork, loadgen.ClassOf(err))
	require.ErrorContains(t, target.Healthy(t.Context()), "http://192.0.2.1 does not answer")
	_, err = target.Request(t.Context(), loadgen.Request{Method: "BAD METHOD", Path: "/"})
	require.ErrorContains(t, err, "BAD METHOD /")
}

// cacheSpy notes what it was asked for.
type cacheSpy struct{ asked []string }

func (c *cacheSpy) CacheRead(_ context.Context, key string) (bool, error) {
	c.asked = append(c.asked, "read "+key)
	return true, nil
}

func (c *cacheSpy) CacheWrite(_ context.Context, key string, value []byte) error {
	c.asked = append(c.asked, "write "+key+" "+string(value))
	return nil
}

func (c *cacheSpy) CacheDelete(_ context.Context, key string) error {
	c.asked = append(c.asked, "delete "+key)
	return nil
}

func TestCacheOperationsGoToTheCache(t *testing.T) {
	spy := &cacheSpy{}
	target, err := httptarget.New(httptarget.Config{BaseURL: "http://127.0.0.1", Cache: spy})
	require.NoError(t, err)
	hit, err := target.CacheRead(t.Context(), "a")
	require.NoError(t, err)
	require.True(t, hit)
	require.NoError(t, target.CacheWrite(t.Context(), "b", []byte("1")))
	require.NoError(t, target.CacheDelete(t.Context(), "c"))
	require.Equal(t, []string{"read a", "write b 1", "delete c"}, spy.asked)
}

func TestWithoutACache(t *testing.T) {
	target, err := httptarget.New(httptarget.Config{BaseURL: "http://127.0.0.1"})
	require.NoError(t, err)
	_, err = target.CacheRead(t.Context(), "a")
	require.ErrorIs(t, err, httptarget.ErrNoCache)
	require.ErrorIs(t, target.CacheWrite(t.Context(), "a", nil), httptarget.ErrNoCache)
	require.ErrorIs(t, target.CacheDelete(t.Context(), "a"), httptarget.ErrNoCache)
}

func TestConfigProblemsAreNamed(t *testing.T) {
	for _, address := range []string{"", "localhost:8080", "ftp://x", "http://", "http://x?y=1", "http://%zz"} {
		_, err := httptarget.New(httptarget.Config{BaseURL: address})
		require.ErrorContains(t, err, fmt.Sprintf("%q is not the address of a service", address))
	}
	_, err := httptarget.New(httptarget.Config{BaseURL: "http://x", MaxConns: -1})
	require.ErrorContains(t, err, "MaxConns -1")
	_, err = httptarget.New(httptarget.Config{BaseURL: "http://x", Timeout: -time.Second})
	require.ErrorContains(t, err, "Timeout -1s")
}

func ExampleNew() {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, `{"id":"job-1"}`)
	}))
	defer service.Close()
	target, err := httptarget.New(httptarget.Config{BaseURL: service.URL})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer target.Close()
	payload, err := loadgen.Payload("calendar-sync", "u-17")
	if err != nil {
		fmt.Println(err)
		return
	}
	id, err := target.Enqueue(context.Background(), "calendar-sync", payload)
	fmt.Println(id, err)
	// Output: job-1 <nil>
}
