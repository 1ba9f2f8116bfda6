package jobs_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/system/accounts"
	"tollgate/system/providers"
	"tollgate/system/queue"
)

func TestTokenRefreshStoresTheToken(t *testing.T) {
	for name, tc := range map[string]struct {
		life    time.Duration // 0: does not expire
		rotated string
		ttl     time.Duration // 0: not cached
		refresh string
	}{
		"an hour":              {life: time.Hour, rotated: "refresh-u-1", ttl: 59 * time.Minute, refresh: "refresh-u-1"},
		"a day, kept an hour":  {life: 24 * time.Hour, ttl: time.Hour, refresh: "refresh-u-1"},
		"no end":               {ttl: time.Hour, refresh: "refresh-u-1"},
		"too short to keep":    {life: time.Minute, refresh: "refresh-u-1"},
		"rotated refreshtoken": {life: time.Hour, rotated: "refresh-new", ttl: 59 * time.Minute, refresh: "refresh-new"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				var expiry time.Time
				if tc.life > 0 {
					expiry = time.Now().Add(tc.life)
				}
				w.oauth.EXPECT().Refresh(anything, "refresh-u-1").
					Return(providers.Token{Access: "access-1", Refresh: tc.rotated, Expiry: expiry}, nil).Once()
				if tc.ttl > 0 {
					w.cache.EXPECT().Set(anything, "token:u-1", anything, tc.ttl).
						RunAndReturn(func(_ context.Context, _ string, v any, _ time.Duration) error {
							stored, err := json.Marshal(v)
							require.NoError(t, err)
							require.Contains(t, string(stored), `"access":"access-1"`)
							return nil
						}).Once()
				}
				w.succeed(queue.TokenRefresh, user1)
				require.True(t, expiry.Equal(w.account("u-1").TokenExpiry))
				require.Equal(t, tc.refresh, w.account("u-1").RefreshToken)
			})
		})
	}
}

func TestTokenRefreshRevoked(t *testing.T) {
	w := newWorld(t)
	w.oauth.EXPECT().Refresh(anything, "refresh-u-1").Return(providers.Token{}, refusal(providers.KindTokenRevoked)).Once()
	w.cache.EXPECT().Del(anything, "token:u-1").Return(nil).Once()
	require.ErrorIs(t, w.run(queue.TokenRefresh, user1), queue.ErrPermanent)
}

// A refresh token that another job rotated between this job's reading of the account and its refresh is refused; that is
// no reason to give the job up.
func TestTokenRefreshRotatedByAnotherJob(t *testing.T) {
	w := newWorld(t)
	w.oauth.EXPECT().Refresh(anything, "refresh-u-1").
		RunAndReturn(func(context.Context, string) (providers.Token, error) {
			w.change("u-1", func(a *accounts.Account) { a.RefreshToken = "refresh-new" })
			return providers.Token{}, refusal(providers.KindTokenRevoked)
		}).Once()
	w.oauth.EXPECT().Refresh(anything, "refresh-new").Return(providers.Token{Access: "access-2"}, nil).Once()
	w.cache.EXPECT().Set(anything, "token:u-1", anything, anything).Return(nil).Once()
	w.succeed(queue.TokenRefresh, user1)
	require.Equal(t, "refresh-new", w.account("u-1").RefreshToken)
}

func TestTokenRefreshFailsWithItsStore(t *testing.T) {
	w := newWorld(t)
	down := errors.New("cache down")
	w.oauth.EXPECT().Refresh(anything, anything).Return(providers.Token{Access: "a"}, nil).Once()
	w.cache.EXPECT().Set(anything, "token:u-1", anything, anything).Return(down).Once()
	err := w.run(queue.TokenRefresh, user1)
	require.ErrorIs(t, err, down)
	require.NotErrorIs(t, err, queue.ErrPermanent)
}

var (
	monday  = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	standup = providers.Event{ID: "e-1", Summary: "Stand-up", Start: monday, End: monday.Add(time.Hour)}
	lunch   = providers.Event{ID: "e-2", Summary: "Lunch", Start: monday.Add(3 * time.Hour), End: monday.Add(4 * time.Hour)}
)

func TestCalendarSyncAppliesChanges(t *testing.T) {
	w := newWorld(t)
	w.change("u-1", func(a *accounts.Account) { a.Events, a.Activity = []providers.Event{standup}, 4 })
	w.tokenCached("access")
	w.calendar.EXPECT().Sync(anything, "access", "work", "cal-1").Return(providers.Changes[providers.Event]{
		Items: []providers.Event{lunch}, Deleted: []string{"e-1"}, SyncToken: "cal-2",
	}, nil).Once()
	w.cache.EXPECT().Set(anything, "calendar:u-1", []providers.Event{lunch}, accounts.ViewTTL).Return(nil).Once()
	w.succeed(queue.CalendarSync, user1)
	got := w.account("u-1")
	require.Equal(t, []providers.Event{lunch}, got.Events)
	require.Equal(t, "cal-2", got.CalendarSyncToken)
	require.Equal(t, 3, got.Activity, "half of 4 and 2")
}

