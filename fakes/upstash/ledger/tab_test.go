package ledger_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/fakes/upstash/ledger"
)

// TestTabBooksWhatNoteBooks: once it is settled, the account is as if each command had been booked by itself.
func TestTabBooksWhatNoteBooks(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		cfg := ledger.Config{Capacity: 20, Clock: func() time.Time { return now }}
		one, together := ledger.New(cfg), ledger.New(cfg)
		tab := ledger.NewTab(together)
		for range rapid.IntRange(0, 60).Draw(rt, "steps") {
			switch rapid.IntRange(0, 9).Draw(rt, "what") {
			case 0:
				now = now.Add(rapid.SampledFrom([]time.Duration{1, time.Second, time.Hour}).Draw(rt, "later"))
			case 1:
				tab.Settle()
				require.Equal(rt, one.Snapshot(), together.Snapshot())
				require.Equal(rt, one.Recent(), together.Recent())
			default:
				c := drawCommand(rt, now)
				one.Note(c)
				tab.Note(c)
			}
		}
		tab.Settle()
		tab.Settle()
		require.Equal(rt, one.Snapshot(), together.Snapshot())
		require.Equal(rt, one.Recent(), together.Recent())
		require.Equal(rt, one.Series(), together.Series())
	})
}

func drawCommand(rt *rapid.T, now time.Time) ledger.Command {
	c := ledger.Command{
		At:        rapid.SampledFrom([]time.Time{{}, now}).Draw(rt, "at"),
		Component: rapid.SampledFrom([]string{"cache", "queue"}).Draw(rt, "component"),
		Transport: ledger.TransportTCP,
		Name:      rapid.SampledFrom([]string{"GET", "EVALSHA"}).Draw(rt, "name"),
		Group:     rapid.SampledFrom([]string{"", "", "a"}).Draw(rt, "group"),
		Billed:    rapid.Bool().Draw(rt, "billed"),
		Rejected:  rapid.IntRange(0, 9).Draw(rt, "rejected") == 0,
	}
	if c.Name == "EVALSHA" {
		c.Script, c.Inner = "sha", rapid.Bool().Draw(rt, "inner")
	}
	if c.Billed {
		c.Times = rapid.Int64Range(0, 2).Draw(rt, "times")
	}
	return c
}
