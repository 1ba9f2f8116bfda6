package recorded_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/fakes/upstash/ledger"
	"tollgate/loadgen"
	"tollgate/loadgen/profiles"
	"tollgate/loadgen/recorded"
)

// TestEveryLedgerMakesAProfileOrIsRefused: whatever was recorded, the text is a profile with the counts that the ledger has,
// or there is a reason in one line.
func TestEveryLedgerMakesAProfileOrIsRefused(t *testing.T) {
	month := reference(t)
	component := rapid.SampledFrom([]string{
		"cache", "ratelimit", "sms", "queues", "queue:calendar-sync:client", "queue:token-refresh:server", "queue:fax:client", "web", "(unnamed)", "a: b # c\n",
	})
	command := rapid.SampledFrom([]string{"GET", "MGET", "SET", "DEL", "HSET", "ZADD", "ZLEXCOUNT", "ZREMRANGEBYSCORE", "EVALSHA"})
	script := rapid.SampledFrom([]string{"", enqueue, thriftAdd, "a8153319360adc71cdc370107f8ab9786f204765"})
	tag := rapid.SampledFrom([]string{"", "calendar-sync", "token-refresh", "fax", ledger.Several})
	rapid.Check(t, func(rt *rapid.T) {
		b := newBook()
		begin := b.now
		var jobs, reads int64
		for range rapid.IntRange(0, 20).Draw(rt, "records") {
			c := ledger.Command{Component: component.Draw(rt, "who"), Name: command.Draw(rt, "what"), Script: script.Draw(rt, "script"), Group: tag.Draw(rt, "tag")}
			c.Inner = c.Script != "" && rapid.Bool().Draw(rt, "inner")
			times := rapid.IntRange(1, 500).Draw(rt, "times")
			b.record(times, c)
			queues := c.Component == "queues" || len(c.Component) > 6 && c.Component[:6] == "queue:"
			adds := c.Inner && (c.Script == enqueue || c.Script == thriftAdd)
			if c.Name == "HSET" && (adds || queues && !c.Inner) {
				jobs += int64(times)
			}
			if c.Component == "cache" && (c.Name == "GET" || c.Name == "MGET") && !c.Inner {
				reads += int64(times)
			}
			b.now = b.now.Add(time.Duration(rapid.IntRange(0, 7200).Draw(rt, "seconds")) * time.Second)
		}
		scaled := rapid.Bool().Draw(rt, "month")
		text, err := recorded.Profile(bytes.NewReader(b.account(t)), recorded.Options{Reference: month, Month: scaled})
		if err != nil {
			require.ErrorIs(rt, err, recorded.ErrAccount)
			require.NotContains(rt, err.Error(), "\n")
			return
		}
		p, err := profiles.Parse("recorded.yaml", text, loadgen.Queues())
		require.NoError(rt, err, string(text))
		factor := 1.0
		if scaled {
			factor = profiles.Month.Seconds() / b.now.Sub(begin).Seconds()
			require.Equal(rt, profiles.Month, p.Duration)
		} else {
			require.Equal(rt, b.now.Sub(begin), p.Duration)
		}
		require.InDelta(rt, factor*float64(jobs), p.JobCount(), 0.5)
		require.InDelta(rt, factor*float64(reads), p.Cache.Reads, 0.5)
		require.Empty(rt, p.Schedules)
		if p.ArrivalCount() < 10_000 { // more take long
			_, err = loadgen.NewSchedule(p)
			require.NoError(rt, err)
		}
	})
}

// FuzzProfile looks for panics, for errors that are neither, and for texts that are no profile.
func FuzzProfile(f *testing.F) {
	b := newBook()
	b.enqueues(3, "queue:calendar-sync:client", "calendar-sync")
	b.sends(5, "cache", "GET")
	b.now = b.now.Add(time.Minute)
	f.Add(b.account(f), false)
	f.Add([]byte(`{"version":1,"at":"2026-11-23T12:01:00Z","since":"2026-11-23T12:00:00Z","components":[{"name":"ratelimit","commands":[{"name":"ZREMRANGEBYSCORE","wire":7}]}],"minutes":{"step_ns":60000000000,"components":["cache"],"slots":[{"at":"2026-11-23T12:00:00Z","billed":[1,2]}]}}`), true)
	month := reference(f)
	f.Fuzz(func(t *testing.T, data []byte, scaled bool) {
		text, err := recorded.Profile(bytes.NewReader(data), recorded.Options{Reference: month, Month: scaled})
		if err != nil {
			require.ErrorIs(t, err, recorded.ErrAccount)
			return
		}
		_, err = profiles.Parse("recorded.yaml", text, loadgen.Queues())
		require.NoError(t, err)
	})
}
