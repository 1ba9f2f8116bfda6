package profiles_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/loadgen/profiles"
)

// small is a valid profile of two queues; the tests below spoil it.
const small = `name: small
seed: 7
duration: 10s
jobs:
  alpha: 3
  beta: 1
api_requests: 20
sms_checks: 2
cache:
  reads: 10
  writes: 4
  deletes: 1
keys: {count: 5, zipf_s: 1.1}
users: {count: 4, zipf_s: 0}
api_clients: {count: 3, zipf_s: 0.5}
pacing: {jobs_within: 6s, arrivals: poisson}
value_bytes: 64
`

var two = []string{"alpha", "beta"}

func TestParseReadsEveryField(t *testing.T) {
	text := strings.NewReplacer(
		"name: small", "name: small\ndescription: a test",
		"  deletes: 1", "  deletes: 1\n  service_share: {reads: 3, writes: 2, deletes: 0}",
		"arrivals: poisson", "arrivals: burst, burst_every: 500ms",
	).Replace(small) + "scale: {of: big, divisor: 2.5}\n"
	p, err := profiles.Parse("small.yaml", []byte(text), two)
	require.NoError(t, err)
	require.Equal(t, profiles.Profile{
		Name: "small", Description: "a test", Seed: 7, Duration: 10 * time.Second,
		Jobs: map[string]int{"alpha": 3, "beta": 1}, APIRequests: 20, SMSChecks: 2,
		Cache: profiles.Cache{
			Ops:          profiles.Ops{Reads: 10, Writes: 4, Deletes: 1},
			ServiceShare: profiles.Ops{Reads: 3, Writes: 2},
		},
		Keys: profiles.Popularity{Count: 5, ZipfS: 1.1}, Users: profiles.Popularity{Count: 4},
		APIClients: profiles.Popularity{Count: 3, ZipfS: 0.5},
		Pacing:     profiles.Pacing{JobsWithin: 6 * time.Second, Arrivals: profiles.Burst, BurstEvery: 500 * time.Millisecond},
		ValueBytes: 64, Scale: &profiles.Scale{Of: "big", Divisor: 2.5},
	}, p)
}

