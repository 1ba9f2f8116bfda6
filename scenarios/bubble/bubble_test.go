package bubble

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

const childArgument = "child-of-test"

// request is what the test's child can be asked for.
type request struct {
	Sleep     time.Duration
	Fail      string
	Crash     bool
	UntilStop bool
}

type answer struct {
	Slept   time.Duration
	Stopped bool
	Virtual time.Time
}

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == childArgument {
		Serve(child)
	}
	os.Exit(m.Run())
}

func child(ctx context.Context, r request, o *Outside) (answer, error) {
	if r.Crash {
		panic("as asked for")
	}
	if r.Fail != "" {
		return answer{}, errors.New(r.Fail)
	}
	began := time.Now()
	for i := 0; r.UntilStop && !o.Stopped(); i++ {
		time.Sleep(time.Hour)
		o.Tell(i)
	}
	time.Sleep(r.Sleep)
	return answer{Slept: time.Since(began), Stopped: o.Stopped(), Virtual: began}, ctx.Err()
}

func TestCallInVirtualTime(t *testing.T) {
	t.Parallel()
	began := time.Now()
	var a answer
	require.NoError(t, Call(t.Context(), childArgument, request{Sleep: 30 * 24 * time.Hour}, &a, nil))
	require.Equal(t, 30*24*time.Hour, a.Slept)
	require.Less(t, time.Since(began), time.Minute)
	require.Equal(t, 2000, a.Virtual.UTC().Year(), "the clock of a bubble")
}

func TestCallReportsErrors(t *testing.T) {
	t.Parallel()
	var a answer
	require.EqualError(t, Call(t.Context(), childArgument, request{Fail: "no such stage"}, &a, nil), "no such stage")
	require.ErrorContains(t, Call(t.Context(), childArgument, request{Crash: true}, &a, nil), "as asked for")
}

// TestCallIsStopped: a child that is interrupted answers with what it has, and tells its progress meanwhile.
func TestCallIsStopped(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	var told atomic.Int64
	var a answer
	require.NoError(t, Call(ctx, childArgument, request{UntilStop: true}, &a, func(data json.RawMessage) {
		if told.Add(1) == 2 {
			cancel()
		}
	}))
	require.True(t, a.Stopped)
	require.Positive(t, a.Slept)
}

func TestCallThatNeverBegan(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("not wanted any more")
	cancel(cause)
	var a answer
	require.Error(t, Call(ctx, childArgument, request{}, &a, nil))
}

func TestCallRefusesWhatIsNoJSON(t *testing.T) {
	t.Parallel()
	require.Error(t, Call(t.Context(), childArgument, make(chan int), nil, nil))
}

func TestOutsideNeverWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &Outside{}
		require.Nil(t, o.Latest())
		o.Tell(1)
		o.Tell(2)
		require.Equal(t, 2, o.Latest())
		require.False(t, o.Stopped())
		o.Stop()
		require.True(t, o.Stopped())
	})
}

func TestTailKeepsTheEnd(t *testing.T) {
	var kept tail
	for range maxComplaint {
		_, _ = kept.Write([]byte("begin "))
	}
	_, _ = kept.Write([]byte("end"))
	require.LessOrEqual(t, kept.Len(), maxComplaint)
	require.Regexp(t, "end$", kept.String())
}
