package loadgen_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/loadgen"
	"tollgate/loadgen/profiles"
)

// fakeTarget takes delay for each call, obeys its context unless told not to,
// and answers what the functions say.
type fakeTarget struct {
	delay   time.Duration
	deaf    bool // ignores the context
	status  func(n int) int
	err     func(n int) error
	mu      sync.Mutex
	calls   []string
	at      []time.Duration
	base    time.Time
	written [][]byte
}

func (f *fakeTarget) do(ctx context.Context, what string) (n int, err error) {
	f.mu.Lock()
	n = len(f.calls)
	f.calls = append(f.calls, what)
	f.at = append(f.at, time.Since(f.base))
	f.mu.Unlock()
	if f.deaf {
		time.Sleep(f.delay)
		return n, nil
	}
	select {
	case <-time.After(f.delay):
	case <-ctx.Done():
		return n, ctx.Err()
	}
	if f.err != nil {
		return n, f.err(n)
	}
	return n, nil
}

func (f *fakeTarget) Enqueue(ctx context.Context, queue string, payload []byte) (string, error) {
	n, err := f.do(ctx, "enqueue "+queue+" "+string(payload))
	return fmt.Sprintf("job-%d", n), err
}

func (f *fakeTarget) Request(ctx context.Context, r loadgen.Request) (int, error) {
	n, err := f.do(ctx, r.Method+" "+r.Path+" "+r.Client)
	if f.status == nil {
		return 200, err
	}
	return f.status(n), err
}

func (f *fakeTarget) CacheRead(ctx context.Context, key string) (bool, error) {
	n, err := f.do(ctx, "read "+key)
	return n%2 == 0, err
}

func (f *fakeTarget) CacheWrite(ctx context.Context, key string, value []byte) error {
	_, err := f.do(ctx, "write "+key)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.written = append(f.written, value)
	return err
}

func (f *fakeTarget) CacheDelete(ctx context.Context, key string) error {
	_, err := f.do(ctx, "delete "+key)
	return err
}

// requests is a schedule of n requests, one every gap.
func requests(n int, gap time.Duration) *loadgen.Schedule {
	s := &loadgen.Schedule{Profile: "test", Seed: 1}
	for i := range n {
		s.Arrivals = append(s.Arrivals, loadgen.Arrival{
			At: time.Duration(i) * gap, Kind: loadgen.KindRequest, User: "u-1", Route: "calendar", Client: "client-1",
		})
	}
	return s
}

func run(ctx context.Context, t *testing.T, cfg loadgen.Config) (loadgen.Summary, error) {
	t.Helper()
	if f, ok := cfg.Target.(*fakeTarget); ok {
		f.base = time.Now()
	}
	r, err := loadgen.NewRunner(cfg)
	require.NoError(t, err)
	return r.Run(ctx)
}

func TestEachArrivalStartsAtItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fakeTarget{delay: 35 * time.Millisecond} // slower than arrivals come
		summary, err := run(t.Context(), t, loadgen.Config{Schedule: requests(50, 10*time.Millisecond), Target: target})
		require.NoError(t, err)
		require.Len(t, target.at, 50)
		for i, at := range target.at {
			require.Equal(t, time.Duration(i)*10*time.Millisecond, at)
		}
		require.Equal(t, 490*time.Millisecond+35*time.Millisecond, summary.Elapsed)
		require.Equal(t, loadgen.Counts{Planned: 50, Sent: 50, OK: 50}, summary.Counts)
		require.False(t, summary.Partial)
		require.Zero(t, summary.StartLag.Max)
		g, ok := summary.Kind(loadgen.KindRequest)
		require.True(t, ok)
		require.InDelta(t, 35*time.Millisecond, g.FromIntended.P50, float64(50*time.Microsecond))
		require.Equal(t, g.FromIntended, g.FromStart)
	})
}

