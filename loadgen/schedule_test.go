package loadgen_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/loadgen"
	"tollgate/loadgen/profiles"
)

// phase is the phase profile as if the service caused no cache operations
// itself; how many it does is calibrated and no matter of these tests.
func phase(t testing.TB) profiles.Profile {
	t.Helper()
	p, err := profiles.Load("phase", loadgen.Queues())
	require.NoError(t, err)
	p.Cache.ServiceShare = profiles.Ops{}
	return p
}

func schedule(t testing.TB, p profiles.Profile) *loadgen.Schedule {
	t.Helper()
	s, err := loadgen.NewSchedule(p)
	require.NoError(t, err)
	return s
}

func TestScheduleHasWhatTheProfileSays(t *testing.T) {
	p := phase(t)
	s := schedule(t, p)
	require.Equal(t, "phase", s.Profile)
	require.Equal(t, p.Seed, s.Seed)
	require.Len(t, s.Arrivals, p.ArrivalCount())
	kinds, queues, routes := map[loadgen.Kind]int{}, map[string]int{}, map[string]int{}
	for _, a := range s.Arrivals {
		kinds[a.Kind]++
		switch a.Kind {
		case loadgen.KindJob:
			queues[a.Queue]++
			require.Less(t, a.At, p.Pacing.JobsWithin)
			require.NotEmpty(t, a.User)
			require.Empty(t, a.Key+a.Route+a.Client)
		case loadgen.KindRequest:
			routes[a.Route]++
			require.NotEmpty(t, a.User)
			require.NotEmpty(t, a.Client)
			require.Empty(t, a.Key+a.Queue)
		default:
			require.NotEmpty(t, a.Key)
			require.Empty(t, a.User+a.Queue+a.Route+a.Client)
		}
		require.Less(t, a.At, p.Duration)
	}
	require.Equal(t, map[loadgen.Kind]int{
		loadgen.KindJob: 1000, loadgen.KindRequest: 4000,
		loadgen.KindCacheRead: 10000, loadgen.KindCacheWrite: 3333, loadgen.KindCacheDelete: 667,
	}, kinds)
	require.Equal(t, p.Jobs, queues)
	for _, route := range loadgen.Routes() {
		require.InDelta(t, 4000.0/3, routes[route], 150, route)
	}
}

func TestServiceShareIsNotSent(t *testing.T) {
	p := phase(t)
	p.Cache.ServiceShare = profiles.Ops{Reads: 4000, Writes: 3333, Deletes: 0}
	kinds := map[loadgen.Kind]int{}
	for _, a := range schedule(t, p).Arrivals {
		kinds[a.Kind]++
	}
	require.Equal(t, 6000, kinds[loadgen.KindCacheRead])
	require.Zero(t, kinds[loadgen.KindCacheWrite])
	require.Equal(t, 667, kinds[loadgen.KindCacheDelete])
}

// Kinds and queues are mixed: each quarter of the run has its share of each.
func TestScheduleIsMixed(t *testing.T) {
	p := phase(t)
	var jobs [4]map[string]int
	var rest [4]map[loadgen.Kind]int
	for i := range 4 {
		jobs[i], rest[i] = map[string]int{}, map[loadgen.Kind]int{}
	}
	for _, a := range schedule(t, p).Arrivals {
		if a.Kind == loadgen.KindJob {
			jobs[4*a.At/p.Pacing.JobsWithin][a.Queue]++
		} else {
			rest[4*a.At/p.Duration][a.Kind]++
		}
	}
	for i := range 4 {
		require.InDelta(t, 50, jobs[i]["notification-reminder"], 25)
		require.InDelta(t, 42, jobs[i]["adaptive-sync"], 25)
		require.InDelta(t, 1000, rest[i][loadgen.KindRequest], 120)
		require.InDelta(t, 2500, rest[i][loadgen.KindCacheRead], 200)
		require.InDelta(t, 167, rest[i][loadgen.KindCacheDelete], 60)
	}
}

func TestNoUserTwiceInAQueue(t *testing.T) {
	seen := map[[2]string]bool{}
	for _, a := range schedule(t, phase(t)).Arrivals {
		if a.Kind != loadgen.KindJob {
			continue
		}
		pair := [2]string{a.Queue, a.User}
		require.False(t, seen[pair], pair)
		seen[pair] = true
	}
	require.Len(t, seen, 1000)
}