func TestCalendarSyncRecoversFromAnExpiredSyncToken(t *testing.T) {
	w := newWorld(t)
	w.change("u-1", func(a *accounts.Account) { a.Events, a.Activity = []providers.Event{standup}, 4 })
	w.tokenCached("access")
	expired := refusal(providers.KindSyncTokenExpired)
	w.calendar.EXPECT().Sync(anything, "access", "work", "cal-1").Return(providers.Changes[providers.Event]{}, expired).Once()
	w.calendar.EXPECT().Sync(anything, "access", "work", "").Return(providers.Changes[providers.Event]{
		Items: []providers.Event{lunch}, SyncToken: "cal-9", Full: true,
	}, nil).Once()
	w.cache.EXPECT().Set(anything, "calendar:u-1", []providers.Event{lunch}, accounts.ViewTTL).Return(nil).Once()
	w.succeed(queue.CalendarSync, user1)
	got := w.account("u-1")
	require.Equal(t, []providers.Event{lunch}, got.Events, "a full synchronization replaces")
	require.Equal(t, "cal-9", got.CalendarSyncToken)
	require.Equal(t, 4, got.Activity)
}

func TestCalendarSyncExpiredTwiceIsRetried(t *testing.T) {
	w := newWorld(t)
	w.tokenCached("access")
	w.calendar.EXPECT().Sync(anything, "access", "work", anything).
		Return(providers.Changes[providers.Event]{}, refusal(providers.KindSyncTokenExpired)).Twice()
	err := w.run(queue.CalendarSync, user1)
	require.Error(t, err)
	require.NotErrorIs(t, err, queue.ErrPermanent)
}

func TestCalendarSyncUsesThePrimaryCalendarByDefault(t *testing.T) {
	w := newWorld(t)
	w.change("u-1", func(a *accounts.Account) { a.CalendarID = "" })
	w.tokenCached("access")
	w.calendar.EXPECT().Sync(anything, "access", "primary", "cal-1").Return(providers.Changes[providers.Event]{}, nil).Once()
	w.cache.EXPECT().Set(anything, "calendar:u-1", []providers.Event{}, accounts.ViewTTL).Return(nil).Once()
	w.succeed(queue.CalendarSync, user1)
}

func TestContactsSync(t *testing.T) {
	ada := providers.Contact{ID: "c-1", Name: "Ada"}
	w := newWorld(t)
	w.tokenCached("access")
	w.people.EXPECT().Sync(anything, "access", "people-1").
		Return(providers.Changes[providers.Contact]{}, refusal(providers.KindSyncTokenExpired)).Once()
	w.people.EXPECT().Sync(anything, "access", "").Return(providers.Changes[providers.Contact]{
		Items: []providers.Contact{ada}, SyncToken: "people-2", Full: true,
	}, nil).Once()
	w.cache.EXPECT().Set(anything, "contacts:u-1", []providers.Contact{ada}, accounts.ViewTTL).Return(nil).Once()
	w.succeed(queue.GoogleContactsSync, user1)
	require.Equal(t, []providers.Contact{ada}, w.account("u-1").Contacts)
	require.Equal(t, "people-2", w.account("u-1").ContactsSyncToken)
}

// TestAccessTokens goes through the ways in which a job comes by its access token, with google-contacts-sync.
func TestAccessTokens(t *testing.T) {
	revoked := refusal(providers.KindTokenRevoked)
	none := providers.Changes[providers.Contact]{}
	for name, tc := range map[string]struct {
		setUp     func(w *world)
		permanent bool
		wantErr   error
	}{
		"missing: refreshed": {setUp: func(w *world) {
			w.tokenNotCached()
			w.tokenRefreshed("access-2")
			w.people.EXPECT().Sync(anything, "access-2", "people-1").Return(none, nil).Once()
		}},
		"unreadable: refreshed": {setUp: func(w *world) {
			w.cache.EXPECT().Get(anything, "token:u-1", anything).Return(true, errors.New("not JSON")).Once()
			w.tokenRefreshed("access-2")
			w.people.EXPECT().Sync(anything, "access-2", "people-1").Return(none, nil).Once()
		}},
		"refused: dropped and refreshed once": {setUp: func(w *world) {
			w.tokenCached("access-1")
			w.people.EXPECT().Sync(anything, "access-1", "people-1").Return(none, revoked).Once()
			w.cache.EXPECT().Del(anything, "token:u-1").Return(nil).Once()
			w.tokenRefreshed("access-2")
			w.people.EXPECT().Sync(anything, "access-2", "people-1").Return(none, nil).Once()
		}},
		"the new one refused as well: given up": {permanent: true, wantErr: revoked, setUp: func(w *world) {
			w.tokenNotCached()
			w.tokenRefreshed("access-2")
			w.people.EXPECT().Sync(anything, "access-2", "people-1").Return(none, revoked).Once()
			w.cache.EXPECT().Del(anything, "token:u-1").Return(nil).Once()
		}},
		"consent revoked: given up": {permanent: true, wantErr: revoked, setUp: func(w *world) {
			w.tokenCached("access-1")
			w.people.EXPECT().Sync(anything, "access-1", "people-1").Return(none, revoked).Once()
			w.cache.EXPECT().Del(anything, "token:u-1").Return(nil).Twice()
			w.oauth.EXPECT().Refresh(anything, "refresh-u-1").Return(providers.Token{}, revoked).Once()
		}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			tc.setUp(w)
			if tc.wantErr == nil {
				w.cache.EXPECT().Set(anything, "contacts:u-1", anything, anything).Return(nil).Once()
				w.succeed(queue.GoogleContactsSync, user1)
				return
			}
			err := w.run(queue.GoogleContactsSync, user1)
			require.ErrorIs(t, err, tc.wantErr)
			require.Equal(t, tc.permanent, errors.Is(err, queue.ErrPermanent))
		})
	}
}

