package recorded

import (
	"math"
	"slices"
	"time"
)

const (
	// aDay is how many minutes there must be. An account keeps no more than that.
	aDay = 24 * 60
	// perDay is what the weights of the hours add up to, about.
	perDay = 1000
)

// hours is how busy the hours of a day were, in UTC and in thousandths of the day, or why that is not known. Only cache and
// limiters count: queues poll when nothing happens, too.
func (a account) hours() (weights []int, unknown string) {
	m := a.Minutes
	if m.Step != time.Minute || len(m.Slots) < aDay {
		return nil, "the account has less than a day of minutes"
	}
	var sums [24]float64
	day := 0.0
	for _, s := range m.Slots {
		for column, billed := range s.Billed[:min(len(s.Billed), len(m.Components))] {
			if slices.Contains([]string{cacheComponent, apiComponent, smsComponent}, m.Components[column]) {
				sums[s.At.UTC().Hour()] += float64(billed)
				day += float64(billed)
			}
		}
	}
	if day == 0 {
		return nil, "cache and limiters did nothing on the last day of the account"
	}
	for _, sum := range sums {
		weights = append(weights, int(math.Ceil(perDay*sum/day))) // never 0 for an hour that had something
	}
	return weights, ""
}
