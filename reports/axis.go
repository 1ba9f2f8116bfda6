package reports

import (
	"math"
	"strconv"
)

// axis maps values from low..high to pixels from..to.
type axis struct {
	low, high float64
	from, to  float64
	step      float64 // distance between ticks, 1, 2 or 5 times a power of ten
	named     []mark  // what it is marked with where that is not the plain numbers of ticks
}

// mark is a tick with its text.
type mark struct {
	value float64
	text  string
}

// newAxis returns an axis for low..high with about n ticks. Round widens it to
// whole ticks on both ends.
func newAxis(low, high, from, to float64, n int, round bool) axis {
	if !(high > low) {
		high = low + 1
	}
	a := axis{low: low, high: high, from: from, to: to, step: niceStep((high - low) / float64(n))}
	if round {
		a.low = math.Floor(low/a.step) * a.step
		a.high = math.Ceil(high/a.step) * a.step
	}
	return a
}

// niceStep returns the next of 1, 2, 5, 10, 20, ... at or above rough.
func niceStep(rough float64) float64 {
	if rough <= 0 || !finite(rough) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(rough)))
	for _, factor := range []float64{1, 2, 5} {
		if factor*power >= rough*(1-1e-9) {
			return factor * power
		}
	}
	return 10 * power
}

// at returns the pixel of a value.
func (a axis) at(value float64) float64 {
	return a.from + (value-a.low)/(a.high-a.low)*(a.to-a.from)
}

// maxTicks bounds the loop of ticks where steps vanish in the precision of floats.
const maxTicks = 50

// ticks returns the values at which the axis is marked, all within low..high.
func (a axis) ticks() []float64 {
	var values []float64
	first := math.Ceil(a.low/a.step - 1e-9)
	for i := range maxTicks {
		value := (first + float64(i)) * a.step
		if value > a.high+a.step*1e-9 {
			break
		}
		values = append(values, value)
	}
	return values
}

// marks returns the ticks with their texts.
func (a axis) marks() []mark {
	if a.named != nil {
		return a.named
	}
	var all []mark
	for _, tick := range a.ticks() {
		all = append(all, mark{tick, tickText(tick, a.step)})
	}
	return all
}

// tickText prints a tick with the decimals that its step needs.
func tickText(value, step float64) string {
	places := max(0, -int(math.Floor(math.Log10(step)+1e-9)))
	if places > 9 || math.Abs(value) >= largestPlain {
		return strconv.FormatFloat(value, 'g', significant, 64)
	}
	return group(strconv.FormatFloat(value+0, 'f', places, 64))
}
