package meter_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/ledger"
	"tollgate/fakes/upstash/meter"
	"tollgate/fakes/upstash/plan"
)

func TestAccount(t *testing.T) {
	now := noon
	l := ledger.New(ledger.Config{Clock: func() time.Time { return now }})
	record := func(c ledger.Command, component, transport string) ledger.Entry {
		c.Component, c.Transport = component, transport
		return l.Record(c)
	}
	l.ConnOpened(1)
	l.ConnNamed(1, "worker")
	l.ConnOpened(2)
	l.ConnNamed(2, "watcher") // only holds a connection
	for range 3 {
		record(ledger.Command{Name: "GET", Billed: true}, "web", ledger.TransportREST)
	}
	record(ledger.Command{Name: "EVALSHA", Script: "s1", Billed: true}, "worker", ledger.TransportTCP)
	record(ledger.Command{Name: "EXPIRE", Script: "s1", Inner: true, Billed: true}, "worker", ledger.TransportTCP)
	record(ledger.Command{Name: "ZADD", Script: "s1", Inner: true, Billed: true}, "worker", ledger.TransportTCP)
	record(ledger.Command{Name: "ZADD", Script: "s1", Inner: true, Billed: true}, "worker", ledger.TransportTCP)
	l.Refund(record(ledger.Command{Name: "SET", Billed: true}, "worker", ledger.TransportTCP))
	record(ledger.Command{Name: "SLOWLOG", Unsupported: true}, "worker", ledger.TransportTCP)
	now = now.Add(time.Minute)

	free, err := plan.Lookup(plan.Free)
	require.NoError(t, err)
	a := meter.Take(l, free)
	require.Equal(t, meter.Version, a.Version)
	require.Equal(t, noon, *a.Since)
	require.Equal(t, now, a.At)
	require.Equal(t, ledger.Counts{Wire: 6, Inner: 3, Billed: 7}, a.Total)
	require.Equal(t, []meter.Transport{{Name: "rest", Commands: 3, Billed: 3}, {Name: "tcp", Commands: 6, Billed: 4}}, a.Transports)
	require.Equal(t, []meter.Component{
		{
			Name: "worker", Counts: ledger.Counts{Wire: 3, Inner: 3, Billed: 4}, Connections: ledger.ConnCounts{Open: 1, Peak: 1, Opened: 1},
			Commands: []meter.Command{
				{Name: "ZADD", Counts: ledger.Counts{Inner: 2, Billed: 2}},
				{Name: "EVALSHA", Counts: ledger.Counts{Wire: 1, Billed: 1}},
				{Name: "EXPIRE", Counts: ledger.Counts{Inner: 1, Billed: 1}},
				{Name: ledger.Unsupported, Counts: ledger.Counts{Wire: 1}},
				{Name: "SET", Counts: ledger.Counts{Wire: 1}}, // refunded
			},
		},
		{Name: "web", Counts: ledger.Counts{Wire: 3, Billed: 3}, Commands: []meter.Command{{Name: "GET", Counts: ledger.Counts{Wire: 3, Billed: 3}}}},
		{Name: "watcher", Connections: ledger.ConnCounts{Open: 1, Peak: 1, Opened: 1}, Commands: []meter.Command{}},
	}, a.Components)
	require.Equal(t, []string{"GET", "ZADD", "EVALSHA", "EXPIRE", "SET", "SLOWLOG"}, names(a.Commands))
	require.Equal(t, []meter.Script{{
		SHA1: "s1", Counts: ledger.Counts{Wire: 1, Inner: 3, Billed: 4},
		Calls: []meter.Callee{{Name: "ZADD", Times: 2}, {Name: "EXPIRE", Times: 1}},
	}}, a.Scripts)
	require.Equal(t, []ledger.Refused{{Transport: "tcp", Name: "SLOWLOG", Unsupported: true, Times: 1}}, a.Refused)
	require.EqualValues(t, 7*aMonth, a.Projection.TotalPerMonth)
}

func names(commands []meter.Command) (names []string) {
	for _, c := range commands {
		names = append(names, c.Name)
	}
	return names
}

// TestJSONHasNoNull except where it means that something is not known.
func TestJSONHasNoNull(t *testing.T) {
	text, err := json.Marshal(meter.Take(ledger.New(ledger.Config{}), plan.Plan{}))
	require.NoError(t, err)
	var fields map[string]any
	require.NoError(t, json.Unmarshal(text, &fields))
	for name, value := range fields {
		if name != "since" && name != "projection" {
			require.NotNil(t, value, name)
		}
	}
}

func ExampleProject() {
	now := noon
	l := ledger.New(ledger.Config{Clock: func() time.Time { return now }})
	for second := range 15 * 60 {
		now = noon.Add(time.Duration(second) * time.Second)
		if second%2 == 0 || second < 120 { // it polls, and works in the first two minutes
			l.Record(ledger.Command{Component: "worker", Transport: ledger.TransportTCP, Name: "RPOP", Billed: true})
		}
	}
	now = noon.Add(15 * time.Minute)
	p := meter.Take(l, plan.Plan{}).Projection
	fmt.Printf("rest: %d a month, from %d minutes (%s)\n", p.RestPerMonth, p.Rest.Minutes, p.Confidence)
	fmt.Printf("work: %d a month, from %d minutes\n", p.WorkPerMonth, p.Seen.Minutes)
	// Output:
	// rest: 1296000 a month, from 5 minutes (good)
	// work: 172800 a month, from 15 minutes
}

func TestScriptsAreKnownByTheirShortNames(t *testing.T) {
	require.Equal(t, "366ccf16", meter.Script{SHA1: "366ccf16da2d8c9ee8d3a0a8d0d3c4a0c5b2c0de"}.Short())
	require.Equal(t, "function:one", meter.Script{SHA1: "function:one"}.Short())
	require.Equal(t, "(other)", meter.Script{SHA1: "(other)"}.Short())
}
