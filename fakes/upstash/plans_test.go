package upstash_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash"
	"tollgate/fakes/upstash/plan"
	"tollgate/fakes/upstash/resp"
)

func onPlan(t *testing.T, name string) upstash.Config {
	cfg := settings(t)
	var err error
	cfg.Plan, err = plan.Lookup(name)
	require.NoError(t, err)
	return cfg
}

// The free plan's limits over REST, with Upstash's texts and statuses.
func TestFreePlanOverREST(t *testing.T) {
	const see = "See https://upstash.com/docs/redis/troubleshooting/"
	large := func(bytes int) string { return strings.Repeat("x", bytes) }
	for name, row := range map[string]struct {
		before, path, body string
		status             int
		text               string
	}{
		"request": {
			body: `["SET","k","` + large(10<<20) + `"]`, status: http.StatusRequestEntityTooLarge,
			text: "ERR max request size exceeded. Limit: 10485760 bytes, Actual: 10485774 bytes. " + see + "max_request_size_exceeded for details",
		},
		"result": {
			before: `["SETRANGE","k",10485760,"x"]`, body: `["GET","k"]`, status: http.StatusBadRequest,
			text: "ERR max request size exceeded. Limit: 10485760 bytes, Actual: 10485761 bytes. " + see + "max_request_size_exceeded for details",
		},
		"key": {
			body: `["GET","` + large(32769) + `"]`, status: http.StatusBadRequest,
			text: "ERR max key size exceeded. Limit: 32768 bytes, Actual: 32769 bytes",
		},
		"record": {
			before: `["SETRANGE","k",104857600,"x"]`, body: `["APPEND","k","x"]`, status: http.StatusBadRequest,
			text: "ERR max single record size exceeded",
		},
		"data": {
			before: `["SETRANGE","k",268435456,"x"]`, body: `["SET","other","x"]`, status: http.StatusBadRequest,
			text: "ERR DB capacity quota exceeded. Threshold: 268435456 bytes, Usage: 268435458 bytes. " + see + "db_capacity_quota_exceeded for details",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := start(t, onPlan(t, plan.Free))
				w := web(t, f)
				defer w.CloseIdleConnections()
				if row.before != "" {
					status, answer := post(t, w, f.RESTURL(), row.before)
					require.Equal(t, http.StatusOK, status, answer)
				}
				status, answer := post(t, w, f.RESTURL(), row.body)
				require.Equal(t, row.status, status)
				require.JSONEq(t, `{"error":"`+row.text+`"}`, answer)
			})
		})
	}
}

// When the month's commands are spent, both doors say so, and TCP still connects and
// answers PING.
func TestFreePlanWhenTheMonthIsSpent(t *testing.T) {
	const spent = "ERR max requests limit exceeded. Limit: 5000, Usage: 5000. " +
		"See https://upstash.com/docs/redis/troubleshooting/max_requests_limit for details"
	synctest.Test(t, func(t *testing.T) {
		cfg := onPlan(t, plan.Free)
		cfg.Plan.MonthlyCommands = 5000 // 500,000 take a while
		f := start(t, cfg)
		c := login(t, f)
		c.want(":1", "EVAL", `for i = 1, 4999 do redis.call("ECHO", "") end return 1`, "0")
		w := web(t, f)
		defer w.CloseIdleConnections()
		status, answer := post(t, w, f.RESTURL(), `["GET","k"]`)
		require.Equal(t, http.StatusBadRequest, status)
		require.JSONEq(t, `{"error":"`+spent+`"}`, answer)
		status, answer = post(t, w, f.RESTURL()+"/pipeline", `[["GET","k"],["PING"]]`)
		require.Equal(t, http.StatusOK, status)
		require.JSONEq(t, `[{"error":"`+spent+`"},{"result":"PONG"}]`, answer)
		late := login(t, f)
		late.want("+PONG", "PING")
		late.want("-"+spent, "GET", "k")
		require.EqualValues(t, 5000, f.Ledger().Snapshot().Total.Billed)
	})
}

// 10,000 commands run at once; as many more take a second.
func TestFreePlanThrottles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := start(t, onPlan(t, plan.Free))
		c := login(t, f)
		began := time.Now()
		var all []byte
		for range 15_000 {
			all = resp.AppendCommand(all, []byte("PING"))
		}
		go func() { _, _ = c.conn.Write(all) }()
		for i := range 15_000 {
			c.line("+PONG")
			require.Equal(t, max(0, time.Duration(i+1-10_000)*100*time.Microsecond), time.Since(began))
		}
		require.Zero(t, f.Ledger().Snapshot().Rejected)
	})
}

// The bill at the admin door has the price of read regions in it.
func TestBillHasReadRegions(t *testing.T) {
	cfg := onPlan(t, "fixed-250mb")
	cfg.Billing.ReadRegions = 2
	f := start(t, cfg)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, f.AdminURL()+"/bill", nil)
	require.NoError(t, err)
	response, err := web(t, f).Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	var bill plan.Bill
	require.NoError(t, json.NewDecoder(response.Body).Decode(&bill))
	require.InDelta(t, 20, *bill.Dollars, 1e-9)
}
