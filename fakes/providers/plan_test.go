package providers

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDrawShares(t *testing.T) {
	plan := Plan{RateLimited: 0.1, ServerError: 0.03, Timeout: 0.02, Slow: 0.2}
	const calls = 20_000
	for _, seed := range []uint64{0, 1, 42} {
		got := map[fate]float64{}
		for n := range uint64(calls) {
			got[plan.draw(seed, "sms", n)] += 1.0 / calls
		}
		require.InDelta(t, 0.1, got[fateRateLimited], 0.01)
		require.InDelta(t, 0.03, got[fateServerError], 0.005)
		require.InDelta(t, 0.02, got[fateTimeout], 0.005)
		require.InDelta(t, 0.2, got[fateSlow], 0.015)
	}
}

func TestDrawDependsOnSeedAndEndpoint(t *testing.T) {
	plan := Plan{ServerError: 0.5}
	draws := func(seed uint64, endpoint string) (out [64]fate) {
		for n := range out {
			out[n] = plan.draw(seed, endpoint, uint64(n))
		}
		return out
	}
	first, again := draws(1, "sms"), draws(1, "sms")
	require.Equal(t, first, again)
	require.NotEqual(t, draws(1, "sms"), draws(2, "sms"))
	require.NotEqual(t, draws(1, "sms"), draws(1, "hooks"))
}

func TestDrawWholeShares(t *testing.T) {
	for n := range uint64(1000) {
		require.Equal(t, fateTimeout, Plan{Timeout: 1}.draw(7, "sms", n))
		require.Equal(t, fateFine, Plan{}.draw(7, "sms", n))
	}
}

// A subject with an entry is not drawn and takes no number, so others' draws stay where they were.
func TestJudgeSubjectsLeaveTheDrawAlone(t *testing.T) {
	plan := Plan{ServerError: 0.5, Subjects: map[string]Subject{"flaky": {FailFirst: 2, Status: 503}}}
	alone, mixed := newFaults(3, plan), newFaults(3, plan)
	for range 50 {
		want := alone.judge("sms", "u-1").fate
		require.Equal(t, fateFine, mixed.judge("sms", "flaky").fate)
		require.Equal(t, want, mixed.judge("sms", "u-1").fate)
	}
}

func TestJudgeSubject(t *testing.T) {
	f := newFaults(3, Plan{Subjects: map[string]Subject{
		"flaky":    {FailFirst: 2, Status: 503},
		"hopeless": {Always: true, Status: 404},
	}})
	statuses := func(endpoint, subject string) (out []int) {
		for range 4 {
			out = append(out, f.judge(endpoint, subject).status)
		}
		return out
	}
	require.Equal(t, []int{503, 503, 0, 0}, statuses("sms", "flaky"))
	require.Equal(t, []int{503, 503, 0, 0}, statuses("hooks", "flaky"), "counted for each endpoint")
	require.Equal(t, []int{404, 404, 404, 404}, statuses("sms", "hopeless"))
	f.set(Plan{Subjects: map[string]Subject{"flaky": {FailFirst: 1, Status: 500}}})
	require.Equal(t, []int{500, 0, 0, 0}, statuses("sms", "flaky"), "a new plan starts anew")
}

func TestRevokedShareIsOfUsers(t *testing.T) {
	f := newFaults(5, Plan{Revoked: 0.5})
	revoked := 0
	for _, user := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p"} {
		first := f.isRevoked(user)
		require.Equal(t, first, f.isRevoked(user), "for good")
		if first {
			revoked++
		}
	}
	require.NotZero(t, revoked)
	require.Less(t, revoked, 16)
}

func TestValidateNamesEachProblem(t *testing.T) {
	require.NoError(t, Config{}.Validate())
	for _, test := range []struct {
		want string
		cfg  Config
	}{
		{"Pages is -1", Config{Pages: -1}},
		{"Pages is 1001", Config{Pages: 1001}},
		{"PageSize is -2", Config{PageSize: -2}},
		{"TokenLife is -1s", Config{TokenLife: -time.Second}},
		{"TokenLife is 999ms", Config{TokenLife: 999 * time.Millisecond}},
		{"share RateLimited is 1.5", Config{Plan: Plan{RateLimited: 1.5}}},
		{"share Slow is NaN", Config{Plan: Plan{Slow: math.NaN()}}},
		{"share RateLimited+ServerError+Timeout+Slow is 1.2", Config{Plan: Plan{ServerError: 0.6, Timeout: 0.6}}},
		{"share ExpiredSync is -1", Config{Plan: Plan{ExpiredSync: -1}}},
		{"share Revoked is 2", Config{Plan: Plan{Revoked: 2}}},
		{"Hang is -1s", Config{Plan: Plan{Hang: -time.Second}}},
		{`subject "u": FailFirst is -1`, Config{Plan: Plan{Subjects: map[string]Subject{"u": {FailFirst: -1}}}}},
		{`subject "u": Status is 200`, Config{Plan: Plan{Subjects: map[string]Subject{"u": {Always: true, Status: 200}}}}},
	} {
		t.Run(test.want, func(t *testing.T) {
			require.ErrorContains(t, test.cfg.Validate(), test.want)
			_, err := Start(t.Context(), test.cfg)
			require.ErrorContains(t, err, test.want)
		})
	}
}
