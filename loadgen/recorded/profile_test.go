package recorded_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/ledger"
	"tollgate/fakes/upstash/meter"
	"tollgate/fakes/upstash/plan"
	"tollgate/loadgen"
	"tollgate/loadgen/profiles"
	"tollgate/loadgen/recorded"
	"tollgate/system/thrift"
)

// The SHA-1 of asynq's script that enqueues, and of thrift's.
const (
	enqueue   = "98d28b42650870a743450ffda9791e9e19c6991b"
	thriftAdd = "94b0b1ee0d12fef30ea4f8be51f471a596da5c14"
)

func reference(t testing.TB) profiles.Profile {
	t.Helper()
	p, err := profiles.Load("reference-month", loadgen.Queues())
	require.NoError(t, err)
	return p
}

// book is a ledger of the fake on a clock that is moved by hand.
type book struct {
	*ledger.Ledger
	now time.Time
}

func newBook() *book {
	b := &book{now: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}
	b.Ledger = ledger.New(ledger.Config{Clock: func() time.Time { return b.now }})
	return b
}

func (b *book) record(times int, c ledger.Command) {
	c.Billed = true
	if c.Transport == "" {
		c.Transport = ledger.TransportTCP
	}
	for range times {
		b.Record(c)
	}
}

// sends has a component send a command.
func (b *book) sends(times int, component, name string) {
	b.record(times, ledger.Command{Component: component, Name: name})
}

// enqueues has a component add jobs by asynq's script.
func (b *book) enqueues(jobs int, component, queue string) {
	for _, name := range []string{"EVALSHA", "EXISTS", "HSET", "LPUSH"} {
		b.record(jobs, ledger.Command{Component: component, Name: name, Script: enqueue, Group: queue, Inner: name != "EVALSHA"})
	}
}

// account is the JSON that the fake would give.
func (b *book) account(t testing.TB) []byte {
	t.Helper()
	text, err := json.Marshal(meter.Take(b.Ledger, plan.Plan{}))
	require.NoError(t, err)
	return text
}

func (b *book) profile(t testing.TB, opts recorded.Options) (profiles.Profile, string) {
	t.Helper()
	opts.Reference = reference(t)
	text, err := recorded.Profile(bytes.NewReader(b.account(t)), opts)
	require.NoError(t, err)
	p, err := profiles.Parse("recorded.yaml", text, loadgen.Queues())
	require.NoError(t, err)
	return p, string(text)
}

// TestScriptsAreWhatTheyAreTakenFor: thrift knows asynq's scripts, and tests that it does.
func TestScriptsAreWhatTheyAreTakenFor(t *testing.T) {
	for sha, want := range map[string]string{
		enqueue: "asynq: enqueue", "297b3f9abfd963a3316434ef9d88fc5bf8a7ddc3": "asynq: enqueue",
		"8ce6b38a99b73194585c251eb3c2a89559f37a87": "asynq: schedule", "e9b8aa859a976a1fce09eaf723b4fccd02ba799e": "asynq: schedule",
		"074af2c5a4623800684c1b0e4e328c2500f06815": "asynq: add to group", "deeb77b98fd021a8a0279d8e7dd11a8a4546611a": "asynq: add to group",
		thriftAdd: "thrift: add",
	} {
		require.Equal(t, want, thrift.ScriptName(sha), sha)
		b := newBook()
		b.record(7, ledger.Command{Component: "any", Name: "HSET", Script: sha, Inner: true})
		b.now = b.now.Add(time.Hour)
		p, _ := b.profile(t, recorded.Options{})
		require.Equal(t, 7, p.JobCount(), want)
	}
}

func TestTrafficOfBothLimiters(t *testing.T) {
	b := newBook()
	b.sends(900, "cache", "GET")
	b.sends(30, "cache", "MGET")
	b.sends(200, "cache", "SET")
	b.sends(50, "cache", "DEL")
	b.sends(5, "cache", "PING")
	b.sends(70, "queues", "DEL") // the queues' own
	b.sends(3, "queues", "GET")
	for _, name := range []string{"ZREMRANGEBYSCORE", "ZCARD"} {
		b.sends(100, "ratelimit", name)
		b.sends(25, "sms", name)
	}
	for _, name := range []string{"ZADD", "EXPIRE"} {
		b.sends(90, "ratelimit", name) // 10 denied
		b.sends(25, "sms", name)
	}
	b.now = b.now.Add(time.Hour)
	p, text := b.profile(t, recorded.Options{})
	require.Equal(t, time.Hour, p.Duration)
	require.Equal(t, 930, p.Cache.Reads)
	require.Equal(t, 200, p.Cache.Writes)
	require.Equal(t, 50, p.Cache.Deletes)
	require.Equal(t, 100, p.APIRequests)
	require.Equal(t, 25, p.SMSChecks)
	require.Zero(t, p.JobCount())
	require.Equal(t, profiles.Ops{Reads: 105, Writes: 25, Deletes: 1}, p.Cache.ServiceShare, "25308, 6126 and 240 for 24000, rounded down")
	require.Nil(t, p.Rhythm)
	require.Contains(t, text, "# component cache: 900 GET, 30 MGET, which count as one read each\n  reads: 930\n")
	require.Contains(t, text, "# component ratelimit: 100 checks of the classic limiter, a ZREMRANGEBYSCORE each\napi_requests: 100\n")
	require.Contains(t, text, "# No rhythm: the account has less than a day of minutes.\n")

	lean := newBook()
	lean.sends(130, "ratelimit", "ZLEXCOUNT")
	lean.sends(120, "ratelimit", "ZADD")
	lean.sends(6, "ratelimit", "ZRANGEBYLEX")
	lean.now = lean.now.Add(time.Hour)
	p, _ = lean.profile(t, recorded.Options{})
	require.Equal(t, 120, p.APIRequests)

	lean.sends(50, "ratelimit", "ZREMRANGEBYSCORE") // a switch of stages while it was recorded
	lean.sends(50, "ratelimit", "ZADD")
	p, _ = lean.profile(t, recorded.Options{})
	require.Equal(t, 130+50, p.APIRequests, "the ZADDs of the two cannot be told apart")
}

