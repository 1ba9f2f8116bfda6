package account_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash"
	"tollgate/loadgen/account"
)

// The account is that of the real fake: what was billed before does not count, what comes after does.
func TestWatch(t *testing.T) {
	server, err := upstash.Start(t.Context(), upstash.Config{RESPAddr: "127.0.0.1:0", AdminAddr: "127.0.0.1:0"})
	require.NoError(t, err)
	defer server.Close()
	client := redis.NewClient(&redis.Options{Addr: server.RESPAddr(), PoolSize: 1})
	defer client.Close()
	require.NoError(t, client.Set(t.Context(), "before", 1, 0).Err())

	watcher, err := account.Watch(t.Context(), server.AdminURL())
	require.NoError(t, err)
	require.Equal(t, "account: 1 connections (most 1)   0 billed commands", watcher.Line())
	for range 5 {
		require.NoError(t, client.Set(t.Context(), "after", 1, 0).Err())
	}
	require.NoError(t, client.Ping(t.Context()).Err()) // sent, and not billed
	figures, err := watcher.Stop()
	require.NoError(t, err)
	require.Equal(t, account.Figures{Wire: 6, Billed: 5, Open: 1, Peak: 1}, figures)
}

// An account that is lost on the way leaves what was read before.
func TestAnAccountThatIsLost(t *testing.T) {
	answers := make(chan string, 2)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		select {
		case text := <-answers:
			fmt.Fprint(w, text)
		default:
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	defer server.Close()
	answers <- `{"total":{"wire":9,"inner":1,"billed":10},"connections":{"open":2,"peak":3,"opened":9}}`
	watcher, err := account.Watch(t.Context(), server.URL+"/")
	require.NoError(t, err)
	figures, err := watcher.Stop()
	require.ErrorIs(t, err, account.ErrAccount)
	require.Equal(t, account.Figures{Open: 2, Peak: 3}, figures)
	require.Contains(t, watcher.Line(), "status 502 Bad Gateway")
}

func TestWhatIsNoAccount(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"ok":true}`) }))
	defer server.Close()
	for address, want := range map[string]string{
		"127.0.0.1:8078":        "is not the address of an admin door",
		"redis://127.0.0.1":     "is not the address of an admin door",
		"http://127.0.0.1:1":    "connection refused",
		server.URL:              "has no ledger; is that the admin door of the fake Upstash?",
		server.URL + "/?a=b":    "is not the address",
		"http://u:hunter2@h:80": "is not the address",
	} {
		_, err := account.Watch(t.Context(), address)
		require.ErrorIs(t, err, account.ErrAccount)
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "hunter2")
	}
}
