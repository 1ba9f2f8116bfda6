package faults

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// Handler is the registry over HTTP, to be mounted at /faults and /faults/:
//
//	GET    /faults          all, as an array of Report
//	GET    /faults/{name}   one
//	POST   /faults          add one, given as a JSON object or as ParseSpec takes it: 201 and its Report
//	DELETE /faults/{name}   remove one: its last Report
//	DELETE /faults          remove all: their last Reports
//
// Errors are lines of text: 400 for a fault that is wrong, 404 for a name that
// there is not, 409 for one that is taken, 503 for one too many, 500 for an action
// that failed.
func (r *Registry) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /faults", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, r.List())
	})
	mux.HandleFunc("GET /faults/{name}", func(w http.ResponseWriter, req *http.Request) {
		writeReport(w, http.StatusOK)(r.Get(req.PathValue("name")))
	})
	mux.HandleFunc("POST /faults", r.add)
	mux.HandleFunc("DELETE /faults/{name}", func(w http.ResponseWriter, req *http.Request) {
		writeReport(w, http.StatusOK)(r.Remove(req.PathValue("name")))
	})
	mux.HandleFunc("DELETE /faults", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, r.Clear())
	})
	return mux
}

func (r *Registry) add(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, req.Body, maxSpec))
	if err != nil {
		http.Error(w, "faults: reading the request: "+err.Error(), http.StatusBadRequest)
		return
	}
	f, err := parse(string(body))
	if err != nil {
		writeError(w, err)
		return
	}
	name, err := r.Add(f)
	if err != nil {
		writeError(w, err)
		return
	}
	writeReport(w, http.StatusCreated)(r.Get(name))
}

func writeReport(w http.ResponseWriter, status int) func(Report, error) {
	return func(report Report, err error) {
		if err != nil {
			writeError(w, err)
			return
		}
		writeJSON(w, status, report)
	}
}

func writeError(w http.ResponseWriter, err error) {
	status := http.StatusInternalServerError
	switch {
	case errors.Is(err, ErrInvalid), errors.Is(err, errors.ErrUnsupported):
		status = http.StatusBadRequest
	case errors.Is(err, ErrNotFound):
		status = http.StatusNotFound
	case errors.Is(err, ErrExists):
		status = http.StatusConflict
	case errors.Is(err, ErrFull), errors.Is(err, ErrClosed):
		status = http.StatusServiceUnavailable
	}
	http.Error(w, err.Error(), status)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the types marshal; a client that left needs no answer
}
