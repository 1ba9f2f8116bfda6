package meter_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/fakes/upstash/ledger"
	"tollgate/fakes/upstash/meter"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// aMonth is how many minutes a month has.
const aMonth = 43_200

// minutes is a timeline of one component with that many billed commands in each minute and one open connection.
func minutes(billed ...int64) ledger.Timeline {
	t := ledger.Timeline{Step: time.Minute, Components: []string{ledger.Other, "app"}, Slots: []ledger.Slot{}}
	for i, n := range billed {
		t.Slots = append(t.Slots, ledger.Slot{
			At: noon.Add(time.Duration(i) * time.Minute), Commands: n, Billed: []int64{0, n}, Open: 1,
		})
	}
	return t
}

// project projects them when all are over.
func project(t ledger.Timeline) *meter.Projection {
	return meter.Project(t, noon.Add(time.Duration(len(t.Slots))*time.Minute))
}

func TestNothingBeforeTheFirstFullMinute(t *testing.T) {
	require.Nil(t, meter.Project(minutes(), noon))
	require.Nil(t, meter.Project(minutes(100), noon.Add(time.Minute-1)))
	require.NotNil(t, meter.Project(minutes(100), noon.Add(time.Minute)))
}

func TestMinuteUnderWayDoesNotCount(t *testing.T) {
	p := meter.Project(minutes(7, 7, 100), noon.Add(2*time.Minute+30*time.Second))
	require.Equal(t, 2, p.Seen.Minutes)
	require.EqualValues(t, 7*aMonth, p.TotalPerMonth)
}

func TestProjection(t *testing.T) {
	for _, c := range []struct {
		name        string
		billed      []int64
		rest, total float64 // per minute
		restMinutes int
		from        int // minute
		confidence  meter.Confidence
	}{
		{"one minute is both", []int64{30}, 30, 30, 1, 0, meter.Low},
		{"the quietest of two", []int64{90, 30}, 30, 60, 1, 1, meter.Low},
		{"a third of six", []int64{60, 10, 20, 60, 0, 90}, 15, 40, 2, 1, meter.Low},
		{"five of fifteen", []int64{99, 0, 99, 99, 10, 10, 11, 10, 9, 99, 99, 99, 99, 99, 99}, 10, 941. / 15, 5, 4, meter.Fair},
		{"steady", []int64{99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 10, 10, 12, 10, 10, 10}, 10.333333, 1052. / 16, 6, 10, meter.Good},
		{"silence is steady", make([]int64, 15), 0, 0, 5, 0, meter.Good},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := project(minutes(c.billed...))
			require.Equal(t, c.restMinutes, p.Rest.Minutes)
			require.Equal(t, noon.Add(time.Duration(c.from)*time.Minute), p.Rest.From)
			require.Equal(t, noon.Add(time.Duration(c.from+c.restMinutes)*time.Minute), p.Rest.To)
			require.InDelta(t, c.rest*aMonth, p.RestPerMonth, 1)
			require.InDelta(t, c.total*aMonth, p.TotalPerMonth, 1)
			require.Equal(t, p.TotalPerMonth-p.RestPerMonth, p.WorkPerMonth)
			require.Equal(t, c.confidence, p.Confidence)
			require.NotEmpty(t, p.Because)
		})
	}
}

func TestAbsentMinutesAreLeftOut(t *testing.T) {
	gone := func(slots []ledger.Slot) {
		for i := range slots {
			slots[i].Open = 0
		}
	}
	tcp := minutes(30, 30, 0, 0, 30, 0)
	gone(tcp.Slots[2:4])
	p := project(tcp)
	require.Equal(t, 2, p.Absent)
	require.Equal(t, 4, p.Seen.Minutes)
	require.InDelta(t, 90/4.*aMonth, p.TotalPerMonth, 1)
	require.Zero(t, p.RestPerMonth, "the last minute was silent with a connection open")

	rest := minutes(30, 30, 0, 0, 30, 0)
	gone(rest.Slots)
	p = project(rest)
	require.Zero(t, p.Absent, "who uses REST alone is there always")
	require.EqualValues(t, 15*aMonth, p.TotalPerMonth)
}

