package admin

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"tollgate/fakes/upstash/ledger"
	"tollgate/fakes/upstash/meter"
	"tollgate/fakes/upstash/plan"
)

// DefaultRecent is how many commands /ledger/recent shows without a limit.
const DefaultRecent = 100

const index = `The account of a fake Upstash Redis. A browser gets it as a page.

GET  /account                   all that is known, with the projection to a month, as JSON
GET  /metrics                   the same for Prometheus
GET  /ledger                    commands and connections in all, by component, command and script
GET  /ledger/recent?limit=100   the latest commands, oldest first
GET  /ledger/series             wire, inner and billed commands and open connections, by second
GET  /bill                      what the billed commands cost in a month on the plan, and on the cheapest
POST /ledger/reset-peaks        start counting peak connections anew

GET, POST, DELETE /faults       what goes wrong on purpose: all of it with its counts, one more, none any more
GET, DELETE /faults/NAME        one of them
`

// NewHandler makes the handler that shows l, and what it costs on p. It is safe for
// concurrent use. Guard it where browsers may reach it.
func NewHandler(l *ledger.Ledger, p plan.Plan) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Vary", "Accept")
		if strings.Contains(r.Header.Get("Accept"), "text/html") {
			servePage(w, l, p)
			return
		}
		serveIndex(w, r)
	})
	mux.HandleFunc("GET /index.txt", serveIndex)
	mux.HandleFunc("GET /account", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, meter.Take(l, p))
	})
	mux.Handle("GET /metrics", metricsHandler(l))
	mux.HandleFunc("GET /ledger", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, l.Snapshot())
	})
	mux.HandleFunc("GET /ledger/recent", func(w http.ResponseWriter, r *http.Request) {
		limit, err := limitOf(r)
		if err != nil {
			writeJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
			return
		}
		recent := l.Recent()
		writeList(w, recent[max(0, len(recent)-limit):])
	})
	mux.HandleFunc("GET /ledger/series", func(w http.ResponseWriter, _ *http.Request) {
		writeList(w, l.Series())
	})
	mux.HandleFunc("GET /bill", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, plan.BillOf(p, l.Snapshot().Total.Billed))
	})
	mux.HandleFunc("POST /ledger/reset-peaks", func(w http.ResponseWriter, _ *http.Request) {
		l.ResetPeaks()
		w.WriteHeader(http.StatusNoContent)
	})
	return mux
}

func serveIndex(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, index) // a client that left needs no index
}

func limitOf(r *http.Request) (int, error) {
	text := r.URL.Query().Get("limit")
	if text == "" {
		return DefaultRecent, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("limit %q: give a whole number of at least 1", text)
	}
	return n, nil
}

// writeList answers with an array, also where there is nothing to list.
func writeList[T any](w http.ResponseWriter, items []T) {
	if items == nil {
		items = []T{}
	}
	writeJSON(w, http.StatusOK, items)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the types marshal; a client that left needs no answer
}
