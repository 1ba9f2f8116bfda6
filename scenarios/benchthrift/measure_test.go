package benchthrift

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/redisserver"
)

// bubble is synctest.Test for code that uses go-redis. go-redis keeps the timers of waits for a pooled connection in one
// sync.Pool of the process, and a timer from an earlier bubble is fatal in this one. Two collections empty a sync.Pool.
func bubble(t *testing.T, run func(*testing.T)) {
	t.Helper()
	runtime.GC()
	runtime.GC()
	synctest.Test(t, run)
}

// plain are the variants without a governor.
func plain() []Variant {
	var variants []Variant
	for _, v := range Variants() {
		if !v.governed() {
			variants = append(variants, v)
		}
	}
	return variants
}

func TestPlainAsynqBills18PerJob(t *testing.T) {
	for _, v := range plain() {
		for _, other := range []bool{false, true} {
			bubble(t, func(t *testing.T) {
				r, err := measurePart(t.Context(), Request{Part: partSingle, Variant: v, Jobs: 60, Other: other})
				require.NoError(t, err)
				require.Equal(t, 60, r.Jobs)
				require.InDelta(t, 18, r.PerJob, 0.4, "%s, other process: %t", v, other)
				require.Greater(t, r.Raw, r.PerJob+10, "a second of looks at empty queues between two jobs")
			})
		}
	}
}

func TestPlainAsynqAtRest(t *testing.T) {
	for name, million := range map[string]float64{"per queue": 151.3, "shared": 119.1} { // measured on a redis-server, PINGs left out
		for _, v := range plain() {
			if v.Name != name {
				continue
			}
			bubble(t, func(t *testing.T) {
				r, err := measurePart(t.Context(), Request{Part: partRest, Variant: v, Window: time.Hour, PlainWindow: 5 * time.Minute})
				require.NoError(t, err)
				require.Equal(t, 5*time.Minute, r.Window)
				require.InEpsilon(t, million*1e6, r.atRest().Value, 0.06, name)
				require.Positive(t, r.Start)
				require.GreaterOrEqual(t, r.Stop, int64(5*v.servers()))
			})
		}
	}
}

func TestLoadOnTheFake(t *testing.T) {
	for _, v := range Variants() {
		redis, err := newFakeTarget(t.Context())
		require.NoError(t, err)
		l, err := measureLoad(t.Context(), redis, load{at: redis.place(), variant: v, jobs: 100})
		require.NoError(t, err, v)
		require.NoError(t, redis.close())
		require.Equal(t, 100, l.jobs)
		require.Positive(t, l.rate)
		switch {
		case v.PerQueue:
			require.Greater(t, l.peak, 33)
		default:
			require.LessOrEqual(t, l.peak, 3, v)
			require.LessOrEqual(t, l.idle, l.peak)
		}
		if !v.governed() {
			require.Greater(t, l.perJob, 17.9, v)
			require.Less(t, l.perJob, 27.0, v) // with the looks at empty queues of up to 20 s, on a busy machine
			require.GreaterOrEqual(t, l.peak, 3)
		} else {
			require.Positive(t, l.perJob, v)
		}
	}
}

// server starts a redis-server for the test, or skips it.
func server(t *testing.T) *serverTarget {
	redis, err := newServerTarget(t.Context())
	if err == redisserver.ErrNotInstalled { //nolint:errorlint // it is returned as it is
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, redis.close()) })
	return redis
}

func TestServerCountsAsTheFakeDoes(t *testing.T) {
	redis := server(t)
	before, err := redis.open(t.Context())
	require.NoError(t, err)
	require.Zero(t, before, "its own connection is left out")
	r, err := measureSingle(t.Context(), redis, Request{Variant: Variant{Name: "shared"}, Jobs: 3}, quietTime, 1)
	require.NoError(t, err)
	require.InDelta(t, 18, r.PerJob, 1.1)
	billed, err := redis.counts(t.Context())
	require.NoError(t, err)
	require.EqualValues(t, 14, billed["LREM"])
	require.NotContains(t, billed, "PING")
	require.NotContains(t, billed, "INFO")
}

func TestServerWatchSeesThePeak(t *testing.T) {
	redis := server(t)
	l, err := measureLoad(t.Context(), redis, load{at: redis.place(), variant: Variant{Name: "shared"}, jobs: 200})
	require.NoError(t, err)
	require.Equal(t, 3, l.peak)
}

func TestDrain(t *testing.T) {
	redis := server(t)
	l, err := measureDrain(t.Context(), redis, load{at: redis.place(), variant: Variant{Name: "shared"}, jobs: 40})
	require.NoError(t, err)
	require.Equal(t, 40, l.jobs, "as many as of a governed variant")
	require.Positive(t, l.rate)
}

func TestLatency(t *testing.T) {
	redis := server(t)
	all, err := measureLatency(t.Context(), redis.place(), Variant{Name: "shared"}, true, 2)
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Positive(t, all.quantile(0.5))
}

func TestUnknownPart(t *testing.T) {
	_, err := measurePart(context.Background(), Request{Part: "nonsense"})
	require.ErrorContains(t, err, `"nonsense"`)
}