func TestArrivalsBeyondMaxInFlightAreDroppedNotDelayed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Two at once, 25 ms each, one every 10 ms: at 20 ms both are taken, at 30 ms one is free again.
		target := &fakeTarget{delay: 25 * time.Millisecond}
		summary, err := run(t.Context(), t, loadgen.Config{Schedule: requests(7, 10*time.Millisecond), Target: target, MaxInFlight: 2})
		require.NoError(t, err)
		ms := time.Millisecond
		require.Equal(t, []time.Duration{0, 10 * ms, 30 * ms, 40 * ms, 60 * ms}, target.at)
		require.Equal(t, loadgen.Counts{Planned: 7, Sent: 5, OK: 5, Dropped: 2}, summary.Counts)
		require.True(t, summary.Failed())
	})
}

func TestAsFastAsPossibleKeepsAllPlacesTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// Ten, an hour apart in the schedule, two at once, 25 ms each: five rounds, in order.
		target := &fakeTarget{delay: 25 * time.Millisecond}
		summary, err := run(t.Context(), t, loadgen.Config{
			Schedule: requests(10, time.Hour), Target: target, MaxInFlight: 2, AsFastAsPossible: true,
		})
		require.NoError(t, err)
		require.Equal(t, 125*time.Millisecond, summary.Elapsed)
		for i, at := range target.at {
			require.Equal(t, time.Duration(i/2)*25*time.Millisecond, at)
		}
		require.Equal(t, loadgen.Counts{Planned: 10, Sent: 10, OK: 10}, summary.Counts)
		require.Zero(t, summary.StartLag.Max, "no arrival has an intended start to be late for")
		g, ok := summary.Kind(loadgen.KindRequest)
		require.True(t, ok)
		require.Equal(t, g.FromStart, g.FromIntended)
	})
}

func TestAsFastAsPossibleCanBeStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fakeTarget{delay: time.Second}
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		summary, err := run(ctx, t, loadgen.Config{
			Schedule: requests(10, 0), Target: target, MaxInFlight: 2, AsFastAsPossible: true,
		})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.True(t, summary.Partial)
		require.Equal(t, 1500*time.Millisecond, summary.Elapsed)
		require.Equal(t, loadgen.Counts{Planned: 10, Sent: 4, OK: 2, Interrupted: 2}, summary.Counts)
		require.Zero(t, summary.Abandoned)
	})
}

func TestLatencyFromTheIntendedStartIncludesTheLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		// The schedule lies before the start of the run by 40 ms: every arrival is overdue.
		s := requests(3, time.Millisecond)
		for i := range s.Arrivals {
			s.Arrivals[i].At -= 40 * time.Millisecond
		}
		summary, err := run(t.Context(), t, loadgen.Config{Schedule: s, Target: &fakeTarget{delay: 5 * time.Millisecond}})
		require.NoError(t, err)
		g, _ := summary.Kind(loadgen.KindRequest)
		require.InDelta(t, 45*time.Millisecond, g.FromIntended.Max, float64(100*time.Microsecond))
		require.InDelta(t, 5*time.Millisecond, g.FromStart.Max, float64(10*time.Microsecond))
		require.InDelta(t, 40*time.Millisecond, summary.StartLag.Max, float64(100*time.Microsecond))
	})
}

