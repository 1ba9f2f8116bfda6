package rest_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
	"tollgate/fakes/upstash"
	"tollgate/fakes/upstash/ledger"
)

// session is a client of a real server, on a network in memory.
type session struct {
	t      *testing.T
	srv    *upstash.Server
	client *http.Client
}

func (s session) send(path, body string, header map[string]string) (status int, answer string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.srv.RESTURL()+path, strings.NewReader(body))
	require.NoError(s.t, err)
	r.Header.Set("Authorization", "Bearer "+token)
	for name, value := range header {
		r.Header.Set(name, value)
	}
	res, err := s.client.Do(r)
	require.NoError(s.t, err)
	got, err := io.ReadAll(res.Body)
	require.NoError(s.t, err)
	require.NoError(s.t, res.Body.Close())
	return res.StatusCode, string(got)
}

func (s session) expect(path, body string, status int, want string) {
	s.t.Helper()
	gotStatus, got := s.send(path, body, nil)
	require.Equal(s.t, want, got)
	require.Equal(s.t, status, gotStatus)
}

// withServer runs test against a real server, all within a bubble.
func withServer(t *testing.T, plan upstash.Plan, test func(*testing.T, session)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := memnet.New()
		srv, err := upstash.Start(t.Context(), upstash.Config{
			Network: network, RESTAddr: "127.0.0.1:0", Plan: plan,
			Tokens: []upstash.Token{{Value: token, Component: "app"}, {Value: readOnlyToken, Component: "reader", ReadOnly: true}},
		})
		require.NoError(t, err)
		transport := &http.Transport{DialContext: network.DialContext}
		test(t, session{t: t, srv: srv, client: &http.Client{Transport: transport}})
		transport.CloseIdleConnections()
		require.NoError(t, srv.Close())
		require.NoError(t, network.Close())
	})
}

func TestServerBooksWhatComesOverREST(t *testing.T) {
	withServer(t, upstash.Plan{}, func(t *testing.T, s session) {
		s.expect("/", `["SET","k","1"]`, 200, `{"result":"OK"}`)
		s.expect("/get/k", ``, 200, `{"result":"1"}`)
		s.expect("/pipeline", `[["INCR","k"],["WATCH","k"],["PING"]]`, 200,
			`[{"result":2},{"error":"ERR Command \"WATCH\" is not allowed in REST or it has a special context path"},{"result":"PONG"}]`)
		s.expect("/multi-exec", `[["INCR","k"],["GET","k"]]`, 200, `[{"result":3},{"result":"3"}]`)
		s.expect("/slowlog/get", ``, 400,
			`{"error":"ERR Command is not available: 'SLOWLOG'. See https://upstash.com/docs/redis/overall/rediscompatibility for details"}`)
		s.expect("/", `["EVAL","return redis.call('INCR',KEYS[1])",1,"k"]`, 200, `{"result":4}`)
		status, got := s.send("/get/k", "", map[string]string{"User-Agent": "tollgate-cache/1", "Upstash-Encoding": "base64"})
		require.Equal(t, 200, status)
		require.Equal(t, `{"result":"NA=="}`, got) //nolint:testifylint // the exact bytes are what is promised

		snapshot := s.srv.Ledger().Snapshot()
		require.Equal(t, int64(1), snapshot.Unsupported)
		require.Equal(t, int64(1), snapshot.Rejected)
		require.Equal(t, ledger.Counts{Wire: 3, Billed: 3}, snapshot.ByCommand["GET"])
		require.Equal(t, ledger.Counts{Wire: 2, Inner: 1, Billed: 3}, snapshot.ByCommand["INCR"])
		require.Equal(t, ledger.Counts{Wire: 1, Billed: 1}, snapshot.ByComponent["cache"])
		require.Zero(t, snapshot.ByCommand["PING"].Billed)
		require.Equal(t, int64(1), snapshot.RESTConnections.Opened, "one client, one connection")
		for _, c := range s.srv.Ledger().Recent() {
			require.Equal(t, ledger.TransportREST, c.Transport)
		}
	})
}

func TestServerDiscardsTransactionsWhole(t *testing.T) {
	const spent = `{"error":"ERR max requests limit exceeded. Limit: 2, Usage: 1. See https://upstash.com/docs/redis/troubleshooting/max_requests_limit for details"}`
	withServer(t, upstash.Plan{MonthlyCommands: 2}, func(t *testing.T, s session) {
		s.expect("/", `["SET","k","1"]`, 200, `{"result":"OK"}`)
		s.expect("/multi-exec", `[["SET","k","2"],["SET","k","3"]]`, 400, spent)
		s.expect("/multi-exec", `[["GET","k"]]`, 200, `[{"result":"1"}]`)
		s.expect("/get/k", ``, 400, strings.Replace(spent, "Usage: 1", "Usage: 2", 1))
		s.expect("/ping", ``, 200, `{"result":"PONG"}`)
	})
}

func TestServerKeepsTheLimitOfThePlan(t *testing.T) {
	withServer(t, upstash.Plan{MaxRequestBytes: 100}, func(t *testing.T, s session) {
		status, got := s.send("/set/k", strings.Repeat("x", 101), nil)
		require.Equal(t, 413, status)
		require.Contains(t, got, "Limit: 100 bytes, Actual: 101 bytes")
		s.expect("/get/k", ``, 200, `{"result":null}`)
	})
}

func TestServerKnowsReadOnlyTokens(t *testing.T) {
	withServer(t, upstash.Plan{}, func(t *testing.T, s session) {
		status, got := s.send("/del/k", "", map[string]string{"Authorization": "Bearer " + readOnlyToken})
		require.Equal(t, 400, status)
		require.Contains(t, got, "NOPERM")
		require.Equal(t, int64(1), s.srv.Ledger().Snapshot().Rejected)
		status, _ = s.send("/get/k", "", map[string]string{"Authorization": "Bearer no"})
		require.Equal(t, 401, status)
	})
}

func TestServerForgetsARequestThatBreaksOff(t *testing.T) {
	withServer(t, upstash.Plan{}, func(t *testing.T, s session) {
		ctx, cancel := context.WithCancel(t.Context())
		body, writer := io.Pipe()
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.srv.RESTURL(), body)
		require.NoError(t, err)
		r.Header.Set("Authorization", "Bearer "+token)
		failed := make(chan error, 1)
		go func() {
			res, err := s.client.Do(r)
			if err == nil {
				err = res.Body.Close()
			}
			failed <- err
		}()
		_, err = io.WriteString(writer, `["SET","k"`)
		require.NoError(t, err)
		synctest.Wait()
		cancel()
		require.NoError(t, writer.CloseWithError(context.Canceled))
		require.ErrorIs(t, <-failed, context.Canceled)
		_, got := s.send("/exists/k", "", nil)
		require.Equal(t, `{"result":0}`, got)
	})
}
