package profiles

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sort"
	"time"

	"go.yaml.in/yaml/v3"
)

// Start is when a run begins on the calendar, as far as a rhythm and schedules are concerned: on a Monday at
// 00:00 UTC.
var Start = time.Date(2000, 1, 3, 0, 0, 0, 0, time.UTC)

// Rhythm says how busy the hours of a day and the days of a week are. Only proportions matter: at any moment the
// arrivals come in proportion to the weight of the hour times that of the day.
type Rhythm struct {
	// Hours has 24 weights, from 00:00 UTC.
	Hours []float64 `json:"hours"`
	// Weekdays has 7 weights, Monday first.
	Weekdays []float64 `json:"weekdays"`
}

// validate says what is wrong with the weights.
func (r Rhythm) validate() error {
	for _, list := range []struct {
		name    string
		weights []float64
		want    int
	}{{"hours", r.Hours, 24}, {"weekdays", r.Weekdays, 7}} {
		if len(list.weights) != list.want {
			return fmt.Errorf("%s has %d weights; %d are needed", list.name, len(list.weights), list.want)
		}
		for i, w := range list.weights {
			if !(w >= 0) || math.IsInf(w, 0) {
				return fmt.Errorf("weight %d of %s is %v; use 0 or more", i+1, list.name, w)
			}
		}
		if slices.Max(list.weights) == 0 {
			return fmt.Errorf("all weights of %s are 0; at least one must be more", list.name)
		}
	}
	return nil
}

// weight is that of an hour, counted from Start.
func (r Rhythm) weight(hour int) float64 { return r.Hours[hour%24] * r.Weekdays[hour/24%7] }

// Clock turns even time into the rhythm's: Clock(within) maps offsets that are spread evenly over [0, within) to
// offsets in it that follow the rhythm, in the same order and never in an hour without weight. There must be weight
// within that time.
func (r Rhythm) Clock(within time.Duration) (func(even time.Duration) time.Duration, error) {
	hours := int((within + time.Hour - 1) / time.Hour)
	sums := make([]float64, hours+1) // of the weights up to the start of each hour, and to the end
	last := -1                       // hour with weight
	for h := range hours {
		share := min(1, float64(within-time.Duration(h)*time.Hour)/float64(time.Hour))
		sums[h+1] = sums[h] + r.weight(h)*share
		if sums[h+1] > sums[h] {
			last = h
		}
	}
	if last < 0 {
		return nil, errors.New("no hour of the time in which arrivals come has any weight")
	}
	return func(even time.Duration) time.Duration {
		wanted := sums[hours] * (float64(even) / float64(within))
		// The hour in which the sum comes to more than what is wanted. Beyond a hundred days the last nanoseconds are
		// rounded up to the whole, which no hour exceeds.
		h := min(last, sort.Search(hours, func(h int) bool { return sums[h+1] > wanted }))
		from := time.Duration(h) * time.Hour
		length := min(time.Hour, within-from)
		into := (wanted - sums[h]) / (sums[h+1] - sums[h])
		return from + min(time.Duration(into*float64(length)), length-1)
	}, nil
}

func (d *decoder) rhythm(dst **Rhythm) decode {
	return func(n *yaml.Node, path string) {
		r := new(Rhythm)
		before := len(d.problems)
		d.mapping(n, path, []field{
			{"hours", true, d.weights(&r.Hours)},
			{"weekdays", true, d.weights(&r.Weekdays)},
		})
		if len(d.problems) > before {
			return
		}
		if err := r.validate(); err != nil {
			d.report(n.Line, path, "%v", err)
			return
		}
		*dst = r
	}
}

// maxWeights is the longest list of weights that is looked at.
const maxWeights = 24

func (d *decoder) weights(dst *[]float64) decode {
	return func(n *yaml.Node, path string) {
		if n.Kind != yaml.SequenceNode {
			d.report(n.Line, path, "is %s; a list of weights is needed here", describe(n))
			return
		}
		if len(n.Content) > maxWeights {
			d.report(n.Line, path, "%d weights are too many", len(n.Content))
			return
		}
		list := make([]float64, len(n.Content))
		for i, item := range n.Content {
			d.number(&list[i], 0, MaxCount)(item, fmt.Sprintf("%s[%d]", path, i))
		}
		*dst = list
	}
}
