package providers

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/memnet"
)

// world is a server on an in-memory network and a client of it.
type world struct {
	*Server
	client *http.Client
}

func start(t *testing.T, cfg Config) world {
	t.Helper()
	network := memnet.New()
	cfg.Listen = network.Listen
	server, err := Start(t.Context(), cfg)
	require.NoError(t, err)
	transport := &http.Transport{DialContext: network.DialContext}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		require.NoError(t, server.Close())
		require.NoError(t, network.Close())
	})
	return world{server, &http.Client{Transport: transport}}
}

// do sends a request and returns its status, its JSON body (if it is JSON) and its header.
func (w world) do(t *testing.T, method, path, token, body string) (int, map[string]any, http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, w.URL()+path, strings.NewReader(body))
	require.NoError(t, err)
	switch {
	case strings.HasPrefix(path, "/2010"):
		req.SetBasicAuth("AC1", "secret")
		fallthrough
	case path == "/token":
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	case token != "":
		req.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := w.client.Do(req)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	var decoded map[string]any
	if strings.HasPrefix(answer.Header.Get("Content-Type"), "application/json") {
		require.NoError(t, json.Unmarshal(text, &decoded))
	}
	return answer.StatusCode, decoded, answer.Header
}

const (
	smsPath    = "/2010-04-01/Accounts/AC1/Messages.json"
	eventsPath = "/calendar/v3/calendars/primary/events"
	peoplePath = "/v1/people/me/connections?requestSyncToken=true&personFields=names"
)

// dig follows keys and indexes into decoded JSON.
func dig(v any, path ...any) any {
	for _, step := range path {
		switch at := step.(type) {
		case string:
			object, _ := v.(map[string]any)
			v = object[at]
		case int:
			list, _ := v.([]any)
			if at >= len(list) {
				return nil
			}
			v = list[at]
		}
	}
	return v
}

func form(pairs ...string) string {
	values := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		values.Set(pairs[i], pairs[i+1])
	}
	return values.Encode()
}

func TestTokenEndpoint(t *testing.T) {
	w := start(t, Config{TokenLife: 90 * time.Second, Plan: Plan{Subjects: map[string]Subject{"lost": {Always: true, Status: 404}}}})
	w.Revoke("gone")
	grant := func(changes ...string) string {
		return form(append([]string{"grant_type", "refresh_token", "client_id", "id", "client_secret", "s", "refresh_token", "refresh-u-17"}, changes...)...)
	}
	for _, test := range []struct {
		name, body string
		status     int
		want       string
	}{
		{"another grant", grant("grant_type", "password"), 400, "unsupported_grant_type"},
		{"no client", grant("client_id", ""), 401, "invalid_client"},
		{"not a refresh token", grant("refresh_token", "u-17"), 400, "invalid_grant"},
		{"revoked", grant("refresh_token", "refresh-gone"), 400, "invalid_grant"},
		{"hopeless", grant("refresh_token", "refresh-lost"), 400, "invalid_grant"},
		{"not a form", "%zz", 400, "unsupported_grant_type"},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, body, _ := w.do(t, "POST", "/token", "", test.body)
			require.Equal(t, test.status, status)
			require.Equal(t, test.want, body["error"])
		})
	}
	status, body, _ := w.do(t, "POST", "/token", "", grant())
	require.Equal(t, 200, status)
	require.Equal(t, "Bearer", body["token_type"])
	require.EqualValues(t, 90, body["expires_in"])
	status, _, _ = w.do(t, "GET", eventsPath, body["access_token"].(string), "")
	require.Equal(t, 200, status, "the token works")
}

func TestAccessTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, Config{TokenLife: time.Hour})
		token := w.AccessToken("u-17")
		status, _, _ := w.do(t, "GET", eventsPath, token, "")
		require.Equal(t, 200, status)
		for _, wrong := range []string{"", "u-17", "access-u-17", "access--1", "access-u-17-x"} {
			status, body, _ := w.do(t, "GET", eventsPath, wrong, "")
			require.Equal(t, 401, status, wrong)
			require.Equal(t, "authError", dig(body, "error", "errors", 0, "reason"))
		}
		time.Sleep(time.Hour)
		status, body, _ := w.do(t, "GET", peoplePath, token, "")
		require.Equal(t, 401, status, "expired")
		require.Equal(t, "UNAUTHENTICATED", dig(body, "error", "status"))
		w.Revoke("u-17")
		status, _, _ = w.do(t, "GET", eventsPath, w.AccessToken("u-17"), "")
		require.Equal(t, 401, status, "revoked")
	})
}

