package queue

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestRetryDelayBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := time.Duration(rapid.Int64Range(1, int64(time.Hour)).Draw(t, "base"))
		limit := time.Duration(rapid.Int64Range(1, int64(48*time.Hour)).Draw(t, "limit"))
		retried := rapid.IntRange(0, 200).Draw(t, "retried")
		top := ceiling(base, limit, retried)
		require.Positive(t, top)
		require.LessOrEqual(t, top, limit)
		require.GreaterOrEqual(t, ceiling(base, limit, retried+1), top, "later retries wait no less")
		delay := retryDelay(base, limit)(retried, io.EOF, nil)
		require.GreaterOrEqual(t, delay, time.Duration(0))
		require.LessOrEqual(t, delay, top)
	})
}

func TestCeilingDoubles(t *testing.T) {
	for retried, want := range []time.Duration{10, 20, 40, 80, 100, 100} {
		require.Equal(t, want*time.Second, ceiling(10*time.Second, 100*time.Second, retried))
	}
	require.Equal(t, time.Second, ceiling(time.Minute, time.Second, 0))
}

func TestRetryDelayIsFullJitter(t *testing.T) {
	delay := retryDelay(10*time.Second, time.Minute)
	var low, high bool
	for range 1000 {
		d := delay(0, io.EOF, nil)
		low, high = low || d < 3*time.Second, high || d > 7*time.Second
	}
	require.True(t, low && high, "delays spread over the whole range")
}

func TestRetryAfter(t *testing.T) {
	require.NoError(t, RetryAfter(nil, time.Second))
	require.Equal(t, io.EOF, RetryAfter(io.EOF, 0))
	err := fmt.Errorf("job: %w", RetryAfter(io.EOF, 90*time.Second))
	require.ErrorIs(t, err, io.EOF)
	require.EqualError(t, err, "job: EOF (retry after 1m30s)")
	require.Equal(t, 91*time.Second, retryDelay(time.Second, time.Minute)(3, err, nil))
	require.Equal(t, MaxRetryAfter+time.Second, retryDelay(1, 1)(0, RetryAfter(io.EOF, 1000*time.Hour), nil))
}

func TestPermanent(t *testing.T) {
	require.NoError(t, Permanent(nil))
	err := fmt.Errorf("job: %w", Permanent(io.EOF))
	require.EqualError(t, err, "job: EOF")
	for _, target := range []error{io.EOF, ErrPermanent, asynq.SkipRetry} {
		require.ErrorIs(t, err, target)
	}
	require.NotErrorIs(t, errors.New("other"), ErrPermanent)
}
