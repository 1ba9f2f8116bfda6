package profiles_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/loadgen/profiles"
)

// TestClockKeepsOrderAndProportion: even offsets come out in order, inside the time, and each hour gets its share.
func TestClockKeepsOrderAndProportion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		weight := rapid.OneOf(rapid.Just(0.0), rapid.Float64Range(0.01, 100))
		r := profiles.Rhythm{
			Hours: rapid.SliceOfN(weight, 24, 24).Draw(t, "hours"), Weekdays: rapid.SliceOfN(weight, 7, 7).Draw(t, "weekdays"),
		}
		within := time.Duration(rapid.Int64Range(int64(time.Minute), int64(10*24*time.Hour)).Draw(t, "within"))
		clock, err := r.Clock(within)
		of := func(h int) float64 { return r.Hours[h%24] * r.Weekdays[h/24%7] }
		hours := int((within + time.Hour - 1) / time.Hour)
		shares, all := make([]float64, hours), 0.0
		for h := range shares {
			shares[h] = of(h) * min(1, (within-time.Duration(h)*time.Hour).Hours())
			all += shares[h]
		}
		if all == 0 {
			require.Error(t, err)
			return
		}
		require.NoError(t, err)
		const n = 20_000
		got, last := make([]float64, hours), time.Duration(-1)
		for i := range n {
			at := clock(time.Duration(float64(within) * float64(i) / n))
			if at < last || at < 0 || at >= within || of(int(at/time.Hour)) == 0 {
				t.Fatalf("%s after %s of %s: out of order, outside, or in an hour without weight", at, last, within)
			}
			last = at
			got[at/time.Hour]++
		}
		for h, share := range shares {
			require.InDelta(t, share/all, got[h]/n, 2.0/n+1e-9, "hour %d", h)
		}
	})
}

func TestReferenceMonthHasARhythm(t *testing.T) {
	p := load(t, "reference-month")
	require.NotNil(t, p.Rhythm)
	mean, highest := 0.0, 0.0
	for _, w := range p.Rhythm.Hours {
		mean, highest = mean+w/24, math.Max(highest, w)
	}
	require.InDelta(t, 2.0, highest/mean, 0.05, "what its comment says")
	week := 0.0
	for _, w := range p.Rhythm.Weekdays {
		week += w
	}
	require.InDelta(t, 1.17, p.Rhythm.Weekdays[0]/(week/7), 0.005, "what its comment says")
	require.Equal(t, 720, p.Scheduled("webhook-health-check"))
	require.Equal(t, 720, p.Scheduled("token-refresh"))
	require.Equal(t, 30, p.Scheduled("token-health-reminder"))
	require.Zero(t, p.Scheduled("calendar-sync"))
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		spec   string
		length time.Duration
		want   int
	}{
		{"0 * * * *", 24 * time.Hour, 24}, // the one at the start, not the one at the end
		{"59 * * * *", time.Hour, 1},
		{"0 9 * * *", 30 * 24 * time.Hour, 30},
		{"0 9 * * 1", 30 * 24 * time.Hour, 5}, // a run begins on a Monday
		{"0 9 * * 0", 30 * 24 * time.Hour, 4},
		{"0 0 31 2 *", 400 * 24 * time.Hour, 0}, // never
		{"0 9 * * *", time.Hour, 0},
	} {
		require.Equal(t, c.want, profiles.Schedule{Queue: "q", Spec: c.spec}.Ticks(c.length), "%s in %s", c.spec, c.length)
	}
}

// TestDerivedProfilesLeaveTheCalendar: a profile of another time or size sends all jobs itself.
func TestDerivedProfilesLeaveTheCalendar(t *testing.T) {
	p := load(t, "reference-month")
	squeezed, err := p.Over(time.Minute)
	require.NoError(t, err)
	require.Nil(t, squeezed.Rhythm)
	require.Empty(t, squeezed.Schedules)
	half, err := p.Times(0.5)
	require.NoError(t, err)
	require.Empty(t, half.Schedules)
	require.NotNil(t, half.Rhythm)
	same, err := p.Times(1)
	require.NoError(t, err)
	require.Equal(t, p.Schedules, same.Schedules)
}