func TestParseNamesEachProblem(t *testing.T) {
	for _, tc := range []struct{ name, old, new, want string }{
		{"unknown field", "api_requests: 20", "api_requests: 20\napi_request: 3", `p.yaml:8: api_request: unknown field; known are name, description, seed,`},
		{"unknown nested field", "  writes: 4", "  writes: 4\n  lists: 1", `p.yaml:12: cache.lists: unknown field; known are reads, writes, deletes, service_share`},
		{"missing field", "sms_checks: 2\n", "", `p.yaml:1: sms_checks: missing field`},
		{"missing nested field", "count: 4, ", "", `p.yaml:14: users.count: missing field`},
		{"negative count", "alpha: 3", "alpha: -3", `p.yaml:5: jobs.alpha: -3 is negative; use 0 or more`},
		{"fraction", "alpha: 3", "alpha: 3.5", `p.yaml:5: jobs.alpha: "3.5" is not a whole number`},
		{"count beyond all bounds", "alpha: 3", "alpha: 99999999999999999999", `p.yaml:5: jobs.alpha: "99999999999999999999" is not a whole number`},
		{"count too large", "alpha: 3", "alpha: 1000001", `p.yaml:5: jobs.alpha: 1000001 is out of range; use 0 to 1000000`},
		{"unknown queue", "beta: 1", "beta: 1\n  gamma: 2", `p.yaml:7: jobs.gamma: unknown queue; known are alpha, beta`},
		{"missing queue", "  beta: 1\n", "", `p.yaml:5: jobs.beta: missing queue`},
		{"queue twice", "beta: 1", "beta: 1\n  beta: 2", `p.yaml:7: jobs.beta: given twice; keep one`},
		{"jobs as a list", "jobs:\n  alpha: 3\n  beta: 1", "jobs: [1, 2]", `p.yaml:4: jobs: is a list; a mapping of queues is needed here`},
		{"empty value", "seed: 7", "seed:", `p.yaml:2: seed: is empty; a whole number is needed here`},
		{"negative seed", "seed: 7", "seed: -7", `p.yaml:2: seed: "-7" is not a seed`},
		{"not a duration", "duration: 10s", "duration: 10", `p.yaml:3: duration: "10" is not a duration; write it like 20s or 720h`},
		{"no time", "duration: 10s", "duration: 0s", `p.yaml:3: duration: 0s is out of range`},
		{"zipf out of range", "zipf_s: 1.1", "zipf_s: -1", `p.yaml:13: keys.zipf_s: -1 is out of range; use 0 to 10`},
		{"zipf not a number", "zipf_s: 1.1", "zipf_s: .nan", `p.yaml:13: keys.zipf_s: ".nan" is not a number`},
		{"zipf NaN", "zipf_s: 1.1", "zipf_s: NaN", `p.yaml:13: keys.zipf_s: NaN is out of range; use 0 to 10`},
		{"no members", "count: 5", "count: 0", `p.yaml:13: keys.count: 0 is out of range; use 1 to 1000000`},
		{"unknown arrivals", "arrivals: poisson", "arrivals: regular", `p.yaml:16: pacing.arrivals: "regular" is unknown; use one of [poisson constant burst]`},
		{"burst without interval", "arrivals: poisson", "arrivals: burst", `p.yaml:16: pacing.burst_every: missing`},
		{"interval without burst", "arrivals: poisson", "arrivals: constant, burst_every: 1s", `p.yaml:16: pacing.burst_every: has no effect with arrivals: constant`},
		{"interval too long", "arrivals: poisson", "arrivals: burst, burst_every: 7s", `p.yaml:16: pacing.burst_every: 7s is longer than jobs_within 6s`},
		{"jobs longer than run", "jobs_within: 6s", "jobs_within: 11s", `p.yaml:1: pacing.jobs_within: 11s is longer than duration 10s`},
		{"share above total", "  deletes: 1", "  deletes: 1\n  service_share: {reads: 11, writes: 0, deletes: 0}", `p.yaml:10: cache.service_share.reads: 11 is more than the total of 10`},
		{"value without room for quotes", "value_bytes: 64", "value_bytes: 1", `p.yaml:17: value_bytes: 1 is out of range; use 2 to 1048576`},
		{"wrong scale", "value_bytes: 64", "value_bytes: 64\nscale: {of: big, divisor: 0}", `p.yaml:18: scale.divisor: 0 is out of range; use 0.001 to 1e+06`},
		{"alias", "seed: 7\nduration: 10s", "seed: &x 7\nduration: *x", `p.yaml:3: duration: is an alias; a duration such as 20s is needed here`},
		{"bad name", "name: small", "name: Small One", `p.yaml:1: name: "Small One" is not a profile name`},
		{"not a mapping", small, "just words", `p.yaml:1: is the value "just words"; a mapping of fields is needed here`},
		{"not YAML", "seed: 7", "seed: {7", `not YAML: did not find`},
		{"empty", small, "", `p.yaml: the file is empty`},
		{"two documents", "value_bytes: 64", "value_bytes: 64\n---\nname: other", `p.yaml: more than one document`},
		{"nothing to do", small, strings.NewReplacer("alpha: 3", "alpha: 0", "beta: 1", "beta: 0", "requests: 20", "requests: 0",
			"reads: 10", "reads: 0", "writes: 4", "writes: 0", "deletes: 1", "deletes: 0").Replace(small), `p.yaml:1: nothing to do`},
		{"too much", "api_requests: 20", "api_requests: 1000000", `p.yaml:1: 1000019 arrivals are more than the 1000000 one profile may cause`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			spoilt := strings.Replace(small, tc.old, tc.new, 1)
			require.NotEqual(t, small, spoilt, "the test must change something")
			_, err := profiles.Parse("p.yaml", []byte(spoilt), two)
			require.ErrorIs(t, err, profiles.ErrInvalid)
			require.Contains(t, err.Error(), tc.want)
			var all *profiles.Error
			require.ErrorAs(t, err, &all)
			require.Len(t, all.Problems, 1, err)
		})
	}
}

func TestParseReportsAllProblemsInOrder(t *testing.T) {
	text := strings.NewReplacer("alpha: 3", "alpha: -3", "beta: 1", "betta: 1", "reads: 10", "reads: many", "keys:", "kees:").Replace(small)
	_, err := profiles.Parse("p.yaml", []byte(text), two)
	var all *profiles.Error
	require.ErrorAs(t, err, &all)
	var fields []string
	for _, p := range all.Problems {
		fields = append(fields, p.Field)
	}
	require.Equal(t, []string{"keys", "jobs.alpha", "jobs.beta", "jobs.betta", "cache.reads", "kees"}, fields)
	require.Len(t, strings.Split(err.Error(), "\n"), 6)
}

func TestParseRefusesALargeFile(t *testing.T) {
	_, err := profiles.Parse("p.yaml", make([]byte, profiles.MaxBytes+1), two)
	require.ErrorContains(t, err, "p.yaml: 1048577 bytes are more than the 1048576 a profile may have")
}

