package providers_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	fake "tollgate/fakes/providers"
	"tollgate/system/providers"
)

func TestRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, fake.Config{TokenLife: 30 * time.Minute})
		token, err := w.OAuth.Refresh(t.Context(), "refresh-u-17")
		require.NoError(t, err)
		require.Equal(t, "refresh-u-17", token.Refresh, "kept, as none came back")
		require.Equal(t, time.Now().Add(30*time.Minute), token.Expiry)
		_, err = w.Calendar.Sync(t.Context(), token.Access, "primary", "")
		require.NoError(t, err)

		w.fake.Revoke("u-17")
		_, err = w.OAuth.Refresh(t.Context(), "refresh-u-17")
		requireError(t, err, providers.KindTokenRevoked, 400)
		_, err = w.Calendar.Sync(t.Context(), token.Access, "primary", "")
		requireError(t, err, providers.KindTokenRevoked, 401)
		_, err = w.OAuth.Refresh(t.Context(), "")
		requireError(t, err, providers.KindTokenRevoked, 0)
	})
}

func TestCalendarSync(t *testing.T) {
	w := start(t, fake.Config{})
	full, err := w.Calendar.Sync(t.Context(), w.access, "primary", "")
	require.NoError(t, err)
	require.True(t, full.Full)
	require.Len(t, full.Items, 25)
	require.Empty(t, full.Deleted)
	require.EqualValues(t, 3, w.fake.Counts()["calendar_events"].Served, "pages")
	require.Equal(t, providers.Event{
		ID: "event00000", Summary: "Meeting 0 of u-17", Status: "confirmed",
		Start: time.Date(2027, 1, 4, 0, 0, 0, 0, time.UTC), End: time.Date(2027, 1, 5, 0, 0, 0, 0, time.UTC),
	}, full.Items[0], "lasts a day")
	require.Equal(t, time.Hour, full.Items[1].End.Sub(full.Items[1].Start))

	first, err := w.Calendar.Sync(t.Context(), w.access, "primary", full.SyncToken)
	require.NoError(t, err)
	require.False(t, first.Full)
	require.Len(t, first.Items, 3)
	second, err := w.Calendar.Sync(t.Context(), w.access, "primary", first.SyncToken)
	require.NoError(t, err)
	require.Equal(t, []string{first.Items[2].ID}, second.Deleted)

	w.fake.ExpireSyncTokens()
	_, err = w.Calendar.Sync(t.Context(), w.access, "primary", second.SyncToken)
	requireError(t, err, providers.KindSyncTokenExpired, 410)
	full, err = w.Calendar.Sync(t.Context(), w.access, "primary", "")
	require.NoError(t, err)
	require.Len(t, full.Items, 26)
}

func TestPeopleSync(t *testing.T) {
	w := start(t, fake.Config{})
	full, err := w.People.Sync(t.Context(), w.access, "")
	require.NoError(t, err)
	require.True(t, full.Full)
	require.Len(t, full.Items, 25)
	require.Equal(t, "people/c00003", full.Items[3].ID)
	require.Equal(t, "Contact 3 of u-17", full.Items[3].Name)
	require.Equal(t, "contact3@example.com", full.Items[3].Email)
	require.Regexp(t, `^\+1202555\d{4}$`, full.Items[3].Phone)

	first, err := w.People.Sync(t.Context(), w.access, full.SyncToken)
	require.NoError(t, err)
	require.False(t, first.Full)
	require.Len(t, first.Items, 3)
	second, err := w.People.Sync(t.Context(), w.access, first.SyncToken)
	require.NoError(t, err)
	require.Equal(t, []string{first.Items[2].ID}, second.Deleted)

	w.fake.ExpireSyncTokens()
	_, err = w.People.Sync(t.Context(), w.access, second.SyncToken)
	failure := requireError(t, err, providers.KindSyncTokenExpired, 400)
	require.ErrorContains(t, failure, "EXPIRED_SYNC_TOKEN")
}

func TestWatchAndStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, fake.Config{})
		asked := providers.Channel{Address: "https://example.com/push", Expiry: time.Now().Add(long)}
		channel, err := w.Calendar.Watch(t.Context(), w.access, "primary", asked)
		require.NoError(t, err)
		require.NotEmpty(t, channel.ID)
		require.NotEmpty(t, channel.ResourceID)
		require.Equal(t, asked.Address, channel.Address)
		require.True(t, asked.Expiry.Equal(channel.Expiry), "granted %v", channel.Expiry)
		require.NoError(t, w.Calendar.Stop(t.Context(), w.access, channel))

		again, err := w.Calendar.Watch(t.Context(), w.access, "primary", providers.Channel{ID: "mine", Address: asked.Address})
		require.NoError(t, err)
		require.Equal(t, "mine", again.ID)
		require.True(t, again.Expiry.After(asked.Expiry), "the provider's default")
		requireError(t, w.Calendar.Stop(t.Context(), w.access, providers.Channel{ID: "mine"}), providers.KindPermanent, 404)
	})
}

