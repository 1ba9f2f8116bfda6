package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
)

// place is what a rate is of.
type place struct {
	depth int
	test  string
	way   string
}

// rates are requests a second, one for each round.
type rates map[place][]float64

// print writes a table: the median rate of each way, and the median over rounds of
// its ratio to the direct one in the same round.
func (r rates) print(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "depth\ttest\tby way of\trequests/s\tof direct\tlowest\thighest\t")
	order := []string{direct, viaFake, viaToxic}
	places := slices.SortedFunc(maps.Keys(r), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.depth, b.depth), -cmp.Compare(a.test, b.test),
			cmp.Compare(slices.Index(order, a.way), slices.Index(order, b.way)))
	})
	for _, at := range places {
		ratios := make([]float64, len(r[at]))
		for round, rate := range r[at] {
			ratios[round] = 100 * rate / r[place{at.depth, at.test, direct}][round]
		}
		fmt.Fprintf(table, "%d\t%s\t%s\t%.0f\t%.0f %%\t%.0f %%\t%.0f %%\t\n", at.depth, at.test, at.way,
			median(r[at]), median(ratios), slices.Min(ratios), slices.Max(ratios))
	}
	return table.Flush()
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}
