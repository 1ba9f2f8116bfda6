// Package admin shows the ledger over HTTP, to people and to programs that have no access to the Go API.
//
// # What it does
//
//	GET  /                    a page that updates every second, for who accepts text/html; else /index.txt
//	GET  /index.txt           what there is to see, as text
//	GET  /account             all that is known, with the projection to a month (meter.Account)
//	GET  /metrics             the same for Prometheus
//	GET  /ledger              the totals (ledger.Snapshot)
//	GET  /ledger/recent       the latest commands, oldest first ([]ledger.Command); ?limit=, 100 by default
//	GET  /ledger/series       what happened second by second ([]ledger.Second)
//	GET  /bill                what the billed commands cost in a month on the plan, and on the cheapest (plan.Bill)
//	POST /ledger/reset-peaks  start counting peak connections anew; 204
//
// The page needs nothing from elsewhere and runs nothing but its own script, by its Content-Security-Policy; without
// scripts it reloads every five seconds. Guard keeps pages of others from using a browser to get here.
//
// # What it does not
//
// It asks for no credentials, so it belongs on an address of its own that only the tester reaches. It never
// shows tokens, passwords, keys or values: the ledger has none of them.
//
// # Sources
//
//   - Names of metrics: https://prometheus.io/docs/practices/naming/ .
//   - DNS rebinding and requests of other origins: https://pkg.go.dev/net/http#CrossOriginProtection .
package admin