func TestLimiterInMemoryIsNamed(t *testing.T) {
	b := newBook()
	b.enqueues(3, "queues", "calendar-sync")
	b.sends(2, "ratelimit", "ZADD")
	b.now = b.now.Add(time.Hour)
	p, text := b.profile(t, recorded.Options{})
	require.Zero(t, p.APIRequests)
	require.Contains(t, text, "# component ratelimit: unknown, as a limiter with its log in memory (SOLE_PROCESS) wrote it with 2 ZADD\n")
	require.Contains(t, text, "# component sms: no checks;")
}

func TestReferenceWithoutRequestsHasNoShare(t *testing.T) {
	b := newBook()
	b.sends(10, "ratelimit", "ZREMRANGEBYSCORE")
	b.sends(10, "cache", "GET")
	b.now = b.now.Add(time.Hour)
	month := reference(t)
	month.APIRequests = 0
	text, err := recorded.Profile(bytes.NewReader(b.account(t)), recorded.Options{Reference: month})
	require.NoError(t, err)
	require.Contains(t, string(text), "service_share: {reads: 0, writes: 0, deletes: 0}")
}

func TestJobsOfQueuesWithProducersOfTheirOwn(t *testing.T) {
	b := newBook()
	b.enqueues(40, "queue:calendar-sync:client", "calendar-sync")
	b.enqueues(2, "queue:webhook-renewal:client", "webhook-renewal")
	b.record(5000, ledger.Command{Component: "queue:token-refresh:server", Name: "EVALSHA", Script: "a8153319360adc71cdc370107f8ab9786f204765", Group: "token-refresh"})
	b.now = b.now.Add(time.Hour)
	p, text := b.profile(t, recorded.Options{})
	require.Equal(t, 42, p.JobCount())
	require.Equal(t, 40, p.Jobs["calendar-sync"])
	require.Equal(t, 2, p.Jobs["webhook-renewal"])
	require.Contains(t, text, "# 42 in all, an HSET each: 42 in scripts of asynq and thrift that add jobs, 0 sent as they are;\n"+
		"# by queue as their producers' connections (components queue:NAME:client) wrote them.")
}

func TestJobsOfQueuesThatShareConnections(t *testing.T) {
	b := newBook()
	b.enqueues(30, "queues", "calendar-sync")
	b.record(70, ledger.Command{Component: "queues", Name: "HSET", Group: "token-refresh"}) // as thrift writes new jobs
	b.record(50, ledger.Command{Component: "queues", Name: "LPUSH", Group: "token-refresh"})
	b.record(9, ledger.Command{Component: "queues", Name: "EXISTS", Group: ledger.Several})
	b.record(9, ledger.Command{Component: "web", Name: "HSET", Group: "cart"})
	b.now = b.now.Add(time.Hour)
	p, text := b.profile(t, recorded.Options{})
	require.Equal(t, 100, p.JobCount(), "the HSETs of others are no jobs")
	require.Equal(t, 50, p.Jobs["calendar-sync"], "120 of the 240 commands")
	require.Equal(t, 50, p.Jobs["token-refresh"])
	require.Contains(t, text, "by queue in proportion to the billed commands that went to the keys of each (groups).")

	b.record(4000, ledger.Command{Component: "queues", Name: "EXISTS", Group: "calendar-sync"}) // polling
	p, text = b.profile(t, recorded.Options{})
	sixtieth, err := reference(t).WithJobs(100)
	require.NoError(t, err)
	require.Equal(t, sixtieth.Jobs, p.Jobs)
	require.Contains(t, text, "by queue as in reference-month, since the account cannot tell them apart.")
}

func TestScaledToAMonth(t *testing.T) {
	b := newBook()
	b.enqueues(10, "queues", "calendar-sync")
	b.sends(33, "ratelimit", "ZREMRANGEBYSCORE")
	b.now = b.now.Add(10 * time.Hour)
	p, text := b.profile(t, recorded.Options{Month: true})
	require.Equal(t, profiles.Month, p.Duration)
	require.Equal(t, profiles.Month, p.Pacing.JobsWithin)
	require.Equal(t, 720, p.JobCount())
	require.Equal(t, 33*72, p.APIRequests)
	require.Contains(t, text, "All counts are scaled to a month: times 720h0m0s / 10h0m0s.")
	require.Contains(t, text, "0 sent as they are, times 72;")
	require.NotNil(t, p.Whole(), "a month is what other profiles can be a part of")
}

