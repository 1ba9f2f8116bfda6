package sms_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"tollgate/system/ratelimit"
	"tollgate/system/ratelimit/sms"
	"tollgate/system/tcpredis"
)

func TestNormalize(t *testing.T) {
	for _, tc := range []struct{ in, want, problem string }{
		{in: "+14155550100", want: "+14155550100"},
		{in: " +1 (415) 555-0100 ", want: "+14155550100"},
		{in: "001.415.555.0100", want: "+14155550100"},
		{in: "+49 30/123\u00a0456", want: "+4930123456"},
		{in: "+6834000", want: "+6834000"},
		{in: "+123456789012345", want: "+123456789012345"},
		{in: "", problem: "empty"},
		{in: "   ", problem: "empty"},
		{in: "4155550100", problem: "country code"},
		{in: "0 4155550100", problem: "country code"},
		{in: "+04155550100", problem: "begins with 0"},
		{in: "000155550100", problem: "begins with 0"},
		{in: "+683400", problem: "6 digits"},
		{in: "+1234567890123456", problem: "16 digits"},
		{in: "+", problem: "0 digits"},
		{in: "++14155550100", problem: `'+' at byte 0`},
		{in: "+1415555O1O0", problem: `'O'`},
		{in: "+1415555\x000100", problem: `'\x00'`},
		{in: "+1415555\xff0100", problem: "none of a number's"},
		{in: "+1415555\u0660100", problem: "none of a number's"},
		{in: "+1" + strings.Repeat(" ", 70) + "4155550100", problem: "82 bytes"},
	} {
		t.Run(tc.in, func(t *testing.T) {
			got, err := sms.Normalize(tc.in)
			if tc.problem == "" {
				require.NoError(t, err)
				require.Equal(t, tc.want, got)
				return
			}
			require.ErrorIs(t, err, sms.ErrBadNumber)
			require.ErrorContains(t, err, tc.problem)
			require.NotContains(t, err.Error(), "55550100")
		})
	}
}

func FuzzNormalize(f *testing.F) {
	for _, seed := range []string{"+14155550100", "0044 20 7946 0000", "(", "+\xff", "٠٠"} {
		f.Add(seed)
	}
	form := regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)
	f.Fuzz(func(t *testing.T, phone string) {
		number, err := sms.Normalize(phone)
		if err != nil {
			require.ErrorIs(t, err, sms.ErrBadNumber)
			require.Empty(t, number)
			return
		}
		require.Regexp(t, form, number)
		again, err := sms.Normalize(number)
		require.NoError(t, err)
		require.Equal(t, number, again, "a normalized number stays as it is")
	})
}

func newRedis(t testing.TB) (ratelimit.Store, *miniredis.Miniredis) {
	server := miniredis.RunT(t)
	client := redis.NewClient(&redis.Options{Addr: server.Addr(), MaxRetries: -1})
	t.Cleanup(func() { _ = client.Close() })
	return tcpredis.NewStore(client), server
}

func TestOneNumberOneLimitOnEitherAlgorithm(t *testing.T) {
	for name, build := range map[string]func(ratelimit.Config) (ratelimit.Limiter, error){
		"classic": func(c ratelimit.Config) (ratelimit.Limiter, error) { return ratelimit.NewClassic(c) },
		"lean":    func(c ratelimit.Config) (ratelimit.Limiter, error) { return ratelimit.NewLean(c) },
	} {
		t.Run(name, func(t *testing.T) {
			store, server := newRedis(t)
			log, err := build(ratelimit.Config{Store: store, Name: "sms", Limit: 2, Window: time.Hour})
			require.NoError(t, err)
			l, err := sms.New(log)
			require.NoError(t, err)

			for i, phone := range []string{"+14155550100", "001 415 555 0100", "+1 (415) 555-0100"} {
				allowed, retryAfter, err := l.Allow(t.Context(), phone)
				require.NoError(t, err)
				require.Equal(t, i < 2, allowed)
				require.Equal(t, i >= 2, retryAfter > 59*time.Minute)
			}
			allowed, _, err := l.Allow(t.Context(), "+14155550101")
			require.NoError(t, err)
			require.True(t, allowed)
			require.NotContains(t, server.Dump(), "4155550", "no number in Redis")
		})
	}
}

// spy is a Limiter that records its subjects.
type spy struct {
	subjects []string
	err      error
}

func (s *spy) Allow(_ context.Context, subject string) (ratelimit.Decision, error) {
	s.subjects = append(s.subjects, subject)
	return ratelimit.Decision{Allowed: true}, s.err
}

func TestBadNumberAsksNothing(t *testing.T) {
	log := &spy{}
	l, err := sms.New(log)
	require.NoError(t, err)
	allowed, _, err := l.Allow(t.Context(), "12")
	require.ErrorIs(t, err, sms.ErrBadNumber)
	require.False(t, allowed)
	require.Empty(t, log.subjects)
}

func TestOutageAllowsNothing(t *testing.T) {
	down := errors.New("redis is down")
	l, err := sms.New(&spy{err: down})
	require.NoError(t, err)
	allowed, _, err := l.Allow(t.Context(), "+14155550100")
	require.ErrorIs(t, err, down)
	require.False(t, allowed)
}

func TestNewWantsALimiter(t *testing.T) {
	_, err := sms.New(nil)
	require.ErrorContains(t, err, "no limiter")
}

func ExampleNormalize() {
	fmt.Println(sms.Normalize("001 (415) 555-0100"))
	fmt.Println(sms.Normalize("555-0100"))
	// Output:
	// +14155550100 <nil>
	//  sms: bad phone number: it lacks its country code: write +<country><number>
}
