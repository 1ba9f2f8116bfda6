package compare

import (
	"math"

	"tollgate/reports"
)

// Goal says which way of a metric is the better one.
type Goal string

// The goals.
const (
	GoalLower  Goal = "lower"
	GoalHigher Goal = "higher"
	// GoalRange means that only the distance from a range, or an exact value, counts.
	GoalRange Goal = "range"
	// GoalSome means that there must be some and more is not better: "> 0".
	GoalSome Goal = "some"
)

// goal is a Goal with the range of a GoalRange.
type goal struct {
	kind      Goal
	low, high float64
}

// goalOf draws the goal from all criteria of one metric.
func goalOf(criteria []reports.Criterion) goal {
	low, high := math.Inf(-1), math.Inf(1)
	some := true
	for _, c := range criteria {
		some = some && c.Operator == reports.Above && c.Limit == 0
		switch c.Operator {
		case reports.AtMost, reports.Below:
			high = min(high, c.Limit)
		case reports.AtLeast, reports.Above:
			low = max(low, c.Limit)
		case reports.Equal:
			low, high = max(low, c.Limit), min(high, c.Limit)
		case reports.Between:
			low = max(low, c.Limit)
			if c.Upper != nil { // nil is refused by Validate
				high = min(high, *c.Upper)
			}
		}
	}
	switch {
	case some:
		return goal{kind: GoalSome}
	case math.IsInf(low, -1):
		return goal{kind: GoalLower}
	case math.IsInf(high, 1):
		return goal{kind: GoalHigher}
	default:
		return goal{kind: GoalRange, low: low, high: high}
	}
}

// badness grows as a value gets worse.
func (g goal) badness(value float64) float64 {
	switch g.kind {
	case GoalHigher:
		return -value
	case GoalRange:
		return max(g.low-value, value-g.high, 0)
	case GoalSome:
		if value > 0 {
			return 0
		}
		return 1
	default:
		return value
	}
}