func TestQueuesStartWithDifferentUsers(t *testing.T) {
	first := map[string]string{}
	for _, a := range schedule(t, phase(t)).Arrivals {
		if _, ok := first[a.Queue]; a.Kind == loadgen.KindJob && !ok {
			first[a.Queue] = a.User
		}
	}
	users := map[string]bool{}
	for _, user := range first {
		users[user] = true
	}
	require.Len(t, users, len(loadgen.Queues()))
}

func TestPopularityFollowsZipf(t *testing.T) {
	p := phase(t)
	p.APIRequests, p.Keys = 0, profiles.Popularity{Count: 100, ZipfS: 1}
	p.Cache = profiles.Cache{Ops: profiles.Ops{Reads: 100_000}}
	drawn := map[string]float64{}
	for _, a := range schedule(t, p).Arrivals {
		drawn[a.Key]++
	}
	require.Len(t, drawn, 100+1) // and the jobs, which have no key
	const harmonic = 5.18738     // 1/1 + 1/2 + ... + 1/100
	for key, rank := range map[string]float64{"k-0": 1, "k-1": 2, "k-9": 10, "k-99": 100} {
		want := 100_000 / harmonic / rank
		require.InEpsilon(t, want, drawn[key], 0.15, key)
	}
}

func TestSameSeedSameSchedule(t *testing.T) {
	p := phase(t)
	first := schedule(t, p)
	require.Equal(t, first, schedule(t, p))
	p.Seed++
	other := schedule(t, p)
	require.NotEqual(t, first.Arrivals, other.Arrivals)
	require.NotEqual(t, first.Value, other.Value)
}

func TestValueIsJSONOfTheStatedSize(t *testing.T) {
	for _, size := range []int{2, 3, 512} {
		p := phase(t)
		p.ValueBytes = size
		s := schedule(t, p)
		require.Len(t, s.Value, size)
		var text string
		require.NoError(t, json.Unmarshal(s.Value, &text))
		require.Len(t, text, size-2)
	}
}

func TestScheduleRefusesAQueueWithoutPayload(t *testing.T) {
	p := phase(t)
	p.Jobs = map[string]int{"fax": 1}
	_, err := loadgen.NewSchedule(p)
	require.ErrorIs(t, err, loadgen.ErrUnknownQueue)
	require.ErrorContains(t, err, `"fax"`)
}

func TestScheduleProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.IntRange(0, 40)
		within := time.Duration(rapid.Int64Range(1, int64(time.Minute)).Draw(t, "jobs within"))
		population := rapid.Custom(func(t *rapid.T) profiles.Popularity {
			return profiles.Popularity{Count: rapid.IntRange(1, 30).Draw(t, "count"), ZipfS: rapid.Float64Range(0, profiles.MaxZipfS).Draw(t, "s")}
		})
		p := profiles.Profile{
			Name: "drawn", Seed: rapid.Uint64().Draw(t, "seed"), Duration: within + time.Second,
			Jobs:        map[string]int{"calendar-sync": count.Draw(t, "a"), "token-refresh": count.Draw(t, "b")},
			APIRequests: count.Draw(t, "requests"),
			Cache:       profiles.Cache{Ops: profiles.Ops{Reads: count.Draw(t, "reads"), Writes: count.Draw(t, "writes"), Deletes: count.Draw(t, "deletes")}},
			Keys:        population.Draw(t, "keys"), Users: population.Draw(t, "users"), APIClients: population.Draw(t, "clients"),
			Pacing: profiles.Pacing{
				JobsWithin: within, BurstEvery: time.Millisecond,
				Arrivals: rapid.SampledFrom([]profiles.Arrivals{profiles.Poisson, profiles.Constant, profiles.Burst}).Draw(t, "arrivals"),
			},
			ValueBytes: 2,
		}
		s, err := loadgen.NewSchedule(p)
		require.NoError(t, err)
		again, err := loadgen.NewSchedule(p)
		require.NoError(t, err)
		require.Equal(t, s, again)
		require.Len(t, s.Arrivals, p.ArrivalCount())
		require.True(t, slices.IsSortedFunc(s.Arrivals, func(a, b loadgen.Arrival) int { return int(a.At - b.At) }))
		// A queue comes back to a user only after all the others.
		last := map[[2]string]int{}
		position := map[string]int{}
		for _, a := range s.Arrivals {
			if a.Kind != loadgen.KindJob {
				continue
			}
			position[a.Queue]++
			pair := [2]string{a.Queue, a.User}
			if before, ok := last[pair]; ok {
				require.Equal(t, p.Users.Count, position[a.Queue]-before)
			}
			last[pair] = position[a.Queue]
		}
	})
}

