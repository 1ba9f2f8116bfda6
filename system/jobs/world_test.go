package jobs_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"

	"tollgate/fakes/mocks"
	"tollgate/system/accounts"
	"tollgate/system/jobs"
	"tollgate/system/providers"
	"tollgate/system/queue"
)

var anything = mock.Anything

// world is a job's surroundings: every dependency a mock, but for the accounts, which are the real thing.
type world struct {
	t        *testing.T
	oauth    *mocks.OAuth
	calendar *mocks.Calendar
	people   *mocks.People
	sms      *mocks.SMS
	webhooks *mocks.Webhooks
	suggest  *mocks.Suggest
	cache    *mocks.Cache
	limiter  *mocks.SMSLimiter
	enqueuer *mocks.Enqueuer
	db       *accounts.Memory
	progress []int
}

// newWorld has one user, u-1, with everything that an account can have.
func newWorld(t *testing.T) *world {
	w := &world{
		t: t, oauth: mocks.NewOAuth(t), calendar: mocks.NewCalendar(t), people: mocks.NewPeople(t), sms: mocks.NewSMS(t),
		webhooks: mocks.NewWebhooks(t), suggest: mocks.NewSuggest(t), cache: mocks.NewCache(t),
		limiter: mocks.NewSMSLimiter(t), enqueuer: mocks.NewEnqueuer(t), db: accounts.NewMemory(nil),
	}
	w.change("u-1", func(a *accounts.Account) {
		a.RefreshToken, a.Phone, a.CalendarID = "refresh-u-1", "+12025550101", "work"
		a.Webhooks = []string{"https://hooks.example/u-1/a", "https://hooks.example/u-1/b"}
		a.CalendarSyncToken, a.ContactsSyncToken = "cal-1", "people-1"
	})
	return w
}

func (w *world) deps() jobs.Deps {
	return jobs.Deps{
		OAuth: w.oauth, Calendar: w.calendar, People: w.people, SMS: w.sms, Webhooks: w.webhooks, Suggest: w.suggest,
		Accounts: w.db, Cache: w.cache, SMSLimiter: w.limiter, Enqueuer: w.enqueuer,
	}
}

func (w *world) change(user string, change func(*accounts.Account)) {
	require.NoError(w.t, w.db.Update(context.Background(), user, change))
}

func (w *world) account(user string) accounts.Account {
	a, err := w.db.Get(context.Background(), user)
	require.NoError(w.t, err)
	return a
}

// run processes one job and keeps the progress it reported.
func (w *world) run(name queue.Name, payload string) error {
	w.progress = nil
	job := queue.Job{ID: "job-1", Queue: name, Payload: []byte(payload), Attempt: 1}
	job = job.WithProgress(func(percent int) { w.progress = append(w.progress, percent) })
	return jobs.All(w.deps())[name].Process(w.t.Context(), job)
}

// succeed is run for a job that must go well, with progress up to 100.
func (w *world) succeed(name queue.Name, payload string) {
	w.t.Helper()
	require.NoError(w.t, w.run(name, payload))
	require.NotEmpty(w.t, w.progress)
	require.IsNonDecreasing(w.t, w.progress)
	require.Equal(w.t, 100, w.progress[len(w.progress)-1])
}

// tokenCached has the cache answer with an access token.
func (w *world) tokenCached(access string) {
	w.cache.EXPECT().Get(anything, "token:u-1", anything).RunAndReturn(func(_ context.Context, _ string, dst any) (bool, error) {
		return true, decodeInto(dst, `{"access":"`+access+`"}`)
	}).Once()
}

func (w *world) tokenNotCached() {
	w.cache.EXPECT().Get(anything, "token:u-1", anything).Return(false, nil).Once()
}

// tokenRefreshed expects one refresh, and the new token to be cached.
func (w *world) tokenRefreshed(access string) {
	w.oauth.EXPECT().Refresh(anything, "refresh-u-1").
		Return(providers.Token{Access: access, Refresh: "refresh-u-1", Expiry: time.Now().Add(time.Hour)}, nil).Once()
	w.cache.EXPECT().Set(anything, "token:u-1", anything, anything).Return(nil).Once()
}

// refusal is a provider's error of a kind.
func refusal(kind providers.Kind) *providers.Error {
	return &providers.Error{Provider: "fake", Op: "call", Kind: kind, Status: http.StatusTeapot, Err: errors.New("refused")}
}

const user1 = `{"user":"u-1"}`
