package ledger_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/fakes/upstash/ledger"
)

// clocked is a ledger whose clock stands still until it is moved.
type clocked struct {
	*ledger.Ledger
	now time.Time
}

func newClocked() *clocked {
	c := &clocked{now: time.Date(2026, 11, 23, 12, 0, 0, 250_000_000, time.UTC)}
	c.Ledger = ledger.New(ledger.Config{Clock: func() time.Time { return c.now }})
	return c
}

func (c *clocked) wait(d time.Duration) { c.now = c.now.Add(d) }

func (c *clocked) billed(component string, n int) {
	for range n {
		c.Record(ledger.Command{Component: component, Transport: ledger.TransportTCP, Name: "GET", Billed: true})
	}
}

func TestBreakdownOfNothing(t *testing.T) {
	b := newClocked().Breakdown()
	require.Zero(t, b.Start)
	require.Empty(t, b.Calls)
	require.NotNil(t, b.Seconds.Slots, "it is an array in JSON")
	require.Empty(t, b.Minutes.Slots)
}

func TestBreakdownCalls(t *testing.T) {
	l := newClocked()
	rest := func(c ledger.Command) ledger.Entry {
		c.Component, c.Transport = "web", ledger.TransportREST
		return l.Record(c)
	}
	rest(ledger.Command{Name: "SET", Billed: true, Times: 3})
	failed := rest(ledger.Command{Name: "SET", Billed: true, Times: 3})
	rest(ledger.Command{Name: "PING"})
	rest(ledger.Command{Name: "SLOWLOG GET", Unsupported: true})
	rest(ledger.Command{Name: "SLOWLOG GET", Unsupported: true})
	rest(ledger.Command{Name: "SET", Rejected: true})
	rest(ledger.Command{Name: "EVALSHA", Script: "abc", Billed: true})
	rest(ledger.Command{Name: "ZADD", Script: "abc", Inner: true, Billed: true})
	rest(ledger.Command{Name: "ZADD", Script: "abc", Inner: true, Billed: true})
	l.billed("worker", 1)
	l.Refund(failed)

	b := l.Breakdown()
	require.Equal(t, map[string]map[string]ledger.Calls{
		"rest": {
			"SET":              {Billed: 2, Free: 1, Charged: 6, Refunded: 3},
			"PING":             {Free: 1},
			ledger.Unsupported: {Free: 2},
			"EVALSHA":          {Billed: 1, Charged: 1},
			"ZADD":             {Billed: 2, Charged: 2},
		},
		"tcp": {"GET": {Billed: 1, Charged: 1}},
	}, b.Calls)
	require.ElementsMatch(t, []ledger.Refused{
		{Transport: "rest", Name: "SLOWLOG GET", Unsupported: true, Times: 2},
		{Transport: "rest", Name: "SET", Times: 1},
	}, b.Refused)
	require.Equal(t, map[string]map[string]int64{"abc": {"ZADD": 2}}, b.Callees)
	require.Equal(t, map[string]map[string]ledger.Counts{
		"web": {
			"SET":              {Wire: 3, Billed: 3},
			"PING":             {Wire: 1},
			ledger.Unsupported: {Wire: 2},
			"EVALSHA":          {Wire: 1, Billed: 1},
			"ZADD":             {Inner: 2, Billed: 2},
		},
		"worker": {"GET": {Wire: 1, Billed: 1}},
	}, b.Commands)
}

func TestBreakdownCommandsAreBounded(t *testing.T) {
	l := newClocked()
	l.billed("first", 1)
	for i := range ledger.MaxNames + 10 {
		l.billed(fmt.Sprint("c", i), 1)
	}
	l.billed("first", 1)
	b := l.Breakdown()
	require.Len(t, b.Commands, ledger.MaxNames+1)
	require.Equal(t, map[string]ledger.Counts{ledger.Other: {Wire: 11, Billed: 11}}, b.Commands[ledger.Other])
	require.Equal(t, map[string]ledger.Counts{"GET": {Wire: 2, Billed: 2}}, b.Commands["first"])
}

func TestTimeline(t *testing.T) {
	l := newClocked()
	start := l.now.Truncate(time.Second)
	l.ConnOpened(1)
	l.billed("a", 2)
	l.wait(30 * time.Second)
	l.ConnOpened(2)
	l.ConnClosed(2)
	l.wait(60 * time.Second)
	l.billed("b", 1)
	l.ConnClosed(1)
	l.wait(150 * time.Second) // nothing happens any more

	minutes := l.Breakdown().Minutes
	require.Equal(t, []string{ledger.Other, "a", "b"}, minutes.Components)
	require.Equal(t, []ledger.Slot{
		{At: start, Commands: 2, Billed: []int64{0, 2, 0}, Open: 2},
		{At: start.Add(1 * time.Minute), Commands: 1, Billed: []int64{0, 0, 1}, Open: 1},
		{At: start.Add(2 * time.Minute), Billed: []int64{0, 0, 0}},
		{At: start.Add(3 * time.Minute), Billed: []int64{0, 0, 0}},
		{At: start.Add(4 * time.Minute), Billed: []int64{0, 0, 0}},
	}, minutes.Slots)

	seconds := l.Breakdown().Seconds
	require.Len(t, seconds.Slots, 241)
	require.EqualValues(t, 1, seconds.Slots[29].Open, "held between events")
	require.EqualValues(t, 2, seconds.Slots[30].Open)
	require.EqualValues(t, 1, seconds.Slots[90].Open, "closed in that second")
	require.Zero(t, seconds.Slots[91].Open)
}

