package restredis_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"tollgate/fakes/memnet"
	"tollgate/system/restredis"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const token = "t0ken-AbCdEf"

// seen is one HTTP request as the server got it.
type seen struct {
	method, path, query, body string
	header                    http.Header
}

// api is an HTTP server in memory that records requests and answers as told.
type api struct {
	network *memnet.Mem

	mu       sync.Mutex
	requests []seen
	dials    int
	refuse   error
}

// newAPI starts a server; handle gets the number of the request, from 1.
func newAPI(t *testing.T, handle func(n int, w http.ResponseWriter, r *http.Request, body string)) *api {
	t.Helper()
	a := &api{network: memnet.New()}
	listener, err := a.network.Listen(t.Context(), "tcp", "127.0.0.1:80")
	require.NoError(t, err)
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		a.mu.Lock()
		a.requests = append(a.requests, seen{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, string(body), r.Header})
		n := len(a.requests)
		a.mu.Unlock()
		handle(n, w, r, string(body))
	})}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		_ = a.network.Close()
		<-done
	})
	return a
}

// answers returns a handler that gives the answers in turn, then the last one.
func answers(list ...func(w http.ResponseWriter)) func(int, http.ResponseWriter, *http.Request, string) {
	return func(n int, w http.ResponseWriter, _ *http.Request, _ string) { list[min(n, len(list))-1](w) }
}

// status answers with a status and a body.
func status(code int, body string, headers ...string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

// result answers with a JSON result.
func result(json string) func(http.ResponseWriter) { return status(200, `{"result":`+json+`}`) }

// hangUp closes the connection without an answer.
func hangUp(w http.ResponseWriter) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

// text is a string as the API encodes it.
func text(s string) string { return `"` + base64.StdEncoding.EncodeToString([]byte(s)) + `"` }

var errRefused = errors.New("no route to host")

func (a *api) dial(ctx context.Context, network, address string) (net.Conn, error) {
	a.mu.Lock()
	a.dials++
	refuse := a.refuse
	a.mu.Unlock()
	if refuse != nil {
		return nil, refuse
	}
	return a.network.DialContext(ctx, network, address)
}

func (a *api) setRefuse(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refuse = err
}

func (a *api) seen() []seen {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.requests
}

func (a *api) last(t *testing.T) seen {
	t.Helper()
	all := a.seen()
	require.NotEmpty(t, all)
	return all[len(all)-1]
}

// client returns a client of the server, closed at the test's end.
func (a *api) client(t *testing.T, changes ...func(*restredis.Config)) *restredis.Client {
	t.Helper()
	cfg := restredis.Config{URL: "http://127.0.0.1:80", Token: token, Component: "cache", DialContext: a.dial}
	for _, change := range changes {
		change(&cfg)
	}
	c, err := restredis.New(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// once turns retries off.
func once(c *restredis.Config) { c.Retry.MaxAttempts = 1 }

// failure returns the *Error in err and checks that it holds no secret.
func failure(t *testing.T, err error, secrets ...string) *restredis.Error {
	t.Helper()
	var e *restredis.Error
	require.ErrorAs(t, err, &e)
	for _, secret := range append(secrets, token) {
		require.NotContains(t, err.Error(), secret)
		require.NotContains(t, fmt.Sprintf("%+v", err), secret)
	}
	return e
}
