package loadgen

import (
	"maps"
	"slices"
)

// QueueOutcome is what became of the accepted jobs of one queue, or of all.
// Accepted = Succeeded + Archived + Outstanding.
type QueueOutcome struct {
	Queue        string `json:"queue,omitempty"` // empty for all queues
	Accepted     int64  `json:"accepted"`
	Succeeded    int64  `json:"succeeded"`
	Archived     int64  `json:"archived"` // failed for good
	Outstanding  int64  `json:"outstanding"`
	Retried      int64  `json:"retried"`       // jobs that failed at least once and were retried
	Recovered    int64  `json:"recovered"`     // jobs among Succeeded that were retried before
	Retries      int64  `json:"retries"`       // failed attempts that were followed by another
	Duplicates   int64  `json:"duplicates"`    // successes beyond the first of a job
	DuplicateIDs int64  `json:"duplicate_ids"` // acceptances beyond the first of an id
	// Completion is the time from the acceptance of a job to its end; 0 for one
	// that ended before its acceptance was heard of.
	Completion Latency `json:"completion"`
}

// SuccessRate is Succeeded / Accepted; jobs that are outstanding count as not
// succeeded. It is false where nothing was accepted: no data is not a success.
func (o QueueOutcome) SuccessRate() (float64, bool) {
	if o.Accepted == 0 {
		return 0, false
	}
	return float64(o.Succeeded) / float64(o.Accepted), true
}

// Outcomes is what became of all accepted jobs.
type Outcomes struct {
	Total  QueueOutcome   `json:"total"`
	Queues []QueueOutcome `json:"queues"` // in alphabetical order
	// Unclaimed jobs had an event but were never accepted here: jobs that other
	// jobs or other clients handed in.
	Unclaimed int64 `json:"unclaimed"`
	// LostEvents were dropped because of MaxUnclaimed.
	LostEvents int64 `json:"lost_events"`
}

// Outcomes returns what is known now. The error is for a histogram that cannot
// be encoded.
func (t *Tracker) Outcomes() (Outcomes, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := Outcomes{Queues: []QueueOutcome{}, Unclaimed: int64(t.unclaimed), LostEvents: t.lost}
	all := newHistogram()
	for _, name := range slices.Sorted(maps.Keys(t.queues)) {
		q := t.queues[name]
		o := q.QueueOutcome
		var err error
		if o.Completion, err = LatencyOf(q.completion); err != nil {
			return Outcomes{}, err
		}
		all.Merge(q.completion)
		out.Queues = append(out.Queues, o)
		out.Total.Accepted += o.Accepted
		out.Total.Succeeded += o.Succeeded
		out.Total.Archived += o.Archived
		out.Total.Outstanding += o.Outstanding
		out.Total.Retried += o.Retried
		out.Total.Recovered += o.Recovered
		out.Total.Retries += o.Retries
		out.Total.Duplicates += o.Duplicates
		out.Total.DuplicateIDs += o.DuplicateIDs
	}
	var err error
	out.Total.Completion, err = LatencyOf(all)
	return out, err
}

// Queue returns the outcome of one queue; all zero where it accepted nothing.
func (o Outcomes) Queue(name string) QueueOutcome {
	i := slices.IndexFunc(o.Queues, func(q QueueOutcome) bool { return q.Queue == name })
	if i < 0 {
		return QueueOutcome{Queue: name}
	}
	return o.Queues[i]
}

// Ended is the number of accepted jobs that have succeeded or were archived.
func (t *Tracker) Ended() int64 {
	ended := int64(0)
	for _, n := range t.endedByQueue() {
		ended += n
	}
	return ended
}

func (t *Tracker) endedByQueue() map[string]int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	ended := make(map[string]int64, len(t.queues))
	for name, q := range t.queues {
		ended[name] = q.Succeeded + q.Archived
	}
	return ended
}

// Archived is the number of accepted jobs that failed for good.
func (t *Tracker) Archived() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	archived := int64(0)
	for _, q := range t.queues {
		archived += q.Archived
	}
	return archived
}
