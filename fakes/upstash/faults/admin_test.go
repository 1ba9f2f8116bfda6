package faults_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/faults"
)

func TestAdmin(t *testing.T) {
	on := newTarget()
	r := registry(t, faults.Config{Target: on})
	handler := r.Handler()
	for _, step := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"GET", "/faults", "", 200, "[]\n"},
		{"POST", "/faults", `{"kind":"latency","name":"slow","delay":"200ms"}`, 201, `"state":"on"`},
		{"POST", "/faults", "latency,name=slow,delay=1s", 409, `name is taken: "slow"`},
		{"POST", "/faults", " error,text=ERR no,name=a b \n", 201, `"name":"a b"`},
		{"POST", "/faults", "latency", 400, "delay is not set"},
		{"POST", "/faults", `{"kind":"latency","delay":"-1s"}`, 400, "delay is -1s: it cannot be negative"},
		{"POST", "/faults", `{"kind":"latency","delay":{}}`, 400, `"delay": give a string`},
		{"POST", "/faults", `{"kind":"latency"`, 400, "not JSON"},
		{"POST", "/faults", `{"kind":"loading"}{}`, 400, "more than one"},
		{"POST", "/faults", "", 400, "the spec is empty"},
		{"POST", "/faults", strings.Repeat("x", 70_000), 400, "too large"},
		{"GET", "/faults/slow", "", 200, `{"fault":{"kind":"latency","name":"slow","delay":"200ms"},"state":"on","decisions":0,"fired":0}`},
		{"GET", "/faults/none", "", 404, `no such fault: "none"`},
		{"GET", "/faults", "", 200, `"delay":"200ms"`},
		{"PUT", "/faults", "", 405, "Method Not Allowed"},
		{"DELETE", "/faults/none", "", 404, "no such fault"},
		{"DELETE", "/faults/a%20b", "", 200, `"kind":"error"`},
		{"DELETE", "/faults", "", 200, `[{"fault":{"kind":"latency"`},
		{"DELETE", "/faults", "", 200, "[]\n"},
		{"POST", "/faults", "script-flush", 201, `"state":"ended"`},
		{"GET", "/nothing", "", 404, "not found"},
	} {
		res := httptest.NewRecorder()
		handler.ServeHTTP(res, httptest.NewRequestWithContext(t.Context(), step.method, step.path, strings.NewReader(step.body)))
		require.Equal(t, step.status, res.Code, "%s %s: %s", step.method, step.path, res.Body)
		require.Contains(t, res.Body.String(), step.want)
		kind := res.Header().Get("Content-Type")
		require.Equal(t, step.status < 300, kind == "application/json", kind)
	}

	on.fail(errors.New("no engine"))
	res := httptest.NewRecorder()
	handler.ServeHTTP(res, httptest.NewRequestWithContext(t.Context(), "POST", "/faults", strings.NewReader("failover")))
	require.Equal(t, http.StatusInternalServerError, res.Code)
	require.Contains(t, res.Body.String(), "no engine")
	on.fail(errors.ErrUnsupported)
	res = httptest.NewRecorder()
	handler.ServeHTTP(res, httptest.NewRequestWithContext(t.Context(), "POST", "/faults", strings.NewReader("clock-jump,by=1h")))
	require.Equal(t, http.StatusBadRequest, res.Code)
}

// A report can be read back, times and all.
func TestReportJSON(t *testing.T) {
	r := registry(t, faults.Config{})
	name := add(t, r, "loading")
	require.Equal(t, "x", answers(r, 1))
	want, err := r.Get(name)
	require.NoError(t, err)
	res := httptest.NewRecorder()
	r.Handler().ServeHTTP(res, httptest.NewRequestWithContext(t.Context(), "GET", "/faults", http.NoBody))
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	var reports []faults.Report
	require.NoError(t, json.Unmarshal(body, &reports))
	require.Len(t, reports, 1)
	require.True(t, want.First.Equal(reports[0].First))
	require.Equal(t, want.Firings[0].On, reports[0].Firings[0].On)
	require.Equal(t, want.Fault, reports[0].Fault)
}
