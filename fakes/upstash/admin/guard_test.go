package admin_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/admin"
	"tollgate/fakes/upstash/plan"
)

func TestGuard(t *testing.T) {
	const get, post = http.MethodGet, http.MethodPost
	for _, c := range []struct {
		name, addr, method, host string
		headers                  map[string]string
		want                     int
	}{
		{"loopback", "127.0.0.1:8078", get, "127.0.0.1:8078", nil, 200},
		{"IPv6", "[::1]:8078", get, "[::1]:8078", nil, 200},
		{"IPv6 without port", "[::1]:80", get, "[::1]", nil, 200},
		{"localhost", "127.0.0.1:8078", get, "LocalHost:8078", nil, 200},
		{"its own name", "meter:8078", get, "meter:8078", nil, 200},
		{"any address of a host", ":8078", get, "10.1.2.3:8078", nil, 200},
		{"rebound name", "127.0.0.1:8078", get, "evil.example:8078", nil, 403},
		{"rebound name that looks local", "127.0.0.1:8078", get, "localhost.evil.example", nil, 403},
		{"rebound name posts", "127.0.0.1:8078", post, "evil.example:8078", nil, 403},
		{"no host", ":8078", get, "", nil, 403},
		{"a program posts", "127.0.0.1:8078", post, "127.0.0.1:8078", nil, 204},
		{"its own page posts", "127.0.0.1:8078", post, "127.0.0.1:8078", map[string]string{"Origin": "http://127.0.0.1:8078"}, 204},
		{"another page posts", "127.0.0.1:8078", post, "127.0.0.1:8078", map[string]string{"Origin": "https://evil.example"}, 403},
		{"a page of another port posts", "127.0.0.1:8078", post, "127.0.0.1:8078", map[string]string{"Origin": "http://127.0.0.1:3000"}, 403},
		{"a page without origin posts", "127.0.0.1:8078", post, "127.0.0.1:8078", map[string]string{"Origin": "null"}, 403},
		{"as fetch says", "127.0.0.1:8078", post, "127.0.0.1:8078", map[string]string{"Sec-Fetch-Site": "cross-site"}, 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLedger()
			l.ConnOpened(1)
			l.ConnClosed(1)
			path := map[string]string{get: "/ledger", post: "/ledger/reset-peaks"}[c.method]
			r := httptest.NewRequest(c.method, path, nil)
			r.Host = c.host
			for name, value := range c.headers {
				r.Header.Set(name, value)
			}
			w := httptest.NewRecorder()
			admin.Guard(admin.NewHandler(l, plan.Plan{}), c.addr).ServeHTTP(w, r)
			require.Equal(t, c.want, w.Code)
			if c.want == http.StatusForbidden {
				require.NotContains(t, w.Body.String(), "peak")
				require.EqualValues(t, 1, l.Snapshot().Connections.Peak, "nothing was changed")
			}
		})
	}
}
