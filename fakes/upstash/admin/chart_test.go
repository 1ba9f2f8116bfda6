package admin

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"tollgate/fakes/upstash/ledger"
)

func timeline(components []string, slots ...[]int64) ledger.Timeline {
	t := ledger.Timeline{Step: time.Second, Components: components}
	for _, billed := range slots {
		t.Slots = append(t.Slots, ledger.Slot{Billed: billed, Open: billed[0]})
	}
	return t
}

func TestBilledChart(t *testing.T) {
	tl := timeline([]string{ledger.Other, "a", "b"}, []int64{0, 1, 0}, []int64{0, 1, 3}, []int64{0, 0, 1})
	c := billedChart("id", "title", "a second", tl, groupsOf(tl), 4)
	require.EqualValues(t, 5, c.Top)
	require.EqualValues(t, 4, c.Peak)
	require.EqualValues(t, 4, c.Last, "the latest slot is not over yet")
	require.Equal(t, 4*time.Second, c.Span)
	require.Equal(t, []layer{
		{Name: "b", Colour: 1, Path: "M150.0 100H150.0V80.0H300.0V20.0H450.0V80.0H600V100Z"},
		{Name: "a", Colour: 0, Path: "M150.0 100H150.0V80.0H450.0V100.0H600V100Z"},
	}, c.Layers)
	require.Equal(t, "a", c.Legend()[0].Name)
}

func TestChartsOfNothing(t *testing.T) {
	empty := ledger.Timeline{Step: time.Second}
	require.Empty(t, billedChart("id", "t", "u", empty, groupsOf(empty), 10).Layers)
	c := openChart("id", "t", "u", empty, 10)
	require.EqualValues(t, 1, c.Top)
	require.Equal(t, "M600.0 100H600V100Z", c.Layers[0].Path)
}

func TestOpenChart(t *testing.T) {
	c := openChart("id", "t", "open", timeline([]string{ledger.Other}, []int64{2}, []int64{2}), 2)
	require.Equal(t, "M0.0 100H0.0V0.0H600V100Z", c.Layers[0].Path)
}

func TestGroupsKeepTheDearestInOrder(t *testing.T) {
	components, billed := []string{ledger.Other}, []int64{0}
	for i := range 8 {
		components = append(components, fmt.Sprint("c", i))
		billed = append(billed, int64(i))
	}
	var names []string
	for _, g := range groupsOf(timeline(components, billed)) {
		names = append(names, g.name)
	}
	require.Equal(t, []string{"c3", "c4", "c5", "c6", "c7", "2 others"}, names)
}

func TestAxisHoldsTheHighest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := chart{}
		heights := rapid.SliceOfN(rapid.Int64Range(0, math.MaxInt64/20), 1, 5).Draw(t, "heights")
		c.scale(heights)
		for _, h := range heights {
			require.LessOrEqual(t, h, c.Top)
		}
		require.LessOrEqual(t, c.Top, max(1, c.Peak*5/2+1))
	})
}

func TestNumber(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "−1,000"} {
		require.Equal(t, want, number(n))
	}
}
