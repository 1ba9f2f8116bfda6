package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"

	"tollgate/fakes/upstash"
	"tollgate/fakes/upstash/meter"
)

// printAccess says how to reach the server, in lines that a shell or an .env file can take as they are.
func printAccess(w io.Writer, o options, srv *upstash.Server, where string) {
	if where != "" {
		fmt.Fprintf(w, "# %s\n", where)
	}
	fmt.Fprintf(w, "UPSTASH_REDIS_REST_URL=%s\n", srv.RESTURL())
	fmt.Fprintf(w, "UPSTASH_REDIS_REST_TOKEN=%s\n", o.Token)
	user := url.UserPassword("default", o.Password)
	fmt.Fprintf(w, "REDIS_URL=%s\n", &url.URL{Scheme: "redis", User: user, Host: srv.RESPAddr()})
	if o.TLSAddr != "" {
		fmt.Fprintf(w, "REDIS_TLS_URL=%s\n", &url.URL{Scheme: "rediss", User: user, Host: srv.TLSAddr()})
	}
	fmt.Fprintf(w, "ADMIN_URL=%s\n", srv.AdminURL())
}

// printJSON prints the account as the admin address has it.
func printJSON(w io.Writer, a meter.Account) {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	_ = out.Encode(a) // it marshals; a reader that left needs nothing
}
