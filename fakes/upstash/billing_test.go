package upstash_test

import (
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash"
	"tollgate/fakes/upstash/ledger"
	"tollgate/fakes/upstash/plan"
)

// spend sends 12 commands over TCP, one of which calls 2 more, and 6 over REST.
func spend(t *testing.T, f fake) {
	c := login(t, f)
	c.want("+OK", "CLIENT", "SETNAME", "me")
	c.want("+OK", "SET", "k", "v")
	c.want("$1 | v", "GET", "k")
	c.want(":1", "EVAL", `redis.call("GET","k") redis.call("SET","k","v") return 1`, "0")
	c.want("+OK", "MULTI")
	c.want("+QUEUED", "SET", "k", "w")
	c.want("*1 | +OK", "EXEC")
	c.want("+PONG", "PING")
	c.send("EVALSHA", strings.Repeat("0", 40), "0")
	line, err := c.r.ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, line, "-NOSCRIPT")
	c.want("-ERR wrong number of arguments for 'client|setname' command", "CLIENT", "SETNAME")
	c.want("-WRONGTYPE Operation against a key holding the wrong kind of value", "LPUSH", "k", "v")

	w := web(t, f)
	_, answer := post(t, w, f.RESTURL()+"/pipeline", `[["SET","n","1"],["GET","n"],["LPUSH","n","1"]]`)
	require.Contains(t, answer, `[{"result":"OK"},{"result":"1"},{"error":"WRONGTYPE`)
	_, answer = post(t, w, f.RESTURL()+"/multi-exec", `[["SET","n","2"],["LPUSH","n","1"]]`)
	require.Contains(t, answer, `[{"result":"OK"},{"error":"WRONGTYPE`)
	post(t, w, f.RESTURL(), `["GET","n"]`)
}

// 18 are billed, of the 20 that spend causes to run, since AUTH and PING never are.
func TestBillingSwitches(t *testing.T) {
	rows := []struct {
		name    string
		billing upstash.Billing
		billed  int64
	}{
		{"default", upstash.Billing{}, 18},
		{"Lua outer only", upstash.Billing{LuaOuterOnly: true}, 18 - 2},
		{"free transactions", upstash.Billing{FreeTransactions: true}, 18 - 2}, // MULTI, EXEC
		{"free client", upstash.Billing{FreeClient: true}, 18 - 2},             // twice CLIENT SETNAME
		{"free failures", upstash.Billing{FreeFailures: true}, 18 - 5},         // EVALSHA, CLIENT, 3 x LPUSH
		{"2 read regions", upstash.Billing{ReadRegions: 2}, 18 + 2*10},         // 5 x SET, 3 x LPUSH, EVAL, EVALSHA
		{"all that is free", upstash.Billing{LuaOuterOnly: true, FreeTransactions: true, FreeClient: true, FreeFailures: true}, 8},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := settings(t)
				cfg.Billing = row.billing
				cfg.Plan.MonthlyCommands = 1000
				f := start(t, cfg)
				spend(t, f)
				synctest.Wait()
				total := f.Ledger().Snapshot().Total
				require.Equal(t, row.billed, total.Billed)
				require.EqualValues(t, 2, total.Inner, "counted, billed or not")
				var recent, seconds int64
				for _, c := range f.Ledger().Recent() {
					if c.Billed {
						recent += max(1, c.Times)
					}
				}
				for _, s := range f.Ledger().Series() {
					seconds += s.Billed
				}
				require.Equal(t, row.billed, recent)
				require.Equal(t, row.billed, seconds)
			})
		})
	}
}

// What is not billed does not use up the month either, and what is billed more than
// once does.
func TestQuotaIsOfBilledCommands(t *testing.T) {
	cfg := settings(t)
	cfg.Plan.MonthlyCommands = 4
	cfg.Billing = upstash.Billing{FreeFailures: true, ReadRegions: 1}
	c := login(t, start(t, cfg))
	c.want("+OK", "SET", "k", "v")
	for range 5 {
		c.want("-WRONGTYPE Operation against a key holding the wrong kind of value", "LPUSH", "k", "v")
		c.want("-ERR Unrecognized option 'x'", "CLIENT", "SETINFO", "x", "y")
		c.want("-ERR Wrong password or user \"nobody\" does not exist", "ACL", "RESTTOKEN", "nobody", "x")
	}
	c.want("+OK", "SET", "k", "v")
	c.want("-ERR max requests limit exceeded. Limit: 4, Usage: 4. "+
		"See https://upstash.com/docs/redis/troubleshooting/max_requests_limit for details", "GET", "k")
}

// A transaction that is discarded is counted, each of its commands, and not billed.
func TestDiscardedTransactionIsCounted(t *testing.T) {
	for body, unsupported := range map[string]int64{
		`[["SET","n","2"],["GET","n"],["SLOWLOG"]]`:                                   1,
		`[["SET","n","2"],["GET"],["GET","n"]]`:                                       0,
		`[["GET","n"],["SET","` + strings.Repeat("k", 40<<10) + `","v"],["GET","n"]]`: 0,
	} {
		f := start(t, settings(t))
		status, _ := post(t, web(t, f), f.RESTURL()+"/multi-exec", body)
		require.Equal(t, http.StatusBadRequest, status)
		account := f.Ledger().Snapshot()
		require.Equal(t, ledger.Counts{Wire: 3}, account.Total)
		require.Equal(t, unsupported, account.Unsupported)
		require.Equal(t, 3-unsupported, account.Rejected)
	}
}

func TestReadRegionsMultiplyWrites(t *testing.T) {
	cfg := settings(t)
	cfg.Billing.ReadRegions = 3
	f := start(t, cfg)
	c := login(t, f)
	c.want("+OK", "SET", "k", "v")
	c.want("$1 | v", "GET", "k")
	c.want("$1 | v", "EVAL_RO", `return redis.call("GET","k")`, "0")
	by := f.Ledger().Snapshot().ByCommand
	require.Equal(t, ledger.Counts{Wire: 1, Billed: 4}, by["SET"])
	require.Equal(t, ledger.Counts{Wire: 1, Inner: 1, Billed: 2}, by["GET"])
	require.Equal(t, ledger.Counts{Wire: 1, Billed: 1}, by["EVAL_RO"])
}

func TestReadRegionsOfTheFreePlan(t *testing.T) {
	free, err := plan.Lookup(plan.Free)
	require.NoError(t, err)
	cfg := upstash.Config{RESPAddr: ":0", Plan: free, Billing: upstash.Billing{ReadRegions: 2}}
	require.ErrorContains(t, cfg.Validate(), `Billing.ReadRegions is 2: plan "free" allows 1 at most`)
	cfg.Billing.ReadRegions = 1
	require.NoError(t, cfg.Validate())
}

// The README's table of plans is the data's.
func TestREADMEHasThePlans(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	number := func(n int64) string {
		if n == 0 {
			return "any"
		}
		return strconv.FormatInt(n, 10)
	}
	var table strings.Builder
	for _, p := range plan.All() {
		table.WriteString("| `" + p.Name + "` | " + strings.Join([]string{
			"$" + strconv.FormatFloat(p.MonthlyPrice, 'f', -1, 64), "$" + strconv.FormatFloat(p.PricePer100K, 'f', 2, 64),
			number(p.MonthlyCommands), number(int64(p.CommandsPerSecond)), number(p.MaxRequestBytes), number(int64(p.MaxConnections)),
		}, " | ") + " |\n")
	}
	require.Contains(t, string(readme), table.String())
}