func TestSend(t *testing.T) {
	w := start(t, fake.Config{})
	sid, err := w.SMS.Send(t.Context(), phone, "hello")
	require.NoError(t, err)
	require.Regexp(t, `^SM[0-9a-f]{32}$`, sid)
	_, err = w.SMS.Send(t.Context(), "12", "hello")
	requireError(t, err, providers.KindPermanent, 400)
	require.ErrorContains(t, err, "code 21211")
}

func TestProbe(t *testing.T) {
	w := start(t, fake.Config{Plan: fake.Plan{Subjects: map[string]fake.Subject{"gone": {Always: true, Status: 404}}}})
	status, err := w.Webhooks.Probe(t.Context(), w.fake.HookURL(hook))
	require.NoError(t, err)
	require.Equal(t, 200, status)
	status, err = w.Webhooks.Probe(t.Context(), w.fake.HookURL("gone"))
	requireError(t, err, providers.KindPermanent, 404)
	require.Equal(t, 404, status)
	for _, wrong := range []string{"", "example.com", "ftp://example.com/", "http://", "http://a b/", "://?token=5ecret"} {
		status, err = w.Webhooks.Probe(t.Context(), wrong)
		requireError(t, err, providers.KindPermanent, 0)
		require.Zero(t, status)
		require.NotContains(t, err.Error(), "5ecret")
	}
}

func TestSuggest(t *testing.T) {
	w := start(t, fake.Config{})
	suggestions, err := w.Suggest.Suggest(t.Context(), "u-17", []string{"the demo"})
	require.NoError(t, err)
	require.Len(t, suggestions, 3)
	require.Equal(t, "Prepare for the demo", suggestions[0])
}

func TestSuggestSendsItsToken(t *testing.T) {
	w := against(t, func(rw http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(rw, `{"suggestions":[%q]}`, r.Header.Get("Authorization"))
	})
	sent, err := w.Suggest.Suggest(t.Context(), "u-17", nil)
	require.NoError(t, err)
	require.Equal(t, []string{"Bearer " + suggestToken}, sent)
}

// All clients at once, over fewer connections than calls.
func TestConcurrentCalls(t *testing.T) {
	w := start(t, fake.Config{Seed: 4, Plan: fake.Plan{RateLimited: 0.1, ServerError: 0.1}})
	var wg sync.WaitGroup
	failed := make(chan error, 800)
	for _, call := range calls() {
		for range 100 {
			wg.Go(func() { failed <- call.do(t.Context(), w) })
		}
	}
	wg.Wait()
	close(failed)
	kinds := map[providers.Kind]int{}
	for err := range failed {
		kind, _ := providers.KindOf(err)
		require.Equal(t, err != nil, kind != 0, "%v", err)
		kinds[kind]++
	}
	injected := 0
	for _, count := range w.fake.Counts() {
		injected += int(count.Injected)
	}
	require.Equal(t, injected, kinds[providers.KindRateLimited]+kinds[providers.KindTransient])
	require.NotZero(t, kinds[providers.KindRateLimited])
	require.NotZero(t, kinds[providers.KindTransient])
}