func TestLoad(t *testing.T) {
	write := func(t *testing.T, text string) string {
		path := filepath.Join(t.TempDir(), "own.yaml")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	builtin, err := os.ReadFile("phase.yaml")
	require.NoError(t, err)

	t.Run("file", func(t *testing.T) {
		p, err := profiles.Load(write(t, string(builtin)), queues)
		require.NoError(t, err)
		require.Equal(t, load(t, "phase"), p)
	})
	t.Run("file of wrong scale", func(t *testing.T) {
		path := write(t, strings.Replace(string(builtin), "api_requests: 4000", "api_requests: 4002", 1))
		_, err := profiles.Load(path, queues)
		require.ErrorIs(t, err, profiles.ErrInvalid)
		require.EqualError(t, err, path+": api_requests: wrong scale: 4002, but reference-month has 24000, and 24000 / 6 = 4000.00")
	})
	of := func(origin string) string {
		return strings.Replace(string(builtin), "of: reference-month", "of: "+origin, 1)
	}
	t.Run("file that is part of a part", func(t *testing.T) {
		_, err := profiles.Load(write(t, of("phase")), queues)
		require.ErrorContains(t, err, `scale.of: "phase" is a part of "reference-month" itself`)
		_, err = profiles.Load(write(t, of("own.yaml")), queues)
		require.ErrorContains(t, err, `scale.of: "own.yaml" is a part of "own.yaml" itself`)
	})
	t.Run("file that is part of an unknown one", func(t *testing.T) {
		_, err := profiles.Load(write(t, of("year")), queues)
		require.ErrorIs(t, err, profiles.ErrUnknownProfile)
		require.ErrorContains(t, err, "own.yaml: scale.of")
		_, err = profiles.Load(write(t, of("./year.yaml")), queues)
		require.ErrorIs(t, err, os.ErrNotExist)
	})
	t.Run("file that is part of another file", func(t *testing.T) {
		path := write(t, of("week.yaml"))
		month, err := os.ReadFile("reference-month.yaml")
		require.NoError(t, err)
		week := strings.ReplaceAll(string(month), "720h", "168h")
		require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(path), "week.yaml"), []byte(week), 0o600))
		p, err := profiles.Load(path, queues)
		require.NoError(t, err)
		require.Equal(t, "week.yaml", p.Scale.Of)
		require.InDelta(t, 6, p.Scale.Divisor, 0)
		require.Nil(t, p.Whole(), "a week is no month")
	})
	t.Run("file that is not there", func(t *testing.T) {
		_, err := profiles.Load("no/such.yaml", queues)
		require.ErrorIs(t, err, os.ErrNotExist)
		require.ErrorContains(t, err, "no/such.yaml")
	})
	t.Run("directory", func(t *testing.T) {
		dir := t.TempDir()
		_, err := profiles.Load(dir, queues)
		require.ErrorContains(t, err, dir)
	})
	t.Run("unknown name", func(t *testing.T) {
		_, err := profiles.Load("fase", queues)
		require.ErrorIs(t, err, profiles.ErrUnknownProfile)
		require.ErrorContains(t, err, `"fase"; built in are phase, reference-month`)
	})
	t.Run("large file", func(t *testing.T) {
		_, err := profiles.Load(write(t, strings.Repeat("#\n", profiles.MaxBytes)), queues)
		require.ErrorContains(t, err, "more than the 1048576")
	})
}

// FuzzParse looks for panics, for profiles that break their own rules, and for
// errors that name no problem.
func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte(small + "rhythm: {hours: [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1], weekdays: [1,1,1,1,1,1,1]}\nschedules: {alpha: '*/5 * * * *'}\n"))
	f.Add([]byte(small + "schedules: {alpha: [TZ=0, '0 9 * * *']}\n"))
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte("jobs: {alpha: -1}\n---\n"))
	f.Add([]byte("{name: x, name: y, ? [complex] : z}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := profiles.Parse("fuzz.yaml", data, two)
		if err != nil {
			var all *profiles.Error
			require.ErrorAs(t, err, &all)
			require.NotEmpty(t, all.Problems)
			require.Equal(t, profiles.Profile{}, p)
			return
		}
		require.Equal(t, two, p.Queues())
		require.Positive(t, p.ArrivalCount())
		require.LessOrEqual(t, p.ArrivalCount(), profiles.MaxArrivals)
		require.LessOrEqual(t, p.Pacing.JobsWithin, p.Duration)
		for _, queue := range p.Queues() {
			require.LessOrEqual(t, p.Scheduled(queue), p.Jobs[queue])
		}
		if p.Rhythm != nil {
			clock, err := p.Rhythm.Clock(p.Duration)
			require.NoError(t, err)
			require.Less(t, clock(p.Duration-1), p.Duration)
		}
		direct := p.DirectCache()
		require.GreaterOrEqual(t, min(direct.Reads, direct.Writes, direct.Deletes), 0)
	})
}
