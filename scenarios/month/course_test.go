package month

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/fakes/upstash/ledger"
)

// TestCourseFromPartsOfALedger: however often the course is taken, each minute is in it once, and nothing from before the start.
func TestCourseFromPartsOfALedger(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		begin := time.Date(2000, 1, 2, 23, 50, 0, 0, time.UTC)
		now := begin
		l := ledger.New(ledger.Config{Clock: func() time.Time { return now }})
		start := begin.Add(time.Duration(rapid.IntRange(0, 30).Draw(t, "warm")) * time.Minute)
		l.ConnOpened(1)
		minutes := rapid.IntRange(1, 400).Draw(t, "minutes")
		want := make([]int64, minutes)
		var c Course
		for now.Before(start.Add(time.Duration(minutes) * time.Minute)) {
			if rapid.IntRange(0, 9).Draw(t, "take") == 0 {
				c.take(l.Minutes(), start, now.Truncate(time.Minute))
			}
			n := rapid.IntRange(0, 3).Draw(t, "billed")
			for range n {
				l.Record(ledger.Command{Component: rapid.SampledFrom([]string{"a", "b"}).Draw(t, "who"), Transport: ledger.TransportTCP, Name: "GET", Billed: true})
			}
			if minute := int(now.Sub(start) / time.Minute); !now.Before(start) {
				want[minute] += int64(n)
			}
			now = now.Add(time.Duration(rapid.IntRange(1, 300).Draw(t, "seconds")) * time.Second)
		}
		c.take(l.Minutes(), start, start.Add(time.Duration(minutes)*time.Minute))
		require.Equal(t, time.Duration(minutes)*time.Minute, c.Length())
		require.Equal(t, want, c.Totals(time.Minute))
		var sum, hourly int64
		for _, n := range want {
			sum += n
		}
		for _, n := range c.Totals(time.Hour) {
			hourly += n
		}
		require.Equal(t, sum, hourly)
		require.Equal(t, []int64{sum}, c.Totals(day))
		for _, open := range c.Open {
			require.EqualValues(t, 1, open)
		}
	})
}

func TestDearest(t *testing.T) {
	c := Course{Components: []string{"(other)", "cache", "queues"}, Billed: [][]int64{{0, 5}, {0, 1, 9}}, Open: []int64{1, 1}}
	require.Equal(t, []int{2, 1}, c.dearest())
}
