// Package admin shows the ledger over HTTP, as JSON, to whoever has no access to the Go API.
//
// # What it does
//
//	GET  /                    what there is to see, as text
//	GET  /ledger              the totals (ledger.Snapshot)
//	GET  /ledger/recent       the latest commands, oldest first ([]ledger.Command); ?limit=, 100 by default
//	GET  /ledger/series       what happened second by second ([]ledger.Second)
//	GET  /bill                what the billed commands cost in a month on the plan, and on the cheapest (plan.Bill)
//	POST /ledger/reset-peaks  start counting peak connections anew; 204
//
// # What it does not
//
// It asks for no credentials, so it belongs on an address of its own that only the tester reaches. It never
// shows tokens, passwords, keys or values: the ledger has none of them.
package admin
