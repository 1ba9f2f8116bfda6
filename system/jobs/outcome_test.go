package jobs_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/mocks"
	"tollgate/system/accounts"
	"tollgate/system/jobs"
	"tollgate/system/providers"
	"tollgate/system/queue"
)

// verdicts is what each error must lead to, whichever processor it comes from.
var verdicts = map[string]struct {
	err       error
	permanent bool
	text      string // a part of the resulting error
}{
	"transient":            {err: refusal(providers.KindTransient), text: "transient"},
	"transient, and when":  {err: later(30 * time.Second), text: "(retry after 30s)"},
	"rate limited":         {err: limited(45 * time.Second), text: "(retry after 45s)"},
	"rate limited, no say": {err: refusal(providers.KindRateLimited), text: "rate_limited"},
	"permanent":            {err: refusal(providers.KindPermanent), permanent: true, text: "permanent"},
	"unknown":              {err: errors.New("what is this"), text: "what is this"},
	"time is up":           {err: context.DeadlineExceeded, text: "deadline exceeded"},
}

func limited(d time.Duration) error {
	err := refusal(providers.KindRateLimited)
	err.RetryAfter = d
	return err
}

// later is a server's 503 that says when to come back.
func later(d time.Duration) error {
	err := refusal(providers.KindTransient)
	err.RetryAfter = d
	return err
}

// failing sets each queue's provider up to answer err, and names a payload that leads to it.
var failing = map[queue.Name]struct {
	payload string
	setUp   func(w *world, err error)
}{
	queue.TokenRefresh: {user1, func(w *world, err error) {
		w.oauth.EXPECT().Refresh(anything, "refresh-u-1").Return(providers.Token{}, err).Once()
	}},
	queue.CalendarSync: {user1, func(w *world, err error) {
		w.tokenCached("access")
		w.calendar.EXPECT().Sync(anything, "access", "work", "cal-1").Return(providers.Changes[providers.Event]{}, err).Once()
	}},
	queue.GoogleContactsSync: {user1, func(w *world, err error) {
		w.tokenCached("access")
		w.people.EXPECT().Sync(anything, "access", "people-1").Return(providers.Changes[providers.Contact]{}, err).Once()
	}},
	queue.WebhookRenewal: {user1, func(w *world, err error) {
		w.tokenCached("access")
		w.calendar.EXPECT().Watch(anything, "access", "work", anything).Return(providers.Channel{}, err).Once()
	}},
	queue.WebhookHealthCheck: {user1, func(w *world, err error) {
		w.webhooks.EXPECT().Probe(anything, anything).Return(0, err).Twice()
	}},
	queue.NotificationReminder: {user1, smsFails},
	queue.TokenHealthReminder:  {user1, smsFails},
	queue.BatchNotifications:   {`{"notifications":[{"user":"u-1"}]}`, smsFails},
	queue.SuggestionGeneration: {user1, func(w *world, err error) {
		w.suggest.EXPECT().Suggest(anything, "u-1", anything).Return(nil, err).Once()
	}},
	queue.SuggestionRegeneration: {user1, func(w *world, err error) {
		w.cache.EXPECT().Del(anything, "suggestions:u-1").Return(nil).Once()
		w.suggest.EXPECT().Suggest(anything, "u-1", anything).Return(nil, err).Once()
	}},
	queue.AdaptiveSync: {`{"user":"u-1","enqueue_follow_up":true}`, func(w *world, err error) {
		w.enqueuer.EXPECT().Enqueue(anything, queue.CalendarSync, anything, anything, anything).Return("", err).Once()
	}},
}

func smsFails(w *world, err error) {
	w.limiter.EXPECT().Allow(anything, "+12025550101").Return(true, 0, nil).Once()
	w.sms.EXPECT().Send(anything, "+12025550101", anything).Return("", err).Once()
}

func TestErrorsDecideTheOutcome(t *testing.T) {
	require.Len(t, failing, len(queue.Specs()))
	for name, broken := range failing {
		for verdict, want := range verdicts {
			t.Run(string(name)+" "+verdict, func(t *testing.T) {
				w := newWorld(t)
				broken.setUp(w, want.err)
				err := w.run(name, broken.payload)
				require.ErrorIs(t, err, want.err)
				require.Equal(t, want.permanent, errors.Is(err, queue.ErrPermanent))
				require.ErrorContains(t, err, want.text)
				require.NotEmpty(t, w.progress)
			})
		}
	}
}

// TestDatabaseErrors has the accounts fail: at reading for every queue, at writing for those that write.
func TestDatabaseErrors(t *testing.T) {
	down := errors.New("database down")
	for name, broken := range failing {
		for err, permanent := range map[error]bool{down: false, accounts.ErrNotFound: true} {
			t.Run(string(name)+" "+err.Error(), func(t *testing.T) {
				w := newWorld(t)
				db := mocks.NewAccounts(t)
				db.EXPECT().Get(anything, "u-1").Return(accounts.Account{}, err).Once()
				deps := w.deps()
				deps.Accounts = db
				w.cache.EXPECT().Del(anything, anything).Return(nil).Maybe()
				got := jobs.All(deps)[name].Process(t.Context(), queue.Job{ID: "job-1", Payload: []byte(broken.payload)})
				require.ErrorIs(t, got, err)
				require.Equal(t, permanent, errors.Is(got, queue.ErrPermanent))
			})
		}
	}
}

func TestIncompleteAccounts(t *testing.T) {
	for name, reason := range map[queue.Name]string{
		queue.TokenRefresh:         "user u-2 has no refresh token",
		queue.CalendarSync:         "user u-2 has no refresh token",
		queue.GoogleContactsSync:   "user u-2 has no refresh token",
		queue.NotificationReminder: "user u-2 has no phone number",
		queue.TokenHealthReminder:  "user u-2 has no phone number",
		queue.BatchNotifications:   "user u-2 has no phone number",
	} {
		t.Run(string(name), func(t *testing.T) {
			w := newWorld(t)
			w.change("u-2", func(*accounts.Account) {})
			w.cache.EXPECT().Get(anything, "token:u-2", anything).Return(false, nil).Maybe()
			payload := `{"user":"u-2"}`
			if name == queue.BatchNotifications {
				payload = `{"notifications":[` + payload + `]}`
			}
			err := w.run(name, payload)
			require.ErrorIs(t, err, jobs.ErrAccount)
			require.ErrorIs(t, err, queue.ErrPermanent)
			require.ErrorContains(t, err, reason)
		})
	}
	for _, name := range []queue.Name{queue.WebhookHealthCheck, queue.WebhookRenewal, queue.AdaptiveSync} {
		t.Run(string(name)+" has nothing to do", func(t *testing.T) {
			w := newWorld(t)
			w.change("u-2", func(*accounts.Account) {})
			require.NoError(t, w.run(name, `{"user":"u-2"}`))
			require.NotEmpty(t, w.progress)
		})
	}
}

func TestAllNeedsItsDependencies(t *testing.T) {
	w := newWorld(t)
	require.Len(t, jobs.All(w.deps()), 11)
	for _, spec := range queue.Specs() {
		require.Contains(t, jobs.All(w.deps()), spec.Name)
	}
	deps := w.deps()
	deps.Suggest = nil
	require.PanicsWithValue(t, "jobs: All needs Deps.Suggest, which is nil", func() { jobs.All(deps) })
}
