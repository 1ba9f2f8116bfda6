package reports

import (
	"math"
	"slices"
)

// Operator compares a measured value with a criterion's limit.
type Operator string

// The operators a criterion may use.
const (
	AtMost  Operator = "<="
	AtLeast Operator = ">="
	Below   Operator = "<"
	Above   Operator = ">"
	Equal   Operator = "=="
	// Between holds from Limit to Upper, both included.
	Between Operator = "between"
)

// Operators returns every operator, in the order used in messages.
func Operators() []Operator {
	return []Operator{AtMost, AtLeast, Below, Above, Equal, Between}
}

// Known reports whether o is one of [Operators].
func (o Operator) Known() bool { return slices.Contains(Operators(), o) }

// Metric is something a scenario can measure.
type Metric struct {
	// Name is what criteria call it, such as "stage.connections.peak".
	Name string
	// Unit is the unit it is always measured in: "count", "percent", "ratio", "ms" and so on.
	Unit string
	// Text says in a few words what is measured.
	Text string
	// Dimensions are those by which it is measured apart, too, such as by queue.
	Dimensions []Dimension
}

// Dimension is something that has parts which are measured one by one.
type Dimension struct {
	Name   string   // "queue", "tier", "route", "transport", "kind"
	Values []string // all that there are
}

// Part is one part of a dimension: queue=token-refresh.
type Part struct {
	Dimension string `json:"dimension"`
	Value     string `json:"value"`
}

// MetricOf is the name under which a metric's figure for one part is measured:
// "jobs.success_rate{queue=token-refresh}". For the zero Part it is the metric itself.
func MetricOf(metric string, p Part) string {
	if p == (Part{}) {
		return metric
	}
	return metric + "{" + p.Dimension + "=" + p.Value + "}"
}

// Criterion is one line that must hold.
type Criterion struct {
	// ID names the criterion, unique within its set: "phase1-connections".
	ID string `json:"id"`
	// Requirement is the requirement it comes from, "R1" to "R21".
	Requirement string `json:"requirement"`
	// Metric is the name of what is measured.
	Metric string `json:"metric"`
	// Of is the part of the metric that is meant; nil for the whole.
	Of *Part `json:"of,omitempty"`
	// Operator compares the measured value (left) with the limit (right).
	Operator Operator `json:"operator"`
	// Limit is the limit, or the lower bound of [Between], in Unit.
	Limit float64 `json:"limit"`
	// Upper is the upper bound of [Between], in Unit; nil for every other operator.
	Upper *float64 `json:"upper,omitempty"`
	// Unit is the unit of the limit and of the metric.
	Unit string `json:"unit"`
	// Text says what is measured, as a reader of the report should see it.
	Text string `json:"text"`
}

// Set is the criteria of one scenario, in the order in which they are reported.
type Set struct {
	Scenario string
	Criteria []Criterion
	// Inputs are the files that they were read from.
	Inputs []Input
}

// MeasuredAs is the name of the measurement that the criterion is judged by; see [MetricOf].
func (c Criterion) MeasuredAs() string {
	if c.Of == nil {
		return c.Metric
	}
	return MetricOf(c.Metric, *c.Of)
}

// holds reports whether value meets the criterion. Comparison is exact: there is
// no tolerance beside the one the limit states.
func (c Criterion) holds(value float64) bool {
	switch c.Operator {
	case AtMost:
		return value <= c.Limit
	case AtLeast:
		return value >= c.Limit
	case Below:
		return value < c.Limit
	case Above:
		return value > c.Limit
	case Equal:
		return value == c.Limit
	case Between:
		return c.Upper != nil && value >= c.Limit && value <= *c.Upper
	default:
		return false
	}
}

// bound returns the limit that decides about value: the nearer one of a
// [Between], the only one otherwise.
func (c Criterion) bound(value float64) float64 {
	if c.Operator == Between && c.Upper != nil && math.Abs(*c.Upper-value) < math.Abs(value-c.Limit) {
		return *c.Upper
	}
	return c.Limit
}

// margin returns how much of the limit is left, as a share of it: 0.1 is a tenth
// of the limit to spare, -0.25 a quarter of the limit missed. A limit of 0 has no
// share: the margin is then 0.
func (c Criterion) margin(value float64) float64 {
	bound := c.bound(value)
	room := math.Abs(value - bound)
	if !c.holds(value) {
		room = -room
	}
	if room == 0 || bound == 0 {
		return 0
	}
	share := room / math.Abs(bound)
	return max(-math.MaxFloat64, min(share, math.MaxFloat64))
}

// LimitText returns the limit as a reader sees it, with every digit it has:
// "<= 1.1×", "33 to 36", ">= 30 %", "exactly 0".
func (c Criterion) LimitText() string {
	limit := exact(c.Limit) + suffix(c.Unit)
	switch {
	case c.Operator == Between && c.Upper != nil:
		return exact(c.Limit) + " to " + exact(*c.Upper) + suffix(c.Unit)
	case c.Operator == Equal:
		return "exactly " + limit
	default:
		return string(c.Operator) + " " + limit
	}
}

// ValueText returns a value of the criterion's metric, with as many digits as it
// takes to tell it from the limit.
func (c Criterion) ValueText(value float64) string {
	against := []float64{c.Limit}
	if c.Upper != nil {
		against = append(against, *c.Upper)
	}
	return formatApart(value, c.Unit, against...)
}