func TestCalendarAnswers(t *testing.T) {
	w := start(t, Config{})
	token := w.AccessToken("u-17")
	_, body, _ := w.do(t, "GET", eventsPath+"?maxResults=250", token, "")
	require.Len(t, body["items"], 10)
	require.Equal(t, "event00000", dig(body, "items", 0, "id"))
	require.Equal(t, "2027-01-04", dig(body, "items", 0, "start", "date"), "all day")
	require.NotEmpty(t, dig(body, "items", 1, "start", "dateTime"))
	require.NotEmpty(t, body["nextPageToken"])
	require.NotContains(t, body, "nextSyncToken")

	status, body, _ := w.do(t, "GET", eventsPath+"?syncToken=sync.7.0.u-17", token, "")
	require.Equal(t, 410, status)
	require.Equal(t, "fullSyncRequired", dig(body, "error", "errors", 0, "reason"))
	status, _, _ = w.do(t, "GET", eventsPath+"?syncToken=nonsense", token, "")
	require.Equal(t, 400, status)
}

func TestCalendarChannels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, Config{})
		token := w.AccessToken("u-17")
		watch := func(body string) (int, map[string]any) {
			status, answer, _ := w.do(t, "POST", eventsPath+"/watch", token, body)
			return status, answer
		}
		status, granted := watch(`{"id":"ch-1","type":"web_hook","address":"https://example.com/push"}`)
		require.Equal(t, 200, status)
		require.Equal(t, "ch-1", granted["id"])
		require.NotEmpty(t, granted["resourceId"])
		require.Equal(t, strconv.FormatInt(time.Now().Add(channelLife).UnixMilli(), 10), granted["expiration"])

		soon := strconv.FormatInt(time.Now().Add(time.Hour).UnixMilli(), 10)
		_, granted = watch(`{"id":"ch-2","type":"web_hook","address":"https://example.com/push","expiration":"` + soon + `"}`)
		require.Equal(t, soon, granted["expiration"])

		for _, wrong := range []string{`{`, `{"id":"ch"}`, `{"id":"ch","type":"carrier pigeon","address":"a"}`} {
			status, _ = watch(wrong)
			require.Equal(t, 400, status, wrong)
		}
		status, _, _ = w.do(t, "POST", "/calendar/v3/channels/stop", token, `{"id":"ch-1","resourceId":"r"}`)
		require.Equal(t, 204, status)
		status, _, _ = w.do(t, "POST", "/calendar/v3/channels/stop", token, `{"id":"ch-1"}`)
		require.Equal(t, 404, status)
	})
}

func TestPeopleAnswers(t *testing.T) {
	w := start(t, Config{Pages: 1, PageSize: 4})
	token := w.AccessToken("u-17")
	_, body, _ := w.do(t, "GET", peoplePath, token, "")
	require.Len(t, body["connections"], 2)
	require.Equal(t, "people/c00000", dig(body, "connections", 0, "resourceName"))
	require.Equal(t, "Contact 0 of u-17", dig(body, "connections", 0, "names", 0, "displayName"))
	syncToken := body["nextSyncToken"].(string)

	w.ExpireSyncTokens()
	status, body, _ := w.do(t, "GET", peoplePath+"&syncToken="+syncToken, token, "")
	require.Equal(t, 400, status)
	require.Equal(t, "EXPIRED_SYNC_TOKEN", dig(body, "error", "details", 0, "reason"))
	status, body, _ = w.do(t, "GET", peoplePath+"&syncToken=nonsense", token, "")
	require.Equal(t, 400, status)
	require.Nil(t, dig(body, "error", "details"))
	status, _, _ = w.do(t, "GET", "/v1/people/me/connections", token, "")
	require.Equal(t, 400, status, "no field mask")
	_, body, _ = w.do(t, "GET", "/v1/people/me/connections?personFields=names", token, "")
	require.NotContains(t, body, "nextSyncToken", "not asked for")
}

func TestMessages(t *testing.T) {
	w := start(t, Config{})
	status, body, _ := w.do(t, "POST", smsPath, "", form("To", "+12025550101", "From", "+12025550100", "Body", "hello"))
	require.Equal(t, 201, status)
	require.Regexp(t, `^SM[0-9a-f]{32}$`, body["sid"])
	require.Equal(t, "queued", body["status"])
	_, second, _ := w.do(t, "POST", smsPath, "", form("To", "+12025550101", "From", "+12025550100", "Body", "hello"))
	require.NotEqual(t, body["sid"], second["sid"])
	for _, test := range []struct {
		name, path, body string
		status, code     int
	}{
		{"invalid number", smsPath, form("To", "12", "From", "+12025550100", "Body", "hello"), 400, 21211},
		{"no sender", smsPath, form("To", "+12025550101", "Body", "hello"), 400, 21603},
		{"no text", smsPath, form("To", "+12025550101", "From", "+12025550100"), 400, 21602},
		{"another account", "/2010-04-01/Accounts/AC2/Messages.json", "", 401, 20003},
	} {
		t.Run(test.name, func(t *testing.T) {
			status, body, _ := w.do(t, "POST", test.path, "", test.body)
			require.Equal(t, test.status, status)
			require.EqualValues(t, test.code, body["code"])
			require.EqualValues(t, test.status, body["status"])
		})
	}
}