func TestRhythmOfTheLastDay(t *testing.T) {
	b := newBook()
	b.sends(7000, "ratelimit", "ZREMRANGEBYSCORE") // on the day before, at noon
	b.now = b.now.Add(13 * time.Hour)              // 01:00
	for hour := range 24 {
		switch {
		case b.now.Hour() == 9:
			b.sends(1800, "cache", "GET")
		case b.now.Hour() == 20:
			b.sends(1199, "sms", "ZREMRANGEBYSCORE")
		case b.now.Hour() == 3:
			b.sends(1, "cache", "GET")
		}
		b.sends(10*hour, "queues", "EVALSHA")
		b.now = b.now.Add(time.Hour)
	}
	p, text := b.profile(t, recorded.Options{})
	want := make([]float64, 24)
	want[9], want[20], want[3] = 600, 400, 1 // the last two rounded up
	require.Equal(t, want, p.Rhythm.Hours)
	require.Equal(t, []float64{1, 1, 1, 1, 1, 1, 1}, p.Rhythm.Weekdays)
	require.Equal(t, 37*time.Hour, p.Duration)
	require.NotContains(t, text, "No rhythm")
}

func TestNoRhythmOfQueuesAlone(t *testing.T) {
	b := newBook()
	b.enqueues(10, "queues", "calendar-sync")
	b.now = b.now.Add(30 * time.Hour)
	p, text := b.profile(t, recorded.Options{})
	require.Nil(t, p.Rhythm)
	require.Contains(t, text, "# No rhythm: cache and limiters did nothing on the last day of the account.")
}

func TestAccountsThatMakeNoProfile(t *testing.T) {
	span := func(d time.Duration, do func(b *book)) string {
		b := newBook()
		do(b)
		b.now = b.now.Add(d)
		return string(b.account(t))
	}
	snapshot, err := json.Marshal(newBook().Snapshot())
	require.NoError(t, err)
	reads := func(b *book) { b.sends(10, "cache", "GET") }
	for name, c := range map[string]struct{ account, want string }{
		"nothing at all":  {"", "it is not the JSON of one"},
		"a list":          {"[1]", "it is not the JSON of one"},
		"another text":    {`{"name": "x"}`, "it has no version; take what the fake has at /account, or prints at its end with --json"},
		"a snapshot":      {string(snapshot), "it is what the fake has at /ledger, which says nothing of time; take /account"},
		"a later version": {`{"version": 2}`, "its version is 2; version 1 is what can be read"},
		"without a start": {span(time.Hour, func(*book) {}), "nothing was recorded in it"},
		"short":           {span(59*time.Second, reads), "it covers 59s; at least 1m0s are needed"},
		"long":            {span(10_000*time.Hour, reads), "it covers 10000h0m0s; a profile lasts 9600h0m0s at most"},
		"of others":       {span(time.Hour, func(b *book) { b.sends(3, "web", "GET") }), `no jobs of asynq, and nothing of the components cache and ratelimit; what it has is of "web"`},
		"too many":        {strings.ReplaceAll(span(time.Hour, reads), `"wire":10,`, `"wire":1000001,`), "it makes more than the 1000000 arrivals that a profile may have"},
		"beyond":          {strings.ReplaceAll(span(time.Hour, reads), `"wire":10,`, `"wire":9000000000000000000,`), "it has numbers that are negative or beyond 1e+12"},
		"negative":        {strings.ReplaceAll(span(time.Hour, reads), `"wire":10,`, `"wire":-1,`), "it has numbers that are negative"},
		"old":             {strings.ReplaceAll(span(time.Hour, reads), `"commands":[{"name":"GET","wire":10,"inner":0,"billed":10}]`, `"x":[]`), "it comes from an older program; record it anew"},
		"large":           {strings.Repeat(" ", recorded.MaxBytes+1), "it has more than 67108864 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := recorded.Profile(strings.NewReader(c.account), recorded.Options{Reference: reference(t)})
			require.ErrorIs(t, err, recorded.ErrAccount)
			require.ErrorContains(t, err, c.want)
			require.NotContains(t, err.Error(), "\n")
			require.Empty(t, text)
		})
	}
}

func TestReaderThatFails(t *testing.T) {
	broken := errors.New("the disk is on fire")
	_, err := recorded.Profile(iotest.ErrReader(broken), recorded.Options{Reference: reference(t)})
	require.ErrorIs(t, err, broken)
	require.NotErrorIs(t, err, recorded.ErrAccount)
}

func ExampleProfile() {
	month, err := profiles.Load("reference-month", loadgen.Queues())
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = recorded.Profile(strings.NewReader(`{"version": 1, "since": null}`), recorded.Options{Reference: month})
	fmt.Println(err)
	// Output: no profile can be made of the account: nothing was recorded in it
}