func TestTimelineRefund(t *testing.T) {
	l := newClocked()
	entry := l.Record(ledger.Command{Component: "a", Transport: ledger.TransportTCP, Name: "SET", Billed: true, Times: 2})
	l.wait(90 * time.Second)
	l.billed("a", 1)
	l.Refund(entry)
	slots := l.Breakdown().Minutes.Slots
	require.Equal(t, []int64{0, 0}, slots[0].Billed)
	require.Equal(t, []int64{0, 1}, slots[1].Billed)
	require.EqualValues(t, 1, slots[0].Commands, "it was sent all the same")
}

func TestTimelineIsBounded(t *testing.T) {
	l := newClocked()
	start := l.now.Truncate(time.Second)
	for i := range ledger.MaxColumns + 10 {
		l.billed(fmt.Sprint("c", i), 1)
	}
	l.wait(25 * time.Hour)
	l.billed("late", 3)
	old := ledger.Command{At: start.Add(time.Minute), Component: "c0", Transport: ledger.TransportTCP, Name: "GET", Billed: true}
	l.Record(old) // too long ago: counted, but in no minute

	b := l.Breakdown()
	require.Len(t, b.Minutes.Components, ledger.MaxColumns)
	require.Len(t, b.Minutes.Slots, ledger.MaxMinuteSlots)
	require.Len(t, b.Seconds.Slots, ledger.MaxSecondSlots)
	first, last := b.Minutes.Slots[0], b.Minutes.Slots[ledger.MaxMinuteSlots-1]
	require.Equal(t, start.Add(25*time.Hour), last.At)
	require.Equal(t, last.At.Add(-(ledger.MaxMinuteSlots-1)*time.Minute), first.At)
	require.EqualValues(t, 3, last.Billed[0], "late came after the columns were given out")
	require.EqualValues(t, ledger.MaxColumns+10+3+1, b.Calls["tcp"]["GET"].Billed)
}

func TestBreakdownIsBounded(t *testing.T) {
	l := newClocked()
	for i := range ledger.MaxNames + 100 {
		name := fmt.Sprint("CMD", i)
		l.Record(ledger.Command{Component: "a", Transport: ledger.TransportTCP, Name: name, Unsupported: true})
		l.Record(ledger.Command{Component: "a", Transport: ledger.TransportTCP, Name: name, Inner: true, Script: "s"})
		l.Record(ledger.Command{Component: "a", Transport: ledger.TransportTCP, Name: "GET", Inner: true, Script: name})
	}
	b := l.Breakdown()
	require.Len(t, b.Refused, ledger.MaxNames+1)
	require.Len(t, b.Callees, ledger.MaxNames)
	require.Len(t, b.Callees["s"], ledger.MaxCallees+1)
	require.LessOrEqual(t, len(b.Calls["tcp"]), ledger.MaxNames+1)
	require.EqualValues(t, ledger.MaxNames+100, b.Calls["tcp"][ledger.Unsupported].Free)
}

// TestTimelineAddsUp holds the timelines against the totals, whatever happens when.
func TestTimelineAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := newClocked()
		var entries []ledger.Entry
		open, opened := map[uint64]bool{}, uint64(0)
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 4).Draw(t, "what") {
			case 0:
				l.wait(time.Duration(rapid.IntRange(0, 90_000).Draw(t, "ms")) * time.Millisecond)
			case 1:
				opened++
				open[opened] = true
				l.ConnOpened(opened)
			case 2:
				if opened > 0 {
					delete(open, opened)
					l.ConnClosed(opened)
				}
			case 3:
				entries = append(entries, l.Record(ledger.Command{
					Component: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "component"), Transport: ledger.TransportTCP,
					Name: "SET", Billed: rapid.Bool().Draw(t, "billed"), Times: 2,
				}))
			default:
				if len(entries) > 0 {
					l.Refund(entries[len(entries)-1])
					entries = entries[:len(entries)-1]
				}
			}
		}
		s, minutes := l.Snapshot(), l.Breakdown().Minutes
		byComponent, commands := map[string]int64{}, int64(0)
		for _, slot := range minutes.Slots {
			commands += slot.Commands
			for column, n := range slot.Billed {
				byComponent[minutes.Components[column]] += n
			}
		}
		require.Equal(t, s.Total.Wire, commands)
		for name, counts := range s.ByComponent {
			require.Equal(t, counts.Billed, byComponent[name], name)
		}
		if n := len(minutes.Slots); n > 0 {
			require.GreaterOrEqual(t, minutes.Slots[n-1].Open, int64(len(open)))
			require.False(t, minutes.Slots[n-1].At.After(l.now))
		}
	})
}