// A cache that keeps everything shows the best hit rate that the phase profile
// allows; it has to leave room above the 80 % that a service is held to.
func TestPhaseAllowsAGoodHitRate(t *testing.T) {
	reads, hits, have := 0, 0, map[string]bool{}
	for _, a := range schedule(t, phase(t)).Arrivals {
		switch a.Kind {
		case loadgen.KindCacheRead:
			reads++
			if have[a.Key] {
				hits++
			}
		case loadgen.KindCacheWrite:
			have[a.Key] = true
		case loadgen.KindCacheDelete:
			delete(have, a.Key)
		}
	}
	t.Logf("hits %d of %d reads", hits, reads)
	require.Greater(t, float64(hits)/float64(reads), 0.8)
}

// month is the reference month as if the service caused no cache operations itself.
func month(t testing.TB) profiles.Profile {
	t.Helper()
	p, err := profiles.Load("reference-month", loadgen.Queues())
	require.NoError(t, err)
	p.Cache.ServiceShare = profiles.Ops{}
	return p
}

// TestScheduleFollowsTheRhythm: of each kind exactly as many arrivals as the profile says, each hour of the week with its
// share (within five standard deviations), and no day above three times the mean.
func TestScheduleFollowsTheRhythm(t *testing.T) {
	p := month(t)
	shares, all := [7 * 24]float64{}, 0.0
	for hour := range int(p.Duration / time.Hour) {
		weight := p.Rhythm.Hours[hour%24] * p.Rhythm.Weekdays[hour/24%7]
		shares[hour%len(shares)] += weight
		all += weight
	}
	counts, days := map[loadgen.Kind]*[7 * 24]int{}, make([]int, p.Duration/(24*time.Hour))
	for _, kind := range loadgen.Kinds() {
		counts[kind] = new([7 * 24]int)
	}
	s := schedule(t, p)
	for _, a := range s.Arrivals {
		counts[a.Kind][int(a.At/time.Hour)%len(shares)]++
		days[a.At/(24*time.Hour)]++
	}
	for kind, want := range map[loadgen.Kind]int{
		loadgen.KindJob: p.JobCount() - 1470, loadgen.KindRequest: p.APIRequests,
		loadgen.KindCacheRead: p.Cache.Reads, loadgen.KindCacheWrite: p.Cache.Writes, loadgen.KindCacheDelete: p.Cache.Deletes,
	} {
		sum := 0
		for hour, n := range counts[kind] {
			sum += n
			mean := float64(want) * shares[hour] / all
			require.InDelta(t, mean, n, 5*math.Sqrt(mean)+1, "%s in hour %d of the week", kind, hour)
		}
		require.Equal(t, want, sum, kind)
	}
	require.Less(t, slices.Max(days), 3*len(s.Arrivals)/len(days))
}

// TestRhythmMovesArrivalsInTimeOnly: jobs come in the same order with the same users, and so does the rest.
func TestRhythmMovesArrivalsInTimeOnly(t *testing.T) {
	order := func(p profiles.Profile) (jobs, rest []loadgen.Arrival, times []time.Duration) {
		for _, a := range schedule(t, p).Arrivals {
			times = append(times, a.At)
			a.At = 0
			if a.Kind == loadgen.KindJob {
				jobs = append(jobs, a)
			} else {
				rest = append(rest, a)
			}
		}
		return jobs, rest, times
	}
	p := month(t)
	jobs, rest, times := order(p)
	p.Rhythm = nil
	evenJobs, evenRest, evenTimes := order(p)
	require.Equal(t, evenJobs, jobs)
	require.Equal(t, evenRest, rest)
	require.NotEqual(t, evenTimes, times)
}

func TestJobsOfSchedulesAreNotSent(t *testing.T) {
	p := month(t)
	sent := map[string]int{}
	for _, a := range schedule(t, p).Arrivals {
		sent[a.Queue]++
	}
	for queue, jobs := range p.Jobs {
		require.Equal(t, jobs-p.Scheduled(queue), sent[queue], queue)
	}
	require.Zero(t, sent["token-refresh"])
	p.Schedules = nil
	require.Len(t, schedule(t, p).Arrivals, p.ArrivalCount())
}

func TestScheduleRefusesARhythmWithoutWeight(t *testing.T) {
	p := month(t)
	p.Rhythm = &profiles.Rhythm{Hours: make([]float64, 24), Weekdays: make([]float64, 7)}
	_, err := loadgen.NewSchedule(p)
	require.ErrorContains(t, err, "rhythm of profile reference-month: no hour")
}