// In a bubble because net/http lingers for half a second after it refused a long body.
func TestHooksAndSuggestions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, Config{})
		for _, method := range []string{"HEAD", "GET", "POST"} {
			status, _, _ := w.do(t, method, "/hooks/h-1", "", "")
			require.Equal(t, 200, status, method)
		}
		status, body, _ := w.do(t, "POST", "/suggest", "", `{"user":"u-17","context":["the demo"]}`)
		require.Equal(t, 200, status)
		require.Len(t, body["suggestions"], 3)
		require.Equal(t, "Prepare for the demo", dig(body, "suggestions", 0))
		for _, wrong := range []string{`{`, `{}`} {
			status, _, _ = w.do(t, "POST", "/suggest", "", wrong)
			require.Equal(t, 400, status)
		}
		status, _, _ = w.do(t, "DELETE", "/hooks/h-1", "", "")
		require.Equal(t, 404, status)
		status, _, _ = w.do(t, "POST", "/suggest", "", strings.Repeat("x", maxBody+1))
		require.Equal(t, 413, status)
		time.Sleep(time.Second)
		require.Equal(t, map[string]Count{
			"hooks":   {Served: 3, ByStatus: map[int]int64{200: 3}},
			"suggest": {Served: 1, Failed: 3, ByStatus: map[int]int64{200: 1, 400: 2, 413: 1}},
			"unknown": {Failed: 1, ByStatus: map[int]int64{404: 1}},
		}, w.Counts())
	})
}

// Every endpoint answers every subject status in its own format.
func TestSubjectStatuses(t *testing.T) {
	subject := func(status int) map[string]Subject {
		s := Subject{Always: true, Status: status}
		return map[string]Subject{"u-17": s, "+12025550101": s}
	}
	w := start(t, Config{})
	token := w.AccessToken("u-17")
	for name, call := range map[string]struct {
		method, path, body string
		code               []any // where the body repeats the status or names a code
		codes              map[int]any
	}{
		"oauth": {"POST", "/token", form("refresh_token", "refresh-u-17"), []any{"error"}, map[int]any{
			400: "invalid_grant", 401: "invalid_client", 403: "invalid_request", 429: "rate_limit_exceeded", 500: "internal_failure", 503: "internal_failure",
		}},
		"calendar": {"GET", eventsPath, "", []any{"error", "errors", 0, "reason"}, map[int]any{
			400: "badRequest", 401: "authError", 404: "notFound", 410: "fullSyncRequired", 429: "rateLimitExceeded", 503: "backendError",
		}},
		"people": {"GET", peoplePath, "", []any{"error", "status"}, map[int]any{
			400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 404: "NOT_FOUND", 410: "FAILED_PRECONDITION", 429: "RESOURCE_EXHAUSTED", 503: "INTERNAL",
		}},
		"sms": {"POST", smsPath, form("To", "+12025550101"), []any{"code"}, map[int]any{
			400: 21211.0, 401: 20003.0, 403: 20001.0, 404: 20404.0, 429: 20429.0, 503: 20500.0,
		}},
		"hooks":   {"POST", "/hooks/u-17", "", nil, map[int]any{400: nil, 404: nil, 429: nil, 503: nil}},
		"suggest": {"POST", "/suggest", `{"user":"u-17"}`, []any{"error"}, map[int]any{404: "Not Found", 429: "Too Many Requests"}},
	} {
		for status, want := range call.codes {
			w.SetPlan(Plan{RetryAfter: 1500 * time.Millisecond, Subjects: subject(status)})
			got, body, header := w.do(t, call.method, call.path, token, call.body)
			require.Equal(t, status, got, name)
			if call.code != nil {
				require.Equal(t, want, dig(body, call.code...), "%s %d", name, status)
			}
			if status == 429 {
				require.Equal(t, "2", header.Get("Retry-After"), name)
			}
		}
	}
}