// What a provider may answer and the fake never does.
func TestOddAnswers(t *testing.T) {
	events := func(w world) error {
		_, err := w.Calendar.Sync(t.Context(), w.access, "primary", "")
		return err
	}
	people := func(w world) error {
		_, err := w.People.Sync(t.Context(), w.access, "old")
		return err
	}
	refresh := func(w world) error {
		_, err := w.OAuth.Refresh(t.Context(), "refresh-u-17")
		return err
	}
	send := func(w world) error {
		_, err := w.SMS.Send(t.Context(), phone, "hello")
		return err
	}
	suggest := func(w world) error {
		_, err := w.Suggest.Suggest(t.Context(), "u-17", nil)
		return err
	}
	for _, test := range []struct {
		name   string
		do     func(world) error
		status int
		body   string
		kind   providers.Kind
		seen   int
		text   string
	}{
		{"calendar: quota as 403", events, 403, `{"error":{"code":403,"message":"Slow down","errors":[{"reason":"userRateLimitExceeded"}]}}`, providers.KindRateLimited, 403, "Slow down (userRateLimitExceeded)"},
		{"calendar: day's quota as 403", events, 403, `{"error":{"code":403,"message":"Enough","errors":[{"reason":"dailyLimitExceeded"}]}}`, providers.KindRateLimited, 403, "dailyLimitExceeded"},
		{"calendar: right missing", events, 403, `{"error":{"code":403,"message":"No","errors":[{"reason":"forbidden"}]}}`, providers.KindPermanent, 403, "No (forbidden)"},
		{"calendar: not JSON", events, 502, `<html>bad gateway</html>`, providers.KindTransient, 502, "Bad Gateway"},
		{"calendar: half an answer", events, 200, `{"items":[`, providers.KindTransient, 0, "unexpected"},
		{"calendar: no sync token", events, 200, `{}`, providers.KindTransient, 0, "no sync token"},
		{"calendar: endless", events, 200, `{"nextPageToken":"again"}`, providers.KindPermanent, 0, "more than 200 pages"},
		{"calendar: not a time", events, 200, `{"items":[{"id":"e-1","start":{"dateTime":"noon"}}]}`, providers.KindPermanent, 0, `event "e-1": start`},
		{"calendar: not a date", events, 200, `{"items":[{"id":"e-1","end":{"date":"today"}}]}`, providers.KindPermanent, 0, `event "e-1": end`},
		{"calendar: moved", events, 302, ``, providers.KindPermanent, 302, "Found"},
		{"people: expired token", people, 400, `{"error":{"code":400,"message":"Sync token is expired.","details":[{"reason":"EXPIRED_SYNC_TOKEN"}]}}`, providers.KindSyncTokenExpired, 400, "EXPIRED_SYNC_TOKEN"},
		{"people: other 400", people, 400, `{"error":{"code":400,"message":"Bad mask","details":["?"]}}`, providers.KindPermanent, 400, "Bad mask"},
		{"people: no sync token", people, 200, `{}`, providers.KindTransient, 0, "no sync token"},
		{"people: endless", people, 200, `{"nextPageToken":"again"}`, providers.KindPermanent, 0, "more than 200 pages"},
		{"oauth: client unknown", refresh, 401, `{"error":"invalid_client"}`, providers.KindPermanent, 401, "invalid_client"},
		{"oauth: 401 without a reason", refresh, 401, `no`, providers.KindTokenRevoked, 401, "Unauthorized"},
		{"oauth: no token", refresh, 200, `{}`, providers.KindTransient, 0, "access_token"},
		{"sms: not JSON", send, 500, `<html>`, providers.KindTransient, 500, "Internal Server Error"},
		{"sms: moved", send, 307, `{}`, providers.KindPermanent, 307, "Temporary Redirect"},
		{"sms: no sid", send, 201, `{}`, providers.KindPermanent, 201, "names no message"},
		{"sms: sent, but not JSON", send, 201, `sent`, providers.KindPermanent, 201, "invalid character"},
		{"suggest: not JSON", suggest, 200, `sent`, providers.KindTransient, 0, "not the expected JSON"},
		{"suggest: moved", suggest, 301, ``, providers.KindPermanent, 301, "Moved Permanently"},
		{"suggest: odd status", suggest, 499, ``, providers.KindPermanent, 499, "status 499"},
		{"suggest: far too long", suggest, 200, strings.Repeat(" ", 8<<20+1), providers.KindTransient, 0, "longer than"},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := against(t, func(rw http.ResponseWriter, _ *http.Request) {
				rw.Header().Set("Content-Type", "application/json")
				if test.status >= 300 && test.status < 400 {
					rw.Header().Set("Location", "/elsewhere")
				}
				rw.WriteHeader(test.status)
				_, _ = rw.Write([]byte(test.body))
			})
			err := test.do(w)
			requireError(t, err, test.kind, test.seen)
			require.ErrorContains(t, err, test.text)
		})
	}
}

// A provider that repeats in its message what it was sent.
func TestErrorsHideSecrets(t *testing.T) {
	const access = "access-u-17-1"
	w := against(t, func(rw http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		_, password, _ := r.BasicAuth()
		said := fmt.Sprintf("you sent %s %s %s %s", r.Header.Get("Authorization"), password, r.Form.Get("refresh_token"), r.Form.Get("client_secret"))
		if to := r.Form.Get("To"); to != "" { // Twilio's words for an error 21211, in two notations of the number
			said += fmt.Sprintf(" The 'To' number %s is not a valid phone number, nor is +1 (202) 555-0101.", to)
		}
		rw.Header().Set("Content-Type", "application/json")
		rw.WriteHeader(http.StatusBadRequest)
		switch {
		case r.URL.Path == "/token":
			_, _ = fmt.Fprintf(rw, `{"error":"invalid_request","error_description":%q}`, said)
		case strings.HasPrefix(r.URL.Path, "/2010"):
			_, _ = fmt.Fprintf(rw, `{"code":20001,"message":%q,"status":400}`, said)
		default:
			_, _ = fmt.Fprintf(rw, `{"error":{"code":400,"message":%q}}`, said)
		}
	})
	_, refresh := w.OAuth.Refresh(t.Context(), "refresh-u-17")
	_, events := w.Calendar.Sync(t.Context(), access, "primary", "")
	_, people := w.People.Sync(t.Context(), access, "")
	_, send := w.SMS.Send(t.Context(), phone, "hello")
	for _, err := range []error{refresh, events, people, send} {
		require.ErrorContains(t, err, "[hidden]")
		for _, shown := range []string{err.Error(), fmt.Sprintf("%+v", err), fmt.Sprintf("%+v", errors.Unwrap(err))} {
			for _, secret := range []string{access, "refresh-u-17", clientSecret, smsPassword, phone[1:], "555"} {
				require.NotContains(t, shown, secret)
			}
		}
	}
}
