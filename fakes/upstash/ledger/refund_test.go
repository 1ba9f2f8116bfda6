package ledger_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/fakes/upstash/ledger"
)

func TestRefund(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	l := ledger.New(ledger.Config{Capacity: 3, Clock: func() time.Time { return now }})
	record := func(name string, times int64) ledger.Entry {
		return l.Record(ledger.Command{
			At: now, Component: "web", Transport: ledger.TransportTCP, Name: name, Script: "sha", Billed: times > 0, Times: times,
		})
	}
	forgotten := record("OLD", 1)
	first := record("SET", 3)
	now = now.Add(10 * time.Second)
	free := record("PING", 0)
	record("GET", 1)
	l.Refund(first)
	l.Refund(free)

	s := l.Snapshot()
	require.Equal(t, ledger.Counts{Wire: 4, Billed: 2}, s.Total)
	require.Equal(t, s.Total, s.ByComponent["web"])
	require.Equal(t, s.Total, s.ByScript["sha"])
	require.Equal(t, ledger.Counts{Wire: 1}, s.ByCommand["SET"])
	recent := l.Recent()
	require.Len(t, recent, 3)
	require.Equal(t, "SET", recent[0].Name)
	require.False(t, recent[0].Billed)
	require.Zero(t, recent[0].Times)
	require.True(t, recent[2].Billed)
	require.EqualValues(t, 1, l.Series()[0].Billed)
	require.EqualValues(t, 1, l.Series()[1].Billed)

	l.Refund(forgotten) // which Recent has dropped
	require.EqualValues(t, 1, l.Snapshot().Total.Billed)
	require.Zero(t, l.Series()[0].Billed)
	require.True(t, l.Recent()[2].Billed)
}
