package jobs_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"

	"tollgate/system/accounts"
	"tollgate/system/providers"
	"tollgate/system/queue"
	"tollgate/system/ratelimit/sms"
)

// allowed expects exactly one SMS-limit check for phone, with a yes.
func (w *world) allowed(phone string) {
	w.limiter.EXPECT().Allow(anything, phone).Return(true, 0, nil).Once()
}

func (w *world) sent(phone, body string) {
	w.sms.EXPECT().Send(anything, phone, body).Return("SM1", nil).Once()
}

func TestNotificationReminder(t *testing.T) {
	for payload, body := range map[string]string{
		user1:                             "You have a reminder waiting.",
		`{"user":"u-1","text":"Dentist"}`: "Dentist",
		`{"user":"u-1","text":"` + strings.Repeat("é", 1601) + `"}`: strings.Repeat("é", 1599) + "…",
	} {
		w := newWorld(t)
		w.allowed("+12025550101")
		w.sent("+12025550101", body)
		w.succeed(queue.NotificationReminder, payload)
		require.LessOrEqual(t, utf8.RuneCountInString(body), 1600)
		// The same job again, as after a crash: nobody is asked and nothing is sent.
		w.succeed(queue.NotificationReminder, payload)
	}
}

func TestReminderAtTheLimit(t *testing.T) {
	for _, name := range []queue.Name{queue.NotificationReminder, queue.TokenHealthReminder, queue.BatchNotifications} {
		t.Run(string(name), func(t *testing.T) {
			w := newWorld(t)
			w.limiter.EXPECT().Allow(anything, "+12025550101").Return(false, 90*time.Second, nil).Once()
			payload := user1
			if name == queue.BatchNotifications {
				payload = `{"notifications":[{"user":"u-1"}]}`
			}
			err := w.run(name, payload)
			require.ErrorContains(t, err, "SMS limit reached for user u-1")
			require.ErrorContains(t, err, "(retry after 1m30s)")
			require.NotErrorIs(t, err, queue.ErrPermanent)
			require.Empty(t, w.account("u-1").Delivered)
		})
	}
}

func TestReminderWithoutALimitersWordIsNotSent(t *testing.T) {
	for err, permanent := range map[error]bool{errors.New("limiter down"): false, sms.ErrBadNumber: true} {
		w := newWorld(t)
		w.limiter.EXPECT().Allow(anything, "+12025550101").Return(false, 0, err).Once()
		got := w.run(queue.NotificationReminder, user1)
		require.ErrorIs(t, got, err)
		require.Equal(t, permanent, errors.Is(got, queue.ErrPermanent))
	}
}

func TestTokenHealthReminder(t *testing.T) {
	for name, tc := range map[string]struct {
		left   time.Duration
		remind bool
	}{
		"near its end": {23 * time.Hour, true},
		"over":         {-time.Hour, true},
		"far from it":  {25 * time.Hour, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.change("u-1", func(a *accounts.Account) { a.TokenExpiry = time.Now().Add(tc.left) })
				if tc.remind {
					w.allowed("+12025550101")
					w.sms.EXPECT().Send(anything, "+12025550101", mock.MatchedBy(func(body string) bool {
						return strings.Contains(body, "about to end")
					})).Return("SM1", nil).Once()
				}
				w.succeed(queue.TokenHealthReminder, user1)
			})
		})
	}
}

const batch = `{"notifications":[{"user":"u-1","text":"one"},{"user":"u-2","text":"two"},{"user":"u-1","text":"three"}]}`

func TestBatchNotificationsGroupsByUser(t *testing.T) {
	w := newWorld(t)
	w.change("u-2", func(a *accounts.Account) { a.Phone = "+12025550102" })
	w.allowed("+12025550101")
	w.sent("+12025550101", "2 notifications:\n- one\n- three")
	w.allowed("+12025550102")
	w.sent("+12025550102", "two")
	w.succeed(queue.BatchNotifications, batch)
	require.Equal(t, []int{0, 50, 100}, w.progress)
}

// TestBatchNotificationsRunsAgainForTheRest has one user's message fail: the others get theirs, once.
func TestBatchNotificationsRunsAgainForTheRest(t *testing.T) {
	w := newWorld(t)
	w.change("u-2", func(a *accounts.Account) { a.Phone = "+12025550102" })
	w.allowed("+12025550101")
	w.sms.EXPECT().Send(anything, "+12025550101", anything).Return("", refusal(providers.KindTransient)).Once()
	w.allowed("+12025550102")
	w.sent("+12025550102", "two")
	err := w.run(queue.BatchNotifications, batch)
	require.ErrorContains(t, err, "1 of 2 failed: user u-1: ")
	require.NotErrorIs(t, err, queue.ErrPermanent)

	w.allowed("+12025550101")
	w.sent("+12025550101", "2 notifications:\n- one\n- three")
	w.succeed(queue.BatchNotifications, batch)
}

// TestSeveralFailures has the parts of a job fail in different ways: it is given up only when no part may heal.
func TestSeveralFailures(t *testing.T) {
	gone, down := refusal(providers.KindPermanent), refusal(providers.KindTransient)
	for name, tc := range map[string]struct {
		probes    []error
		want      error
		text      string
		permanent bool
	}{
		"one of two gone":        {[]error{nil, gone}, gone, "1 of 2 failed: webhook 2: ", true},
		"both gone":              {[]error{gone, gone}, gone, "2 of 2 failed: webhook 1: ", true},
		"one gone, one down":     {[]error{gone, down}, down, "2 of 2 failed: webhook 2: ", false},
		"one down, one gone":     {[]error{down, gone}, down, "2 of 2 failed: webhook 1: ", false},
		"both well, to be clear": {[]error{nil, nil}, nil, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			for i, err := range tc.probes {
				w.webhooks.EXPECT().Probe(anything, fmt.Sprintf("https://hooks.example/u-1/%c", 'a'+i)).Return(200, err).Once()
			}
			err := w.run(queue.WebhookHealthCheck, user1)
			require.Equal(t, []int{0, 50, 100}, w.progress)
			if tc.want == nil {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, tc.want)
			require.ErrorContains(t, err, tc.text)
			require.Equal(t, tc.permanent, errors.Is(err, queue.ErrPermanent))
		})
	}
}
