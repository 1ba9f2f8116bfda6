package providers

import (
	"encoding/json"
	"fmt"
	"net/http"
)

func hookID(c *call) string { return c.PathValue("id") }

// serveHook accepts whatever is delivered.
func serveHook(w http.ResponseWriter, _ *call) { w.WriteHeader(http.StatusOK) }

func refuseHook(w http.ResponseWriter, status int) {
	http.Error(w, http.StatusText(status), status)
}

// question is the body of a suggestion call.
type question struct {
	User    string   `json:"user"`
	Context []string `json:"context"`
}

func suggestUser(c *call) string {
	var q question
	if json.Unmarshal(c.body, &q) != nil {
		return ""
	}
	return q.User
}

// serveSuggest answers three suggestions that depend on nothing but the question.
func serveSuggest(w http.ResponseWriter, c *call) {
	var q question
	if err := json.Unmarshal(c.body, &q); err != nil || q.User == "" {
		refuseSuggest(w, http.StatusBadRequest)
		return
	}
	about := "the week ahead"
	if len(q.Context) > 0 {
		about = q.Context[0]
	}
	writeJSON(w, http.StatusOK, map[string][]string{"suggestions": {
		fmt.Sprintf("Prepare for %s", about),
		fmt.Sprintf("Leave early for %s", about),
		fmt.Sprintf("Write down what came of %s (%d notes so far)", about, len(q.Context)),
	}})
}

func refuseSuggest(w http.ResponseWriter, status int) {
	writeJSON(w, status, map[string]string{"error": http.StatusText(status)})
}
