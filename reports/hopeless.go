package reports

// Trend says how a value that is still being measured can change.
type Trend int

const (
	// Rising means that it can only grow, as a count of errors does.
	Rising Trend = iota
	// Falling means that it can only shrink, as what is saved does while more is spent.
	Falling
)

// Hopeless reports whether a run can no longer meet the criterion, whatever comes: its value has come to value, and
// can only follow the trend from here.
func (c Criterion) Hopeless(value float64, t Trend) bool {
	if c.holds(value) {
		return false
	}
	switch c.Operator {
	case AtMost, Below:
		return t == Rising
	case AtLeast, Above:
		return t == Falling
	case Equal:
		return (value > c.Limit) == (t == Rising)
	case Between:
		return c.Upper != nil && (value > *c.Upper) == (t == Rising)
	default:
		return false
	}
}
