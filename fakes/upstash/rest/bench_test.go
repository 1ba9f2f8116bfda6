package rest_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
	"tollgate/fakes/upstash"
	"tollgate/fakes/upstash/resp"
	"tollgate/fakes/upstash/rest"
)

// BenchmarkPOST compares a GET command by POST with an HTTP handler that only reads and writes: over the same
// network in memory, one connection, one request at a time. "handler" has a backend that answers at once, so it
// shows what this package costs; "server" is the whole fake, with its account and the embedded engine.
func BenchmarkPOST(b *testing.B) {
	bare := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			b.Error(err)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"result":"value"}`)
	})
	constant := newBackend(b)
	constant.forge = func([][][]byte) []resp.Value { return []resp.Value{resp.Bulk("value")} }
	b.Run("bare", func(b *testing.B) { benchmarkPOST(b, bare) })
	b.Run("handler", func(b *testing.B) { benchmarkPOST(b, rest.NewHandler(constant, rest.Config{})) })
	b.Run("server", func(b *testing.B) {
		network := memnet.New()
		srv, err := upstash.Start(b.Context(), upstash.Config{
			Network: network, RESTAddr: "127.0.0.1:0", Tokens: []upstash.Token{{Value: token}},
		})
		require.NoError(b, err)
		benchmarkClient(b, network, srv.RESTURL()+"/")
		require.NoError(b, srv.Close())
	})
}

func benchmarkPOST(b *testing.B, h http.Handler) {
	network := memnet.New()
	listener, err := network.Listen(b.Context(), "tcp", "127.0.0.1:0")
	require.NoError(b, err)
	srv := &http.Server{Handler: h}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	benchmarkClient(b, network, "http://"+listener.Addr().String()+"/")
	require.NoError(b, srv.Shutdown(context.Background()))
	require.ErrorIs(b, <-served, http.ErrServerClosed)
}

// benchmarkClient sends commands, one after the other.
func benchmarkClient(b *testing.B, network memnet.Network, url string) {
	transport := &http.Transport{DialContext: network.DialContext}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	b.ReportAllocs()
	for b.Loop() {
		r, err := http.NewRequestWithContext(b.Context(), http.MethodPost, url, strings.NewReader(`["GET","some:key:17"]`))
		require.NoError(b, err)
		r.Header.Set("Authorization", "Bearer "+token)
		res, err := client.Do(r)
		require.NoError(b, err)
		_, err = io.Copy(io.Discard, res.Body)
		require.NoError(b, err)
		require.NoError(b, res.Body.Close())
		require.Equal(b, http.StatusOK, res.StatusCode)
	}
}
