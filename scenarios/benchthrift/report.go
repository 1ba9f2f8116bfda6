package benchthrift

import (
	"encoding/json"
	"io"
	"time"
)

// How a figure was got.
const (
	simulated = "virtual time" // every command counted
	measured  = "real time"
)

// Who counted.
const (
	byFake   = "fake"
	byServer = "redis-server"
)

// The verdicts on figures of ours.
const (
	verdictGoal   = "goal"
	verdictReach  = "reached"
	verdictMissed = "missed"
)

// Limit is a bound on a figure. Exactly one of the two is set.
type Limit struct {
	AtMost  float64 `json:"at_most,omitempty"`
	AtLeast float64 `json:"at_least,omitempty"`
}

func (l Limit) holds(value float64) bool {
	if l.AtLeast > 0 {
		return value >= l.AtLeast
	}
	return value <= l.AtMost
}

// Figure is what was measured of one variant.
type Figure struct {
	Value float64 `json:"value"`
	// Samples is how many jobs, or rounds, it comes from; 0 where that has no sense.
	Samples int    `json:"samples,omitempty"`
	Note    string `json:"note,omitempty"`
	// Verdict is "goal", "reached" or "missed"; "" for plain asynq and without a target.
	Verdict string `json:"verdict,omitempty"`
}

// Row is one line of the table.
type Row struct {
	Section string `json:"section"`
	What    string `json:"what"`
	How     string `json:"how"`     // "virtual time" or "real time"
	Counted string `json:"counted"` // "fake" or "redis-server": what ran, and counted where there was something to count
	Unit    string `json:"unit"`
	// Reach and Goal are the targets, nil without one.
	Reach *Limit `json:"reach,omitempty"`
	Goal  *Limit `json:"goal,omitempty"`
	// Figures are by variant; some rows leave some out.
	Figures map[string]Figure `json:"figures"`
}

// Report is a whole run.
type Report struct {
	Started  time.Time `json:"started"`
	Took     float64   `json:"took_seconds"`
	Go       string    `json:"go"`
	CPUs     int       `json:"cpus"`
	Variants []string  `json:"variants"`
	Rows     []Row     `json:"rows"`
	Notes    []string  `json:"notes"`
}

// put stores a figure of a variant and judges it where it is ours.
func (r *Row) put(v Variant, f Figure) {
	if r.Figures == nil {
		r.Figures = map[string]Figure{}
	}
	if v.governed() {
		f.Verdict = r.verdict(f.Value)
	}
	r.Figures[v.Name] = f
}

func (r *Row) verdict(value float64) string {
	switch {
	case r.Goal != nil && r.Goal.holds(value):
		return verdictGoal
	case r.Reach == nil:
		return ""
	case r.Reach.holds(value):
		return verdictReach
	default:
		return verdictMissed
	}
}

// WriteJSON writes the report as JSON.
func (r Report) WriteJSON(w io.Writer) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(r)
}

func atMost(value float64) *Limit  { return &Limit{AtMost: value} }
func atLeast(value float64) *Limit { return &Limit{AtLeast: value} }
