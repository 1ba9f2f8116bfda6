package loadgen

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Counts are numbers of arrivals. Sent = OK + Limited + Errors + Interrupted,
// plus those still under way.
type Counts struct {
	Planned     int64 `json:"planned"`     // in the schedule
	Sent        int64 `json:"sent"`        // started
	OK          int64 `json:"ok"`          // answered as wished
	Limited     int64 `json:"limited"`     // refused by a rate limiter: a correct answer
	Errors      int64 `json:"errors"`      // failed
	Dropped     int64 `json:"dropped"`     // not started: too many were under way
	Interrupted int64 `json:"interrupted"` // cut short by the end of the run
	Hits        int64 `json:"hits"`        // cache reads among OK that found their key
}

func (c Counts) plus(o Counts) Counts {
	return Counts{
		Planned: c.Planned + o.Planned, Sent: c.Sent + o.Sent, OK: c.OK + o.OK, Limited: c.Limited + o.Limited,
		Errors: c.Errors + o.Errors, Dropped: c.Dropped + o.Dropped,
		Interrupted: c.Interrupted + o.Interrupted, Hits: c.Hits + o.Hits,
	}
}

// ErrorCount is how often a class of errors occurred, with the text of one.
type ErrorCount struct {
	Class   Class  `json:"class"`
	Count   int64  `json:"count"`
	Example string `json:"example"`
}

// Group is what was measured of one kind of arrivals, or of one queue or route.
type Group struct {
	Kind  Kind   `json:"kind"`
	Label string `json:"label,omitempty"` // queue or route; empty for a whole kind
	Counts
	ErrorCounts []ErrorCount `json:"error_counts,omitempty"`
	// FromIntended is the time from the intended start to the answer, whatever
	// the answer was; FromStart that from the actual start.
	FromIntended Latency `json:"from_intended"`
	FromStart    Latency `json:"from_start"`
}

// Summary is the result of a run.
type Summary struct {
	Profile   string        `json:"profile"`
	Seed      uint64        `json:"seed"`
	StartedAt time.Time     `json:"started_at"`
	Elapsed   time.Duration `json:"elapsed_ns"`
	// Partial is true when the run was stopped before its end.
	Partial bool `json:"partial"`
	Counts
	// Abandoned arrivals were still under way when the run gave up waiting.
	Abandoned int64 `json:"abandoned"`
	// ErrorCounts are those of all kinds together.
	ErrorCounts []ErrorCount `json:"error_counts,omitempty"`
	// StartLag is how much later than intended arrivals were started. A high one
	// says that the machine of the load is too slow, not the service.
	StartLag Latency `json:"start_lag"`
	// Kinds has one group per kind in the schedule; Labels one per queue and
	// route.
	Kinds  []Group `json:"kinds"`
	Labels []Group `json:"labels"`
	// Jobs is what became of the accepted jobs; nil where nobody watched them.
	Jobs *Outcomes `json:"jobs,omitempty"`
}

// Kind returns the group of a kind, or false where the schedule had none of it.
func (s Summary) Kind(k Kind) (Group, bool) {
	i := slices.IndexFunc(s.Kinds, func(g Group) bool { return g.Kind == k })
	if i < 0 {
		return Group{}, false
	}
	return s.Kinds[i], true
}

// Label returns the group of a queue or a route, or false where there is none.
func (s Summary) Label(label string) (Group, bool) {
	i := slices.IndexFunc(s.Labels, func(g Group) bool { return g.Label == label })
	if i < 0 {
		return Group{}, false
	}
	return s.Labels[i], true
}

// Failed reports whether any arrival failed, was dropped or was abandoned.
func (s Summary) Failed() bool { return s.Errors > 0 || s.Dropped > 0 || s.Abandoned > 0 }

// summarise fills counts and groups from what was recorded so far.
func (r *recorder) summarise(s *Summary) error {
	kinds := make(map[Kind]*cell)
	total := newCell()
	for _, p := range r.parts {
		c := r.cells[p].copyOf()
		if kinds[p.kind] == nil {
			kinds[p.kind] = newCell()
		}
		kinds[p.kind].add(c)
		total.add(c)
		if p.label == "" {
			continue
		}
		g, err := c.group(p)
		if err != nil {
			return err
		}
		s.Labels = append(s.Labels, g)
	}
	for _, k := range Kinds() {
		if kinds[k] == nil {
			continue
		}
		g, err := kinds[k].group(part{kind: k})
		if err != nil {
			return err
		}
		s.Kinds = append(s.Kinds, g)
	}
	s.Counts, s.ErrorCounts = total.counts, total.errorCounts()
	r.lag.mu.Lock()
	defer r.lag.mu.Unlock()
	lag, err := LatencyOf(r.lag.h)
	s.StartLag = lag
	return err
}

func (c *cell) group(p part) (Group, error) {
	g := Group{Kind: p.kind, Label: p.label, Counts: c.counts, ErrorCounts: c.errorCounts()}
	var err error
	if g.FromIntended, err = LatencyOf(c.intended); err != nil {
		return Group{}, err
	}
	if g.FromStart, err = LatencyOf(c.fromStart); err != nil {
		return Group{}, err
	}
	return g, nil
}

// errorCounts lists the classes in alphabetical order.
func (c *cell) errorCounts() []ErrorCount {
	all := make([]ErrorCount, 0, len(c.errors))
	for _, class := range slices.Sorted(maps.Keys(c.errors)) {
		all = append(all, *c.errors[class])
	}
	return all
}

func sortParts(parts []part) {
	slices.SortFunc(parts, func(a, b part) int {
		return cmp.Or(
			cmp.Compare(slices.Index(Kinds(), a.kind), slices.Index(Kinds(), b.kind)),
			cmp.Compare(a.label, b.label),
		)
	})
}
