package admin_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/admin"
	"tollgate/fakes/upstash/ledger"
	"tollgate/fakes/upstash/plan"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func newLedger() *ledger.Ledger {
	return ledger.New(ledger.Config{Clock: func() time.Time { return noon }})
}

func send(h http.Handler, method, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	return w
}

func get[T any](t *testing.T, h http.Handler, target string) T {
	t.Helper()
	w := send(h, http.MethodGet, target)
	require.Equal(t, http.StatusOK, w.Code, target)
	require.Equal(t, "application/json", w.Header().Get("Content-Type"))
	var v T
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &v))
	return v
}

func TestSnapshot(t *testing.T) {
	l := newLedger()
	h := admin.NewHandler(l, plan.Plan{})
	l.Record(ledger.Command{Component: "cache", Transport: ledger.TransportREST, Name: "GET", Billed: true})
	l.Record(ledger.Command{Component: "cache", Transport: ledger.TransportREST, Name: "PING"})
	l.ConnOpened(1)
	require.Equal(t, l.Snapshot(), get[ledger.Snapshot](t, h, "/ledger"))
	require.Contains(t, send(h, http.MethodGet, "/ledger").Body.String(), `"total":{"wire":2,"inner":0,"billed":1}`)
}

func TestRecent(t *testing.T) {
	l := newLedger()
	h := admin.NewHandler(l, plan.Plan{})
	require.Equal(t, "[]\n", send(h, http.MethodGet, "/ledger/recent").Body.String())
	for i := range 150 {
		l.Record(ledger.Command{Component: "c", Transport: ledger.TransportTCP, Name: fmt.Sprint("CMD", i)})
	}
	names := func(target string) (names []string) {
		for _, c := range get[[]ledger.Command](t, h, target) {
			names = append(names, c.Name)
		}
		return names
	}
	require.Len(t, names("/ledger/recent"), admin.DefaultRecent)
	require.Equal(t, []string{"CMD148", "CMD149"}, names("/ledger/recent?limit=2"))
	require.Len(t, names("/ledger/recent?limit=1000"), 150)
	for _, bad := range []string{"0", "-1", "x", "1.5"} {
		w := send(h, http.MethodGet, "/ledger/recent?limit="+bad)
		require.Equal(t, http.StatusBadRequest, w.Code, bad)
		require.JSONEq(t, `{"error":"limit \"`+bad+`\": give a whole number of at least 1"}`, w.Body.String())
	}
}

func TestSeries(t *testing.T) {
	l := newLedger()
	h := admin.NewHandler(l, plan.Plan{})
	require.Equal(t, "[]\n", send(h, http.MethodGet, "/ledger/series").Body.String())
	l.Record(ledger.Command{Component: "c", Transport: ledger.TransportTCP, Name: "GET", Billed: true})
	require.Equal(t, []ledger.Second{{At: noon, Wire: 1, Billed: 1}}, get[[]ledger.Second](t, h, "/ledger/series"))
}

func TestResetPeaks(t *testing.T) {
	l := newLedger()
	h := admin.NewHandler(l, plan.Plan{})
	l.ConnOpened(1)
	l.ConnClosed(1)
	require.Equal(t, int64(1), l.Snapshot().Connections.Peak)
	require.Equal(t, http.StatusNoContent, send(h, http.MethodPost, "/ledger/reset-peaks").Code)
	require.Zero(t, l.Snapshot().Connections.Peak)
}

func TestBill(t *testing.T) {
	l := newLedger()
	payg, err := plan.Lookup(plan.PAYG)
	require.NoError(t, err)
	for range 50 {
		l.Record(ledger.Command{Component: "c", Transport: ledger.TransportTCP, Name: "GET", Billed: true})
	}
	require.JSONEq(t, `{"plan":"payg","billed":50,"dollars":0.0001,"cheapest":"free","cheapest_dollars":0}`,
		send(admin.NewHandler(l, payg), http.MethodGet, "/bill").Body.String())
	require.JSONEq(t, `{"plan":"","billed":50,"dollars":null,"cheapest":"free","cheapest_dollars":0}`,
		send(admin.NewHandler(l, plan.Plan{}), http.MethodGet, "/bill").Body.String())
}

func TestRouting(t *testing.T) {
	h := admin.NewHandler(newLedger(), plan.Plan{})
	w := send(h, http.MethodGet, "/")
	require.Equal(t, http.StatusOK, w.Code)
	for _, path := range []string{"/ledger ", "/ledger/recent", "/ledger/series", "/bill", "/ledger/reset-peaks"} {
		require.Contains(t, w.Body.String(), path)
	}
	require.Equal(t, http.StatusMethodNotAllowed, send(h, http.MethodGet, "/ledger/reset-peaks").Code)
	require.Equal(t, http.StatusMethodNotAllowed, send(h, http.MethodPost, "/ledger").Code)
	require.Equal(t, http.StatusNotFound, send(h, http.MethodGet, "/tokens").Code)
}

func ExampleNewHandler() {
	l := ledger.New(ledger.Config{Clock: func() time.Time { return noon }})
	l.Record(ledger.Command{Component: "cache", Transport: ledger.TransportREST, Name: "GET", Billed: true})

	w := httptest.NewRecorder()
	admin.NewHandler(l, plan.Plan{}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/ledger/recent?limit=1", nil))
	fmt.Print(w.Body)
	// Output: [{"at":"2026-11-23T12:00:00Z","component":"cache","transport":"rest","name":"GET","billed":true}]
}
