package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"

	"tollgate/fakes/upstash"
	"tollgate/fakes/upstash/ledger"
	"tollgate/fakes/upstash/plan"
)

// printAccess says how to reach the server, in lines that a shell or an .env file can take as they are.
func printAccess(w io.Writer, o options, srv *upstash.Server) {
	fmt.Fprintf(w, "UPSTASH_REDIS_REST_URL=%s\n", srv.RESTURL())
	fmt.Fprintf(w, "UPSTASH_REDIS_REST_TOKEN=%s\n", o.Token)
	user := url.UserPassword("default", o.Password)
	fmt.Fprintf(w, "REDIS_URL=%s\n", &url.URL{Scheme: "redis", User: user, Host: srv.RESPAddr()})
	if o.TLSAddr != "" {
		fmt.Fprintf(w, "REDIS_TLS_URL=%s\n", &url.URL{Scheme: "rediss", User: user, Host: srv.TLSAddr()})
	}
	fmt.Fprintf(w, "ADMIN_URL=%s\n", srv.AdminURL())
}

// printAccount says what Upstash would have billed, and the most connections that were open at one time.
func printAccount(w io.Writer, s ledger.Snapshot) {
	fmt.Fprintf(w, "billed commands: %d (sent: %d, called inside Lua: %d)\n", s.Total.Billed, s.Total.Wire, s.Total.Inner)
	byBill := func(a, b string) int {
		return cmp.Or(cmp.Compare(s.ByCommand[b].Billed, s.ByCommand[a].Billed), cmp.Compare(a, b))
	}
	for _, name := range slices.SortedFunc(maps.Keys(s.ByCommand), byBill) {
		if billed := s.ByCommand[name].Billed; billed > 0 {
			fmt.Fprintf(w, "  %-20s %d\n", name, billed)
		}
	}
	fmt.Fprintf(w, "refused commands: %d unsupported, %d rejected\n", s.Unsupported, s.Rejected)
	fmt.Fprintf(w, "peak connections: %d\n", s.Connections.Peak)
}

// printBill says what a month with that many billed commands costs on the plan of that name, and which plan costs
// least.
func printBill(w io.Writer, name string, billed int64) {
	chosen, _ := plan.Lookup(name) // the flags are checked
	bill := plan.BillOf(chosen, billed)
	cost := "more than the plan allows"
	if bill.Dollars != nil {
		cost = fmt.Sprintf("$%.2f", *bill.Dollars)
	}
	fmt.Fprintf(w, "a month of that on %s: %s; cheapest: %s, $%.2f\n", name, cost, bill.Cheapest, bill.CheapestDollars)
}
