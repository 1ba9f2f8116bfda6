package compare

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
)

// The limits that [DefaultLimits] sets, in per cent of the value before.
const (
	DefaultMinEffect  = 2.0
	DefaultRegression = 5.0
)

// ErrLimits is wrapped by errors about limits that make no sense.
var ErrLimits = errors.New("invalid limits")

// Limits says how large a change must be. All are per cent of the value before; from
// a value of 0 any change is beyond every limit.
type Limits struct {
	// MinEffect is the least change that counts where the noise between runs is unknown.
	MinEffect float64 `json:"min_effect_percent"`
	// Regression is what a change for the worse must exceed to fail the comparison.
	Regression float64 `json:"regression_percent"`
	// Metrics holds other values of Regression by metric. One for "api.errors" is
	// also for its parts, such as "api.errors{route=search}", that have none.
	Metrics map[string]float64 `json:"metrics,omitempty"`
}

// DefaultLimits returns a MinEffect of 2 % and a Regression of 5 % for all metrics.
func DefaultLimits() Limits {
	return Limits{MinEffect: DefaultMinEffect, Regression: DefaultRegression}
}

// Validate returns an error that wraps [ErrLimits] for a limit that is negative or not finite.
func (l Limits) Validate() error {
	all := map[string]float64{"the minimum effect": l.MinEffect, "the regression": l.Regression}
	for metric, limit := range l.Metrics {
		all["the regression of "+metric] = limit
	}
	var problems []error
	for name, limit := range all {
		if limit < 0 || math.IsNaN(limit) || math.IsInf(limit, 0) {
			problems = append(problems, fmt.Errorf("%w: %s is %v %%: use 0 or more", ErrLimits, name, limit))
		}
	}
	slices.SortFunc(problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(problems...)
}

// regression returns the limit for a metric.
func (l Limits) regression(metric string) float64 {
	if limit, ok := l.Metrics[metric]; ok {
		return limit
	}
	whole, _, _ := strings.Cut(metric, "{")
	if limit, ok := l.Metrics[whole]; ok {
		return limit
	}
	return l.Regression
}

// unused returns the metrics that have a limit but are not among those compared.
func (l Limits) unused(metrics []Metric) []string {
	known := map[string]bool{}
	for _, m := range metrics {
		whole, _, _ := strings.Cut(m.Name, "{")
		known[m.Name], known[whole] = true, true
	}
	var unused []string
	for metric := range l.Metrics {
		if !known[metric] {
			unused = append(unused, metric)
		}
	}
	slices.Sort(unused)
	return unused
}
