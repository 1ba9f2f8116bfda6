package main

import (
	"cmp"
	"encoding/json"
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

// row is what the rounds of one place come to. Percentages are of the direct way in the same round.
type row struct {
	Depth     int       `json:"depth"`
	Test      string    `json:"test"`
	Way       string    `json:"way"`
	Rate      float64   `json:"requests_per_second"` // the median
	OfDirect  float64   `json:"percent_of_direct"`   // the median
	Lowest    float64   `json:"lowest_percent"`
	Highest   float64   `json:"highest_percent"`
	RoundRate []float64 `json:"rounds"` // requests a second of each
}

// rows are in the order of depth, test and way.
func (r rates) rows() []row {
	order := []string{direct, viaFake, viaToxic}
	places := slices.SortedFunc(maps.Keys(r), func(a, b place) int {
		return cmp.Or(cmp.Compare(a.depth, b.depth), -cmp.Compare(a.test, b.test),
			cmp.Compare(slices.Index(order, a.way), slices.Index(order, b.way)))
	})
	rows := make([]row, len(places))
	for i, at := range places {
		ratios := make([]float64, len(r[at]))
		for round, rate := range r[at] {
			ratios[round] = 100 * rate / r[place{at.depth, at.test, direct}][round]
		}
		rows[i] = row{at.depth, at.test, at.way, median(r[at]), median(ratios), slices.Min(ratios), slices.Max(ratios), r[at]}
	}
	return rows
}

// print writes a table: the median rate of each way, and the median over rounds of
// its ratio to the direct one in the same round.
func (r rates) print(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "depth\ttest\tby way of\trequests/s\tof direct\tlowest\thighest\t")
	for _, row := range r.rows() {
		fmt.Fprintf(table, "%d\t%s\t%s\t%.0f\t%.0f %%\t%.0f %%\t%.0f %%\t\n",
			row.Depth, row.Test, row.Way, row.Rate, row.OfDirect, row.Lowest, row.Highest)
	}
	return table.Flush()
}

// printJSON writes the same, and the rate of each round.
func (r rates) printJSON(w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(r.rows())
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}
