package conformance

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// dialogue is a case about the forms of REST requests. Keys are written @k.
type dialogue struct {
	name  string
	turns []turn
}

// turn is a request and what has to come back.
type turn struct {
	request
	readOnly bool // with the read-only token
	status   int
	want     string // the body; with "*" at its end, how it starts
	header   map[string]string
}

func exerciseRequests(t *testing.T, target Target, prefix string) {
	for _, d := range slices.Concat(formDialogues, batchDialogues, encodingDialogues, refusalDialogues()) {
		t.Run(d.name, func(t *testing.T) {
			target.within(t, func(t *testing.T) {
				rest := restOf(t, target)
				defer rest.sweep(t, prefix, d)
				for _, turn := range d.turns {
					turn.run(t, rest, prefix)
				}
			})
		})
	}
	for name, test := range map[string]func(*testing.T, REST, string){
		"sync token":    checkSyncToken,
		"large answers": checkLargeAnswers,
		"token":         checkTokens,
	} {
		t.Run(name, func(t *testing.T) {
			target.within(t, func(t *testing.T) { test(t, restOf(t, target), prefix) })
		})
	}
}

func restOf(t *testing.T, target Target) REST {
	rest := target.Open(t).REST
	if rest.URL == "" {
		t.Skipf("%s has no REST API", target.Name)
	}
	return rest
}

func (turn turn) run(t *testing.T, rest REST, prefix string) {
	t.Helper()
	q := turn.request
	q.target, q.body = withKeys(q.target, prefix), withKeys(q.body, prefix)
	if turn.readOnly {
		if rest.ReadOnlyToken == "" {
			t.Skip("there is no read-only token")
		}
		q.token = &rest.ReadOnlyToken
	}
	got := rest.do(t, q)
	about := q.method + " " + q.target + " " + q.body
	want, start := strings.CutSuffix(withKeys(turn.want, prefix), "*")
	if start {
		require.Truef(t, strings.HasPrefix(got.body, want), "%s\n want %s...\n got  %s", about, want, got.body)
	} else {
		require.Equal(t, want, strings.TrimSuffix(got.body, "\n"), about)
	}
	require.Equal(t, turn.status, got.status, about)
	for name, value := range turn.header {
		require.Contains(t, got.header.Get(name), value, about)
	}
}

// sweep deletes the keys that a dialogue may have left.
func (r REST) sweep(t testing.TB, prefix string, d dialogue) {
	named := regexp.MustCompile(regexp.QuoteMeta(prefix) + `\w+`)
	command := []string{"DEL", prefix}
	for _, turn := range d.turns {
		command = append(command, named.FindAllString(withKeys(turn.target+" "+turn.body, prefix), -1)...)
	}
	body, err := json.Marshal(command)
	require.NoError(t, err)
	r.do(t, request{method: http.MethodPost, target: "/", body: string(body)})
}

func post(body string) request {
	return request{method: http.MethodPost, target: "/", body: body}
}

func get(target string) request { return request{method: http.MethodGet, target: target} }

func to(path, body string) request {
	return request{method: http.MethodPost, target: path, body: body}
}

func (q request) with(name, value string) request {
	q.header = map[string]string{name: value}
	return q
}

// answer is a turn that has to succeed, failure one that has to fail.
func answer(q request, want string) turn {
	return turn{request: q, status: http.StatusOK, want: want}
}

func failure(q request, text string) turn {
	want := `{"error":"` + text + `"}`
	if start, open := strings.CutSuffix(text, "*"); open {
		want = `{"error":"` + start + "*"
	}
	return turn{request: q, status: http.StatusBadRequest, want: want}
}
