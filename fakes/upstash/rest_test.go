package upstash_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"tollgate/fakes/upstash/engine"
	"tollgate/fakes/upstash/ledger"
)

// web is an HTTP client on the fake's network.
func web(t testing.TB, f fake) *http.Client {
	transport := &http.Transport{DialContext: f.network.DialContext}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// post wants an answer, whatever it is.
func post(t testing.TB, c *http.Client, url, body string) (status int, answer string) {
	t.Helper()
	status, answer, err := send(t.Context(), c, url, body)
	require.NoError(t, err)
	return status, answer
}

func send(ctx context.Context, c *http.Client, url, body string) (status int, answer string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := c.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, strings.TrimSpace(string(text)), err
}

func TestRESTSharesTheDataAndTheLedger(t *testing.T) {
	f := start(t, settings(t))
	c := web(t, f)
	status, answer := post(t, c, f.RESTURL(), `["SET","k","v"]`)
	require.Equal(t, http.StatusOK, status)
	require.JSONEq(t, `{"result":"OK"}`, answer)
	login(t, f).want("$1 | v", "GET", "k")

	_, answer = post(t, c, f.RESTURL()+"/pipeline", `[["INCR","n"],["NOSUCH"],["INFO"],["EVAL","return redis.call('INCR','n')","0"]]`)
	require.Contains(t, answer, `[{"result":1},{"error":"ERR Command is not available: 'NOSUCH'.`)
	require.Contains(t, answer, "redis_version:8.2.0")
	require.Contains(t, answer, `{"result":2}]`)

	s := f.Ledger().Snapshot()
	require.Equal(t, ledger.Counts{Wire: 5, Inner: 1, Billed: 4}, s.ByComponent["web"])
	require.EqualValues(t, 1, s.Unsupported)
	require.Equal(t, ledger.Counts{Wire: 1, Inner: 1, Billed: 2}, s.ByCommand["INCR"])
	require.EqualValues(t, 1, s.RESTConnections.Opened)
	require.EqualValues(t, 1, s.Connections.Opened, "only the TCP one")
	for _, command := range f.Ledger().Recent() {
		if command.Component == "web" {
			require.Equal(t, ledger.TransportREST, command.Transport)
		}
	}
}

// A request comes at one moment, however long its commands then take.
func TestRESTCommandsOfARequestComeTogether(t *testing.T) {
	f := start(t, settings(t))
	c := web(t, f)
	before := time.Now()
	for _, path := range []string{"/pipeline", "/multi-exec"} {
		status, _ := post(t, c, f.RESTURL()+path, `[["SET","k","v"],["GET","k"],["INFO"]]`)
		require.Equal(t, http.StatusOK, status)
	}
	recent := f.Ledger().Recent()
	require.Len(t, recent, 6)
	for i, command := range recent {
		require.Equal(t, recent[i-i%3].At, command.At, command.Name)
	}
	require.False(t, recent[0].At.Before(before))
	require.True(t, recent[3].At.After(recent[0].At))
}

func TestRESTTransaction(t *testing.T) {
	f := start(t, settings(t))
	c := web(t, f)
	status, answer := post(t, c, f.RESTURL()+"/multi-exec", `[["SET","k","v"],["INFO","none"],["INCR","k"],["GET","k"]]`)
	require.Equal(t, http.StatusOK, status)
	require.JSONEq(t, `[{"result":"OK"},{"result":"# None\r\n"},{"error":"ERR value is not an int or out of range"},{"result":"v"}]`, answer)
	require.EqualValues(t, 3, f.Ledger().Snapshot().Total.Billed, "the server's own MULTI and EXEC are not the client's")

	status, answer = post(t, c, f.RESTURL()+"/multi-exec", `[["SET","k","other"],["GET"]]`)
	require.Equal(t, http.StatusBadRequest, status)
	require.JSONEq(t, `{"error":"ERR wrong number of arguments for 'get' command"}`, answer)
	_, answer = post(t, c, f.RESTURL(), `["GET","k"]`)
	require.JSONEq(t, `{"result":"v"}`, answer)
}

func TestRESTQuotaTakesATransactionWholeOrNotAtAll(t *testing.T) {
	cfg := settings(t)
	cfg.Plan.MonthlyCommands = 3
	f := start(t, cfg)
	c := web(t, f)
	status, answer := post(t, c, f.RESTURL()+"/multi-exec", `[["SET","a","1"],["SET","b","1"],["SET","c","1"],["SET","d","1"]]`)
	require.Equal(t, http.StatusBadRequest, status)
	require.Contains(t, answer, "ERR max requests limit exceeded. Limit: 3, Usage: 0.")
	s := f.Ledger().Snapshot()
	require.EqualValues(t, 4, s.Rejected)
	require.Zero(t, s.Total.Billed)

	_, answer = post(t, c, f.RESTURL()+"/pipeline", `[["SET","a","1"],["SET","b","1"],["SET","c","1"],["SET","d","1"]]`)
	require.Equal(t, 3, strings.Count(answer, `{"result":"OK"}`))
	require.Equal(t, 1, strings.Count(answer, "Limit: 3, Usage: 3."))
}

func TestRESTManyRequestsAtOnce(t *testing.T) {
	f := start(t, settings(t))
	c := web(t, f)
	var group errgroup.Group
	for range 50 {
		group.Go(func() error {
			_, _, err := send(t.Context(), c, f.RESTURL()+"/pipeline", `[["INCR","n"],["INCR","n"]]`)
			return err
		})
	}
	require.NoError(t, group.Wait())
	_, answer := post(t, c, f.RESTURL(), `["GET","n"]`)
	require.JSONEq(t, `{"result":"100"}`, answer)
}

// A month of requests takes no time in a bubble.
func TestRESTInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t, settings(t))
		c := web(t, f)
		for range 30 {
			status, _ := post(t, c, f.RESTURL(), `["INCR","n"]`)
			require.Equal(t, http.StatusOK, status)
			time.Sleep(24 * time.Hour)
		}
		require.EqualValues(t, 30, f.Ledger().Snapshot().Total.Billed)
		require.EqualValues(t, 30, f.Ledger().Snapshot().RESTConnections.Opened, "idle connections end after 5 minutes")
		require.Zero(t, f.Ledger().Snapshot().RESTConnections.Open)
	})
}