func TestEveryKindReachesTheTarget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fakeTarget{}
		tracker := loadgen.NewTracker()
		s := &loadgen.Schedule{Value: []byte(`"v"`), Arrivals: []loadgen.Arrival{
			{At: 1, Kind: loadgen.KindJob, Queue: "token-refresh", User: "u-3"},
			{At: 2, Kind: loadgen.KindRequest, User: "u-4", Route: "contacts", Client: "client-5"},
			{At: 3, Kind: loadgen.KindCacheRead, Key: "k-6"},
			{At: 4, Kind: loadgen.KindCacheWrite, Key: "k-7"},
			{At: 5, Kind: loadgen.KindCacheDelete, Key: "k-8"},
		}}
		summary, err := run(t.Context(), t, loadgen.Config{Schedule: s, Target: target, Tracker: tracker})
		require.NoError(t, err)
		require.Equal(t, []string{
			`enqueue token-refresh {"user":"u-3"}`, "GET /v1/users/u-4/contacts client-5", "read k-6", "write k-7", "delete k-8",
		}, target.calls)
		require.Equal(t, [][]byte{[]byte(`"v"`)}, target.written)
		require.Len(t, summary.Kinds, 5)
		require.Len(t, summary.Labels, 2)
		reads, _ := summary.Kind(loadgen.KindCacheRead)
		require.Equal(t, loadgen.Counts{Planned: 1, Sent: 1, OK: 1, Hits: 1}, reads.Counts)
		require.Equal(t, int64(1), summary.Jobs.Queue("token-refresh").Outstanding)
		tracker.Succeeded("job-0")
		require.NoError(t, tracker.Wait(t.Context()))
	})
}

func TestErrorsAreCountedByClass(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		statuses := []int{200, 204, 429, 500, 503, 404, 302, 200}
		target := &fakeTarget{
			status: func(n int) int { return statuses[n] },
			err: func(n int) error {
				if n == 7 {
					return fmt.Errorf("read answer: %w", io.ErrUnexpectedEOF)
				}
				return nil
			},
		}
		summary, err := run(t.Context(), t, loadgen.Config{Schedule: requests(8, time.Millisecond), Target: target})
		require.NoError(t, err)
		require.Equal(t, loadgen.Counts{Planned: 8, Sent: 8, OK: 2, Limited: 1, Errors: 5}, summary.Counts)
		require.Equal(t, []loadgen.ErrorCount{
			{Class: loadgen.ClassClient, Count: 1, Example: "GET /v1/users/u-1/calendar: status 404 Not Found"},
			{Class: loadgen.ClassServer, Count: 2, Example: "GET /v1/users/u-1/calendar: status 500 Internal Server Error"},
			{Class: loadgen.ClassNetwork, Count: 1, Example: "read answer: unexpected EOF"},
			{Class: loadgen.ClassOther, Count: 1, Example: "GET /v1/users/u-1/calendar: status 302 Found"},
		}, summary.ErrorCounts)
		g, _ := summary.Label("calendar")
		require.Equal(t, int64(8), g.FromIntended.Count, "failures are timed too")
	})
}

func TestARefusedJobIsLimitedAndNotTracked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fakeTarget{err: func(int) error { return &loadgen.StatusError{Op: "POST", Status: http.StatusTooManyRequests} }}
		s := &loadgen.Schedule{Arrivals: []loadgen.Arrival{{Kind: loadgen.KindJob, Queue: "token-refresh", User: "u-3"}}}
		summary, err := run(t.Context(), t, loadgen.Config{Schedule: s, Target: target, Tracker: loadgen.NewTracker()})
		require.NoError(t, err)
		require.Equal(t, loadgen.Counts{Planned: 1, Sent: 1, Limited: 1}, summary.Counts)
		require.Zero(t, summary.Jobs.Total.Accepted)
		require.False(t, summary.Failed())
	})
}

func TestATimeoutEndsOneArrival(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fakeTarget{delay: time.Minute}
		summary, err := run(t.Context(), t, loadgen.Config{Schedule: requests(1, 0), Target: target, Timeout: 3 * time.Second})
		require.NoError(t, err)
		require.Equal(t, 3*time.Second, summary.Elapsed)
		require.Equal(t, int64(1), summary.ErrorCounts[0].Count)
		require.Equal(t, loadgen.ClassTimeout, summary.ErrorCounts[0].Class)
	})
}

func TestCancelYieldsAPartialSummaryAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(25*time.Millisecond, func() { cancel(errors.New("the user has seen enough")) })
		target := &fakeTarget{delay: 12 * time.Millisecond}
		summary, err := run(ctx, t, loadgen.Config{Schedule: requests(1000, 10*time.Millisecond), Target: target})
		require.EqualError(t, err, "loadgen: run stopped after 25ms: the user has seen enough")
		require.True(t, summary.Partial)
		require.Equal(t, 25*time.Millisecond, summary.Elapsed)
		require.Equal(t, loadgen.Counts{Planned: 1000, Sent: 3, OK: 2, Interrupted: 1}, summary.Counts)
	})
}

func TestCancelAfterTheLastAnswerIsNoInterruption(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		target := &fakeTarget{deaf: true, delay: 10 * time.Millisecond}
		time.AfterFunc(5*time.Millisecond, cancel)
		summary, err := run(ctx, t, loadgen.Config{Schedule: requests(1, 0), Target: target})
		require.NoError(t, err)
		require.False(t, summary.Partial)
		require.Equal(t, int64(1), summary.OK)
	})
}

func TestATargetThatDoesNotReturnIsAbandoned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := &fakeTarget{deaf: true, delay: time.Hour}
		summary, err := run(t.Context(), t, loadgen.Config{
			Schedule: requests(2, time.Second), Target: target, Timeout: 3 * time.Second, StopGrace: time.Second,
		})
		require.NoError(t, err)
		require.Equal(t, int64(2), summary.Abandoned)
		require.Equal(t, time.Second+4*time.Second, summary.Elapsed)
		require.True(t, summary.Failed())
		time.Sleep(2 * time.Hour) // lets it return, so that the bubble can end

		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		summary, err = run(ctx, t, loadgen.Config{Schedule: requests(1, 0), Target: target, Timeout: time.Minute, StopGrace: time.Second})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.True(t, summary.Partial)
		require.Equal(t, 11*time.Second, summary.Elapsed)
		time.Sleep(2 * time.Hour)
	})
}

func TestAMonthRunsInABubble(t *testing.T) {
	p, err := profiles.Load("reference-month", loadgen.Queues())
	require.NoError(t, err)
	p, err = p.WithJobs(600)
	require.NoError(t, err)
	synctest.Test(t, func(t *testing.T) {
		summary, err := run(t.Context(), t, loadgen.Config{Schedule: schedule(t, p), Target: &fakeTarget{delay: 7 * time.Millisecond}})
		require.NoError(t, err)
		require.Equal(t, int64(p.ArrivalCount()), summary.OK)
		require.InDelta(t, 720, summary.Elapsed.Hours(), 1)
		require.Zero(t, summary.StartLag.Max)
	})
}

func TestARunnerRunsOnce(t *testing.T) {
	r, err := loadgen.NewRunner(loadgen.Config{Schedule: requests(1, 0), Target: &fakeTarget{}})
	require.NoError(t, err)
	_, err = r.Run(t.Context())
	require.NoError(t, err)
	_, err = r.Run(t.Context())
	require.ErrorIs(t, err, loadgen.ErrAlreadyRun)
}

func TestConfigProblemsAreNamed(t *testing.T) {
	s, target := requests(1, 0), &fakeTarget{}
	for _, tc := range []struct {
		cfg  loadgen.Config
		want string
	}{
		{loadgen.Config{Target: target}, "Config.Schedule is missing"},
		{loadgen.Config{Schedule: s}, "Config.Target is missing"},
		{loadgen.Config{Schedule: s, Target: target, MaxInFlight: -1}, "Config.MaxInFlight -1 is negative"},
		{loadgen.Config{Schedule: s, Target: target, Timeout: -1}, "Config.Timeout -1ns"},
		{loadgen.Config{Schedule: s, Target: target, StopGrace: -1}, "Config.StopGrace -1ns"},
	} {
		_, err := loadgen.NewRunner(tc.cfg)
		require.ErrorContains(t, err, tc.want)
	}
}
