package month

import (
	"errors"
	"fmt"
	"time"

	"tollgate/loadgen/profiles"
	"tollgate/system/config"
)

// Length is the length of a month.
const Length = 30 * 24 * time.Hour

// Warm is how long a service has run, with load, before a stretch of it is counted. It is longer than anything that a
// service does at its start.
const Warm = 10 * time.Minute

// Task is a stretch of the month on a stage: what one child simulates.
type Task struct {
	Stage   config.Stage     `json:"stage"`
	Profile profiles.Profile `json:"profile"`
	// From and Length are the stretch that is counted.
	From   time.Duration `json:"from_ns"`
	Length time.Duration `json:"length_ns"`
	// Warm is how long before it the service starts. Load sent then is not counted.
	Warm time.Duration `json:"warm_ns"`
	// Idle leaves out all load.
	Idle bool `json:"idle"`
	// RTT is added to every round trip of the service, Failures is the share of provider calls that fail.
	RTT      time.Duration `json:"rtt_ns"`
	Failures float64       `json:"failures"`
	// Calendar has the troubles that befall the service; empty for none.
	Calendar Calendar `json:"calendar,omitempty"`
}

// Validate says everything that is wrong with a task.
func (t Task) Validate() error {
	var problems []error
	if t.Length <= 0 {
		problems = append(problems, fmt.Errorf("the length %s is not longer than 0s", t.Length))
	}
	if t.From < 0 || t.Warm < 0 || t.Warm > day {
		problems = append(problems, fmt.Errorf("the start %s or the time before it, %s, is negative or longer than a day", t.From, t.Warm))
	}
	if t.From+t.Length > t.Profile.Duration {
		problems = append(problems, fmt.Errorf("the stretch from %s for %s goes beyond the profile's %s", t.From, t.Length, t.Profile.Duration))
	}
	if len(problems) > 0 {
		return fmt.Errorf("%s: %w", t, errors.Join(problems...))
	}
	return nil
}

// String names the task in a few words.
func (t Task) String() string {
	what := fmt.Sprintf("seed %d", t.Profile.Seed)
	if t.Idle {
		what = "without load"
	}
	if t.Length < day {
		return fmt.Sprintf("%s, %s, %s from hour %d", t.Stage, what, t.Length, int(t.From.Hours()))
	}
	return fmt.Sprintf("%s, %s, %s", t.Stage, what, days(t.Length))
}

// The units in which a month is told.
const (
	hour = time.Hour
	day  = 24 * hour
)

// days writes a length in days, "30 days", or as it is when it is shorter.
func days(d time.Duration) string {
	switch {
	case d < day:
		return d.String()
	case d == day:
		return "1 day"
	}
	return fmt.Sprintf("%.3g days", d.Hours()/24)
}