// talkative is an engine that replies once more to whoever is answered "twice".
type talkative struct{ engine.Engine }

type talkativeConn struct{ engine.Conn }

func (e talkative) Dial(ctx context.Context) (net.Conn, error) {
	conn, err := e.Engine.Dial(ctx)
	if err != nil {
		return nil, err
	}
	return talkativeConn{conn.(engine.Conn)}, nil
}

func (c talkativeConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if bytes.Contains(p[:n], []byte("twice")) {
		n += copy(p[n:], "+twice\r\n")
	}
	return n, err
}

// A reply too many must not be taken for the next request's.
func TestRESTEngineOutOfStep(t *testing.T) {
	cfg := settings(t)
	cfg.Engine = dialOnly{talkative{embedded(t)}}
	f := start(t, cfg)
	c := web(t, f)
	_, _ = post(t, c, f.RESTURL(), `["SET","k","v"]`)
	status, answer := post(t, c, f.RESTURL(), `["ECHO","twice"]`)
	require.Equal(t, http.StatusInternalServerError, status)
	require.Contains(t, answer, "nothing asked for")
	_, answer = post(t, c, f.RESTURL(), `["GET","k"]`)
	require.JSONEq(t, `{"result":"v"}`, answer)
}

// A request that is given up leaves the engine usable.
func TestRESTRequestThatIsGivenUp(t *testing.T) {
	f := start(t, settings(t))
	c := web(t, f)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := send(ctx, c, f.RESTURL(), `["GET","k"]`)
	require.ErrorIs(t, err, context.Canceled)
	status, _ := post(t, c, f.RESTURL(), `["PING"]`)
	require.Equal(t, http.StatusOK, status)
}

func TestAdminShowsTheLedger(t *testing.T) {
	f := start(t, settings(t))
	login(t, f).want("+OK", "SET", "k", "v")
	response, err := web(t, f).Get(f.AdminURL() + "/ledger")
	require.NoError(t, err)
	defer response.Body.Close()
	var shown ledger.Snapshot
	require.NoError(t, json.NewDecoder(response.Body).Decode(&shown))
	want := f.Ledger().Snapshot()
	want.At = shown.At
	require.Equal(t, want, shown)
}
