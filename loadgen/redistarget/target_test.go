package redistarget_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash"
	"tollgate/loadgen"
	"tollgate/loadgen/redistarget"
)

func startUpstash(t *testing.T) *upstash.Server {
	t.Helper()
	server, err := upstash.Start(t.Context(), upstash.Config{
		RESPAddr: "127.0.0.1:0", RESTAddr: "127.0.0.1:0", Tokens: []upstash.Token{{Value: "secret"}},
		Users: []upstash.User{{Name: "default", Password: "pass-word"}},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	return server
}

func overTCP(t *testing.T, server *upstash.Server) *redistarget.Target {
	t.Helper()
	target, err := redistarget.NewTCP(redistarget.TCPConfig{URL: "redis://default:pass-word@" + server.RESPAddr()})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, target.Close()) })
	require.NoError(t, target.Healthy(t.Context()))
	return target
}

// cacheOperations does one of each and checks that they are plain commands, sent once.
func cacheOperations(t *testing.T, server *upstash.Server, target *redistarget.Target) {
	t.Helper()
	ctx, before := t.Context(), server.Ledger().Snapshot()
	hit, err := target.CacheRead(ctx, "k-1")
	require.NoError(t, err)
	require.False(t, hit)
	require.NoError(t, target.CacheWrite(ctx, "k-1", []byte(`"v"`)))
	hit, err = target.CacheRead(ctx, "k-1")
	require.NoError(t, err)
	require.True(t, hit)
	require.NoError(t, target.CacheDelete(ctx, "k-1"))
	sent := server.Ledger().Snapshot().Since(before)
	require.EqualValues(t, 4, sent.Total.Billed)
	require.EqualValues(t, 2, sent.ByCommand["GET"].Billed)
	require.EqualValues(t, 1, sent.ByCommand["SET"].Billed)
	require.EqualValues(t, 1, sent.ByCommand["DEL"].Billed)
	_, err = target.Request(ctx, loadgen.Request{Method: "GET", Path: "/"})
	require.ErrorIs(t, err, redistarget.ErrUnsupported)
}

func TestOverTCP(t *testing.T) {
	server := startUpstash(t)
	target := overTCP(t, server)
	cacheOperations(t, server, target)
	require.True(t, target.TakesJobs())
	for _, queue := range loadgen.Queues() {
		payload, err := loadgen.Payload(queue, "u-1")
		require.NoError(t, err)
		id, err := target.Enqueue(t.Context(), queue, payload)
		require.NoError(t, err)
		inspector := asynq.NewInspector(asynq.RedisClientOpt{Addr: server.RESPAddr(), Password: "pass-word"})
		info, err := inspector.GetTaskInfo(queue, id)
		require.NoError(t, err)
		require.NoError(t, inspector.Close())
		require.Equal(t, asynq.TaskStatePending, info.State)
		require.Equal(t, queue, info.Type)
		require.Equal(t, payload, info.Payload)
		require.Positive(t, info.MaxRetry)
		require.Less(t, info.MaxRetry, 25, "asynq's default, not the service's")
	}
	_, err := target.Enqueue(t.Context(), "fax", nil)
	require.ErrorContains(t, err, `"fax"`)
	require.Positive(t, server.Ledger().Snapshot().ByComponent["loadgen"].Wire)
}

func TestOverREST(t *testing.T) {
	server := startUpstash(t)
	target, err := redistarget.NewREST(redistarget.RESTConfig{URL: server.RESTURL(), Token: "secret"})
	require.NoError(t, err)
	defer target.Close()
	require.NoError(t, target.Healthy(t.Context()))
	require.False(t, target.TakesJobs())
	cacheOperations(t, server, target)
	_, err = target.Enqueue(t.Context(), "calendar-sync", nil)
	require.ErrorIs(t, err, redistarget.ErrUnsupported)
}

// A REST command that fails is sent once.
func TestNothingIsRetried(t *testing.T) {
	asked := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked++
		w.WriteHeader(http.StatusInternalServerError)
	}))
	defer server.Close()
	target, err := redistarget.NewREST(redistarget.RESTConfig{URL: server.URL, Token: "secret"})
	require.NoError(t, err)
	defer target.Close()
	_, err = target.CacheRead(t.Context(), "k")
	require.Error(t, err)
	require.Equal(t, 1, asked)
}

// asynq hides the cause of its errors; they are told apart all the same.
func TestNetworkErrorsOfJobsAreNetworkErrors(t *testing.T) {
	dials := 0
	target, err := redistarget.NewTCP(redistarget.TCPConfig{
		URL: "redis://192.0.2.1",
		DialContext: func(_ context.Context, _, addr string) (net.Conn, error) {
			dials++
			require.Equal(t, "192.0.2.1:6379", addr)
			return nil, &net.OpError{Op: "dial", Err: errors.New("no route")}
		},
	})
	require.NoError(t, err)
	defer target.Close()
	_, err = target.Enqueue(t.Context(), "calendar-sync", []byte(`{}`))
	require.Equal(t, loadgen.ClassNetwork, loadgen.ClassOf(err), err)
	require.Equal(t, 1, dials)
	require.ErrorContains(t, target.Healthy(t.Context()), "redis 192.0.2.1:6379 does not answer")
}

func TestErrorsOfRedisAreOthers(t *testing.T) {
	engine := miniredis.RunT(t)
	target, err := redistarget.NewTCP(redistarget.TCPConfig{URL: "redis://" + engine.Addr()})
	require.NoError(t, err)
	defer target.Close()
	engine.SetError("ERR max requests limit exceeded")
	_, err = target.Enqueue(t.Context(), "calendar-sync", []byte(`{}`))
	require.ErrorContains(t, err, "enqueue on calendar-sync")
	require.Equal(t, loadgen.ClassOther, loadgen.ClassOf(err))
}

func TestAddressesThatAreWrong(t *testing.T) {
	for address, want := range map[string]string{
		"redis://u:hunter2@":           "the address has no host",
		"redis://u:hunter2@h:x":        "the address is no URL",
		"http://u:hunter2@h":           `begins with "http:"`,
		"redis://u:hunter2@h/3":        `database "3"`,
		"redis://u:hunter2@h?db=1":     "a query",
		"redis://u:hunter2@h:99999":    "99999",
		"redis://someone@h":            "Password is empty",
		"redis://u:hunter2%zz@h":       "the address is no URL",
		"rediss://u:hunter2@h/0#there": "a fragment",
	} {
		_, err := redistarget.NewTCP(redistarget.TCPConfig{URL: address})
		require.ErrorContains(t, err, want, address)
		require.NotContains(t, err.Error(), "hunter2")
	}
	_, err := redistarget.NewTCP(redistarget.TCPConfig{URL: "redis://h", Conns: -1})
	require.ErrorContains(t, err, "-1 connections")
	_, err = redistarget.NewREST(redistarget.RESTConfig{URL: "redis://h", Token: "hunter2"})
	require.ErrorContains(t, err, "not an http or https URL")
	require.NotContains(t, err.Error(), "hunter2")
	target, err := redistarget.NewTCP(redistarget.TCPConfig{URL: "rediss://h:1/0"})
	require.NoError(t, err)
	require.NoError(t, target.Close())
}