func TestCalendarProblems(t *testing.T) {
	queues := []string{"a"}
	for name, c := range map[string]struct{ change, want string }{
		"23 hours":          {"rhythm: {hours: [1], weekdays: [1,1,1,1,1,1,1]}", "rhythm: hours has 1 weights; 24 are needed"},
		"negative":          {"rhythm: {hours: [-1], weekdays: [1]}", "rhythm.hours[0]: -1 is out of range"},
		"no list":           {"rhythm: {hours: 3, weekdays: [1]}", `rhythm.hours: is the value "3"; a list of weights is needed here`},
		"list of zeros":     {"rhythm: {hours: [0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1], weekdays: [0,0,0,0,0,0,0]}", "rhythm: all weights of weekdays are 0"},
		"infinite":          {"rhythm: {hours: [.inf], weekdays: [1]}", `rhythm.hours[0]: ".inf" is not a number`},
		"no weight at all":  {"rhythm: {hours: [0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,1], weekdays: [1,1,1,1,1,1,1]}", "rhythm: no hour of the time in which arrivals come has any weight (1h0m0s)"},
		"no cron":           {"schedules: {a: every hour}", `schedules.a: "every hour" is no cron expression of five fields`},
		"no five fields":    {"schedules: {a: '@every 1s'}", "is no cron expression of five fields"},
		"six fields":        {"schedules: {a: '0 0 * * * *'}", "is no cron expression of five fields"},
		"time zone":         {"schedules: {a: 'TZ=Asia/Tokyo 0 9 * * *'}", "it names a time zone; times are in UTC"},
		"half a time zone":  {"schedules: {a: 'TZ=0'}", "it names a time zone"}, // cron would panic
		"unknown queue":     {"schedules: {b: '0 * * * *'}", `schedules.b: unknown queue; known are a`},
		"more than counted": {"schedules: {a: '* * * * *'}", "schedules.a: adds 60 jobs in 1h0m0s, but jobs.a is 10; they are a part of it"},
		"two specs":         {"schedules: {a: ['*/10 * * * *', '*/10 * * * *']}", "schedules.a: adds 12 jobs in 1h0m0s"},
	} {
		t.Run(name, func(t *testing.T) {
			text := `name: t
seed: 1
duration: 1h
jobs: {a: 10}
api_requests: 1
sms_checks: 0
cache: {reads: 0, writes: 0, deletes: 0}
keys: {count: 1, zipf_s: 0}
users: {count: 1, zipf_s: 0}
api_clients: {count: 1, zipf_s: 0}
pacing: {jobs_within: 1h, arrivals: poisson}
value_bytes: 2
` + c.change + "\n"
			_, err := profiles.Parse("t.yaml", []byte(text), queues)
			require.ErrorContains(t, err, c.want)
			require.ErrorContains(t, err, "t.yaml:13: ")
		})
	}
}

func TestRhythmNeedsPoisson(t *testing.T) {
	text := small + "rhythm: {hours: [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1], weekdays: [1,1,1,1,1,1,1]}\n"
	_, err := profiles.Parse("p.yaml", []byte(text), two)
	require.NoError(t, err)
	for _, arrivals := range []string{"constant", "burst, burst_every: 1s"} {
		_, err := profiles.Parse("p.yaml", []byte(strings.Replace(text, "poisson", arrivals, 1)), two)
		require.ErrorContains(t, err, "p.yaml:18: rhythm: cannot be kept with arrivals: "+arrivals[:5])
	}
}

func TestSchedulesAreInOrder(t *testing.T) {
	text := strings.NewReplacer("alpha: 3", "alpha: 30", "duration: 10s", "duration: 24h").Replace(small)
	p, err := profiles.Parse("p.yaml", []byte(text+"schedules: {beta: 0 9 * * *, alpha: [5 * * * *, 0 8 * * 1]}\n"), two)
	require.NoError(t, err)
	require.Equal(t, []profiles.Schedule{{"alpha", "0 8 * * 1"}, {"alpha", "5 * * * *"}, {"beta", "0 9 * * *"}}, p.Schedules)
	require.Equal(t, 25, p.Scheduled("alpha"))
	require.Equal(t, 1, p.Scheduled("beta"))
}

// TestClockOfTheLongestRun: the last nanoseconds of it are one number in floating point.
func TestClockOfTheLongestRun(t *testing.T) {
	r := profiles.Rhythm{Hours: make([]float64, 24), Weekdays: []float64{1, 1, 1, 1, 1, 1, 0}}
	r.Hours[5], r.Hours[9] = 1, 3
	clock, err := r.Clock(profiles.MaxDuration)
	require.NoError(t, err)
	at := clock(profiles.MaxDuration - 1)
	require.Less(t, at, profiles.MaxDuration)
	require.Equal(t, 9, profiles.Start.Add(at).Hour(), "the last hour with weight")
	require.Equal(t, 5, profiles.Start.Add(clock(0)).Hour(), "the first one")
}
