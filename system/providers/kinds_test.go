package providers_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	fake "tollgate/fakes/providers"
	"tollgate/system/providers"
)

// Every provider, every kind of refusal: the kind, the status, Retry-After, and that no one tried twice.
func TestKindsOfStatuses(t *testing.T) {
	w := start(t, fake.Config{})
	for _, call := range calls() {
		userToken := call.provider == "oauth" || call.provider == "calendar" || call.provider == "people"
		google := call.provider == "calendar" || call.provider == "people"
		for status, want := range map[int]providers.Kind{
			400: providers.KindPermanent,
			401: providers.KindPermanent,
			403: providers.KindPermanent,
			404: providers.KindPermanent,
			408: providers.KindTransient,
			410: providers.KindPermanent,
			429: providers.KindRateLimited,
			500: providers.KindTransient,
			503: providers.KindTransient,
		} {
			answered := status
			switch {
			case call.provider == "oauth" && (status == 400 || status == 404):
				want, answered = providers.KindTokenRevoked, 400 // invalid_grant
			case call.provider == "oauth" && status == 401:
				want = providers.KindPermanent // invalid_client
			case userToken && status == 401:
				want = providers.KindTokenRevoked
			case google && status == 410:
				want = providers.KindSyncTokenExpired
			}
			before := w.fake.Counts()[call.endpoint].Failed
			w.fake.SetPlan(fake.Plan{RetryAfter: 7 * time.Second, Subjects: everyone(status)})
			err := call.do(t.Context(), w)
			failure := requireError(t, err, want, answered)
			require.Equal(t, call.provider, failure.Provider)
			require.Equal(t, call.op, failure.Op)
			require.ErrorContains(t, err, call.provider+" "+call.op+": "+want.String())
			if status == 429 {
				require.Equal(t, 7*time.Second, failure.RetryAfter)
			} else {
				require.Zero(t, failure.RetryAfter)
			}
			require.Equal(t, before+1, w.fake.Counts()[call.endpoint].Failed, "%s %s %d: attempts", call.provider, call.op, status)
		}
	}
}

// A server that hangs is left after Timeout.
func TestTimeout(t *testing.T) {
	for _, call := range calls() {
		t.Run(call.provider+" "+call.op, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := start(t, fake.Config{Plan: fake.Plan{Timeout: 1, Hang: long}})
				began := time.Now()
				requireError(t, call.do(t.Context(), w), providers.KindTransient, 0)
				require.Equal(t, providers.DefaultTimeout, time.Since(began))
			})
		})
	}
}

// A connection that breaks is not tried again behind the caller's back, although it was used before and the request could be repeated.
func TestBrokenConnectionIsOneAttempt(t *testing.T) {
	for _, call := range calls() {
		t.Run(call.provider+" "+call.op, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := start(t, fake.Config{})
				require.NoError(t, call.do(t.Context(), w), "opens the connection")
				w.fake.SetPlan(fake.Plan{Timeout: 1, Hang: time.Second})
				requireError(t, call.do(t.Context(), w), providers.KindTransient, 0)
				require.EqualValues(t, 1, w.fake.Counts()[call.endpoint].ByStatus[0], "attempts")
				w.fake.SetPlan(fake.Plan{})
				require.NoError(t, call.do(t.Context(), w), "works again")
			})
		})
	}
}

func TestCallersContext(t *testing.T) {
	for _, call := range calls() {
		t.Run(call.provider+" "+call.op, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := start(t, fake.Config{Plan: fake.Plan{Timeout: 1, Hang: long}})
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				began := time.Now()
				err := call.do(ctx, w)
				requireError(t, err, providers.KindTransient, 0)
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.Equal(t, time.Second, time.Since(began))

				cancelled, cancel := context.WithCancel(t.Context())
				cancel()
				require.ErrorIs(t, call.do(cancelled, w), context.Canceled)
			})
		})
	}
}

func TestServerDown(t *testing.T) {
	w := start(t, fake.Config{})
	require.NoError(t, w.fake.Close())
	for _, call := range calls() {
		requireError(t, call.do(t.Context(), w), providers.KindTransient, 0)
	}
}

// Slow answers within the timeout are answers.
func TestSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := start(t, fake.Config{Plan: fake.Plan{Slow: 1, SlowBy: providers.DefaultTimeout - time.Second}})
		for _, call := range calls() {
			require.NoError(t, call.do(t.Context(), w), call.provider)
		}
	})
}

func TestKindOf(t *testing.T) {
	kind, ok := providers.KindOf(&providers.Error{Kind: providers.KindRateLimited})
	require.True(t, ok)
	require.Equal(t, providers.KindRateLimited, kind)
	_, ok = providers.KindOf(context.Canceled)
	require.False(t, ok)
	require.Equal(t, "kind(9)", providers.Kind(9).String())
}