// Which calls of an endpoint fail does not depend on the calls of other endpoints in between.
func TestDrawnFailuresDoNotDependOnInterleaving(t *testing.T) {
	cfg := Config{Seed: 11, Plan: Plan{RateLimited: 0.2, ServerError: 0.2}}
	const calls = 60
	ask := func(w world, path string) int {
		status, _, _ := w.do(t, "POST", path, "", `{"user":"u-1"}`)
		return status
	}
	one, two := start(t, cfg), start(t, cfg)
	var hooks, suggestions, hooksAgain, suggestionsAgain []int
	for range calls {
		hooks = append(hooks, ask(one, "/hooks/h"))
	}
	for range calls {
		suggestions = append(suggestions, ask(one, "/suggest"))
		suggestionsAgain = append(suggestionsAgain, ask(two, "/suggest"))
		hooksAgain = append(hooksAgain, ask(two, "/hooks/h"))
	}
	require.Equal(t, hooks, hooksAgain)
	require.Equal(t, suggestions, suggestionsAgain)
	require.Equal(t, one.Counts(), two.Counts())

	count := one.Counts()["hooks"]
	require.EqualValues(t, calls, count.Served+count.Failed)
	require.Equal(t, count.Failed, count.Injected)
	require.Equal(t, count.Injected, count.ByStatus[429]+count.ByStatus[500])
	require.NotZero(t, count.ByStatus[429])
	require.NotZero(t, count.ByStatus[500])
}

func TestExpiredSyncShare(t *testing.T) {
	w := start(t, Config{Pages: 1, Plan: Plan{ExpiredSync: 1}})
	token := w.AccessToken("u-1")
	_, body, _ := w.do(t, "GET", eventsPath, token, "")
	status, _, _ := w.do(t, "GET", eventsPath+"?syncToken="+body["nextSyncToken"].(string), token, "")
	require.Equal(t, 410, status)
	_, body, _ = w.do(t, "GET", peoplePath, token, "")
	status, _, _ = w.do(t, "GET", peoplePath+"&syncToken="+body["nextSyncToken"].(string), token, "")
	require.Equal(t, 400, status)
}

func TestSlowAndTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, Config{Plan: Plan{Slow: 1, SlowBy: 300 * time.Millisecond}})
		began := time.Now()
		status, _, _ := w.do(t, "POST", "/hooks/h", "", "")
		require.Equal(t, 200, status)
		require.Equal(t, 300*time.Millisecond, time.Since(began))

		w.SetPlan(Plan{Timeout: 1})
		began = time.Now()
		answer, err := w.client.Post(w.HookURL("h"), "", nil)
		if err == nil {
			answer.Body.Close()
		}
		require.ErrorIs(t, err, io.EOF, "closed without an answer")
		require.Equal(t, DefaultHang, time.Since(began))
		require.Equal(t, map[string]Count{
			"hooks": {Served: 1, Failed: 1, Injected: 1, Slow: 1, ByStatus: map[int]int64{200: 1, 0: 1}},
		}, w.Counts())
	})
}

// A client that gives up does not keep the server busy until the end of Hang.
func TestTimeoutHonoursTheClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, Config{Plan: Plan{Timeout: 1, Hang: time.Hour}})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.SuggestURL(), strings.NewReader(`{"user":"u"}`))
		require.NoError(t, err)
		answer, err := w.client.Do(req)
		if err == nil {
			answer.Body.Close()
		}
		require.ErrorIs(t, err, context.DeadlineExceeded)
		synctest.Wait()
		require.EqualValues(t, 1, w.Counts()["suggest"].ByStatus[0])
	})
}

// A client that never ends its request is given up.
func TestBodyThatDoesNotCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, Config{Plan: Plan{Slow: 1, SlowBy: time.Hour}})
		began := time.Now()
		body, writer := io.Pipe()
		defer writer.Close()
		answer, err := w.client.Post(w.SuggestURL(), "application/json", body)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, 400, answer.StatusCode)
		require.Equal(t, bodyTimeout, time.Since(began))

		began = time.Now()
		status, _, _ := w.do(t, "POST", "/suggest", "", `{"user":"u-1"}`)
		require.Equal(t, 200, status)
		require.Equal(t, time.Hour, time.Since(began), "an answer may take longer")
	})
}

func TestCloseReleasesCallsThatHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, Config{Plan: Plan{Timeout: 1, Hang: time.Hour}})
		failed := make(chan error, 1)
		go func() {
			answer, err := w.client.Post(w.HookURL("h"), "", nil)
			if err == nil {
				answer.Body.Close()
			}
			failed <- err
		}()
		synctest.Wait()
		began := time.Now()
		require.NoError(t, w.Close())
		require.Error(t, <-failed)
		require.Zero(t, time.Since(began))
		require.NoError(t, w.Close(), "again")
	})
}

func TestStartNamesTheAddress(t *testing.T) {
	refused := errors.New("refused")
	_, err := Start(t.Context(), Config{Addr: "10.0.0.1:1", Listen: func(context.Context, string, string) (net.Listener, error) {
		return nil, refused
	}})
	require.ErrorIs(t, err, refused)
	require.ErrorContains(t, err, "10.0.0.1:1")
}
