package month

import (
	"time"

	"tollgate/fakes/upstash/ledger"
)

// Course is what was billed and how many connections there were, minute by minute from the start of the counted time.
type Course struct {
	// Components names the columns of Billed.
	Components []string `json:"components"`
	// Billed has for each minute what was billed, by column; columns at the end may be missing.
	Billed [][]int64 `json:"billed"`
	// Open is, for each minute, the most TCP connections that were open at one time in it.
	Open []int64 `json:"open"`
}

// take adds the timeline's minutes from the first that is missing up to the one that begins at until, which is left out. start
// is when the course begins.
func (c *Course) take(t ledger.Timeline, start, until time.Time) {
	c.Components = t.Components
	for _, slot := range t.Slots {
		next := start.Add(time.Duration(len(c.Open)) * time.Minute)
		if slot.At.Before(next) || !slot.At.Before(until) {
			continue
		}
		c.Billed = append(c.Billed, slot.Billed)
		c.Open = append(c.Open, slot.Open)
	}
}

// Length is how long the course is.
func (c Course) Length() time.Duration { return time.Duration(len(c.Open)) * time.Minute }

// Sums adds the minutes up in steps of the given length, by column; the last step may be shorter.
func (c Course) Sums(step time.Duration) [][]int64 {
	each := int(step / time.Minute)
	sums := make([][]int64, 0, (len(c.Billed)+each-1)/each)
	for i, billed := range c.Billed {
		if i%each == 0 {
			sums = append(sums, make([]int64, len(c.Components)))
		}
		for column, n := range billed {
			sums[len(sums)-1][column] += n
		}
	}
	return sums
}

// Totals is Sums of all columns together.
func (c Course) Totals(step time.Duration) []int64 {
	sums := c.Sums(step)
	totals := make([]int64, len(sums))
	for i, columns := range sums {
		for _, n := range columns {
			totals[i] += n
		}
	}
	return totals
}