func TestWebhookRenewal(t *testing.T) {
	const address = "https://app.example/calendar"
	for name, tc := range map[string]struct {
		channel providers.Channel // Expiry is set from in
		in      time.Duration
		renewed string // the new channel's address; empty: none is opened
		stopErr error
	}{
		"due":                      {channel: providers.Channel{ID: "old", ResourceID: "r", Address: address}, in: time.Hour, renewed: address},
		"over already":             {channel: providers.Channel{ID: "old", Address: address}, in: -time.Hour, renewed: address},
		"not due":                  {channel: providers.Channel{ID: "old", Address: address}, in: 25 * time.Hour},
		"first one":                {renewed: "https://hooks.example/u-1/a", in: -time.Hour},
		"the old one is gone":      {channel: providers.Channel{ID: "old", Address: address}, renewed: address, stopErr: refusal(providers.KindPermanent)},
		"the old one goes on":      {channel: providers.Channel{ID: "old", Address: address}, renewed: address, stopErr: refusal(providers.KindTransient)},
		"the old one, now refused": {channel: providers.Channel{ID: "old", Address: address}, renewed: address, stopErr: refusal(providers.KindTokenRevoked)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				old := tc.channel
				old.Expiry = time.Now().Add(tc.in)
				w.change("u-1", func(a *accounts.Account) { a.Channel = old })
				want := old
				if tc.renewed != "" {
					// No ID of the job's: Google refuses one that it has seen, and the same attempt can run twice.
					asked := providers.Channel{Address: tc.renewed, Expiry: time.Now().Add(7 * 24 * time.Hour)}
					want = asked
					want.ID, want.ResourceID = "fresh", "r-2"
					w.tokenCached("access")
					w.calendar.EXPECT().Watch(anything, "access", "work", asked).Return(want, nil).Once()
					if old.ID != "" {
						w.calendar.EXPECT().Stop(anything, "access", old).Return(tc.stopErr).Once()
					}
				}
				w.succeed(queue.WebhookRenewal, user1)
				require.Equal(t, want, w.account("u-1").Channel)
			})
		})
	}
}

func TestAdaptiveSync(t *testing.T) {
	for activity, want := range map[int]time.Duration{
		-1: 6 * time.Hour, 0: 6 * time.Hour, 1: time.Hour, 4: time.Hour, 5: 15 * time.Minute, 19: 15 * time.Minute,
		20: 5 * time.Minute, 500: 5 * time.Minute,
	} {
		w := newWorld(t)
		w.change("u-1", func(a *accounts.Account) { a.Activity = activity })
		w.succeed(queue.AdaptiveSync, user1)
		require.Equal(t, want, w.account("u-1").SyncInterval, "activity %d", activity)
	}
}

func TestAdaptiveSyncFollowUp(t *testing.T) {
	for name, answer := range map[string]error{"queued": nil, "queued by an earlier attempt": queue.ErrDuplicateJob} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.enqueuer.EXPECT().
				Enqueue(anything, queue.CalendarSync, anything, queue.ProcessIn(6*time.Hour), queue.TaskID("after-job-1")).
				RunAndReturn(func(_ context.Context, _ queue.Name, payload any, _ ...queue.Option) (string, error) {
					body, err := json.Marshal(payload)
					require.NoError(t, err)
					require.JSONEq(t, user1, string(body))
					return "follow-up", answer
				}).Once()
			w.succeed(queue.AdaptiveSync, `{"user":"u-1","enqueue_follow_up":true}`)
		})
	}
}
