package reports

import (
	"fmt"
	"math"
)

// How says how a figure was got.
type How string

const (
	// Measured means counted or timed on the real clock.
	Measured How = "measured"
	// Simulated means that every command was counted, on a virtual clock.
	Simulated How = "simulated"
	// Projected means a measured window times a factor; the note names both.
	Projected How = "projected"
)

// Known reports whether h is one of the three ways.
func (h How) Known() bool { return h == Measured || h == Simulated || h == Projected }

// Merge says how figures of segments are put together.
type Merge string

const (
	// MergeSum adds them up.
	MergeSum Merge = "sum"
	// MergeMax takes the highest.
	MergeMax Merge = "max"
	// MergeMean weighs them by their samples, which is exact for shares.
	MergeMean Merge = "mean"
)

// Known reports whether m is one of the ways, or "".
func (m Merge) Known() bool { return m == "" || m == MergeSum || m == MergeMax || m == MergeMean }

// Measurement is the figure for one metric, with what it rests on.
type Measurement struct {
	// Value is the figure, in Unit.
	Value float64 `json:"value"`
	// Unit must be the unit of the criterion that is judged by it.
	Unit string `json:"unit"`
	// Samples is how many observations the figure rests on; 0 means there is no data.
	Samples int64 `json:"samples"`
	// How says how the figure was got.
	How How `json:"how"`
	// Note says what the reader must know of it; a projection names window and factor.
	Note string `json:"note,omitempty"`
	// Evidence is the path of a file that shows where the figure comes from.
	Evidence string `json:"evidence,omitempty"`
	// Merge says how the figures of a run's segments become that of the whole; "" means that they cannot.
	Merge Merge `json:"merge,omitempty"`
	// Percentile says that Value is read off one of the result's histograms; nil where it is not. Then that of the
	// whole is read off the histograms of all segments together, and Merge is for a result that lacks one of them.
	Percentile *Percentile `json:"percentile,omitempty"`
	// Missing, when not empty, says why there is no data; the value then means nothing.
	Missing string `json:"missing,omitempty"`
}

// Percentile is a point of a histogram.
type Percentile struct {
	Histogram string  `json:"histogram"` // its name
	Series    string  `json:"series"`
	At        float64 `json:"at"` // 99 for p99
	// Scale turns the histogram's unit into the measurement's: 0.001 from microseconds to milliseconds.
	Scale float64 `json:"scale"`
}

// absence returns why the measurement cannot be judged against c, or "" when it can.
func (m Measurement) absence(c Criterion) string {
	switch {
	case m.Missing != "":
		return m.Missing
	case m.Samples <= 0:
		return fmt.Sprintf("%s has no samples", c.MeasuredAs())
	case math.IsNaN(m.Value) || math.IsInf(m.Value, 0):
		return fmt.Sprintf("%s is not a finite number (%v)", c.MeasuredAs(), m.Value)
	case m.Unit != c.Unit:
		return fmt.Sprintf("%s was measured in %q, the criterion is in %q", c.MeasuredAs(), m.Unit, c.Unit)
	case !m.How.Known():
		return fmt.Sprintf("%s does not say how it was got (%q): measured, simulated or projected", c.MeasuredAs(), m.How)
	case m.How == Projected && m.Note == "":
		return fmt.Sprintf("%s is projected without a note that names the window and the factor", c.MeasuredAs())
	default:
		return ""
	}
}