func TestComponentsAndCosts(t *testing.T) {
	timeline := minutes(10, 10, 10)
	timeline.Components = append(timeline.Components, "web", "once")
	for i, more := range [][]int64{{20, 0}, {0, 0}, {20, 4}} {
		timeline.Slots[i].Billed = append(timeline.Slots[i].Billed, more...)
	}
	p := project(timeline)
	require.Equal(t, []meter.Share{
		{Component: "app", TotalPerMonth: 10 * aMonth, RestPerMonth: 10 * aMonth},
		{Component: "web", TotalPerMonth: 40 * aMonth / 3},
		{Component: "once", TotalPerMonth: 4 * aMonth / 3},
	}, p.Components)

	require.Equal(t, 500_000-p.TotalPerMonth, p.Headroom)
	require.Negative(t, p.Headroom)
	free, payg := p.Costs[0], p.Costs[1]
	require.Equal(t, "free", free.Plan)
	require.Nil(t, free.Total, "it refuses so many")
	require.Zero(t, *free.Rest)
	require.Equal(t, "payg", payg.Plan)
	require.True(t, payg.Cheapest)
	require.InDelta(t, 0.2*float64(p.TotalPerMonth)/100_000, *payg.Total, 1e-9)
	require.InDelta(t, 0.2*float64(p.RestPerMonth)/100_000, *payg.Rest, 1e-9)
}

func drawn(t *rapid.T) []int64 {
	return rapid.SliceOfN(rapid.Int64Range(0, 1000), 1, 40).Draw(t, "billed")
}

func TestRestIsPartOfTheTotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := project(minutes(drawn(t)...))
		require.LessOrEqual(t, p.RestPerMonth, p.TotalPerMonth)
		require.GreaterOrEqual(t, p.WorkPerMonth, int64(0))
		require.LessOrEqual(t, p.Rest.Minutes, p.Seen.Minutes)
		require.LessOrEqual(t, float64(p.Rest.Least), p.Rest.PerMinute())
		require.GreaterOrEqual(t, float64(p.Rest.Most), p.Rest.PerMinute())
	})
}

// TestNoQuieterStretch looks at every stretch that is long enough.
func TestNoQuieterStretch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		billed := drawn(t)
		p := project(minutes(billed...))
		least := max(1, min(meter.RestMinutes, len(billed)/3))
		require.GreaterOrEqual(t, p.Rest.Minutes, least)
		for from := range billed {
			sum := int64(0)
			for i, n := range billed[from:] {
				if sum += n; i+1 >= least {
					require.LessOrEqual(t, p.Rest.PerMinute(), float64(sum)/float64(i+1)+1e-9)
				}
			}
		}
	})
}

// TestWorkIsToldFromRest puts work of any kind around a quiet stretch that is long enough.
func TestWorkIsToldFromRest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		idle := rapid.Int64Range(0, 500).Draw(t, "idle")
		busy := rapid.SliceOfN(rapid.Int64Range(1, 1000), 0, 20).Draw(t, "work")
		billed, work := []int64{}, int64(0)
		at := rapid.IntRange(0, len(busy)).Draw(t, "at")
		for i := 0; i <= len(busy); i++ {
			if i == at {
				billed = append(billed, idle, idle, idle, idle, idle)
			}
			if i < len(busy) {
				billed = append(billed, idle+busy[i])
				work += busy[i]
			}
		}
		p := project(minutes(billed...))
		require.Equal(t, idle*aMonth, p.RestPerMonth)
		require.InDelta(t, float64(work)/float64(len(billed))*aMonth, p.WorkPerMonth, 1)
	})
}

func TestMoreWorkLowersNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		billed := drawn(t)
		before := project(minutes(billed...))
		billed[rapid.IntRange(0, len(billed)-1).Draw(t, "minute")] += rapid.Int64Range(0, 1000).Draw(t, "more")
		after := project(minutes(billed...))
		require.GreaterOrEqual(t, after.TotalPerMonth, before.TotalPerMonth)
		require.GreaterOrEqual(t, after.RestPerMonth, before.RestPerMonth)
	})
}
