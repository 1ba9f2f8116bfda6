package providers

import (
	"maps"
	"sync"
)

// faults applies a plan: it decides what becomes of each call.
type faults struct {
	seed uint64

	mu       sync.Mutex
	plan     Plan
	drawn    map[string]uint64   // calls drawn so far, by endpoint
	subjects map[subjectAt]int   // calls so far of the plan's subjects: at most endpoints x subjects
	revoked  map[string]struct{} // users whose consent was taken back
}

type subjectAt struct{ endpoint, subject string }

func newFaults(seed uint64, plan Plan) *faults {
	f := &faults{seed: seed, drawn: map[string]uint64{}, revoked: map[string]struct{}{}}
	f.set(plan)
	return f
}

// set replaces the plan. The draws go on where they were; the subjects start anew.
func (f *faults) set(plan Plan) {
	plan.Subjects = maps.Clone(plan.Subjects)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.plan = plan.withDefaults()
	f.subjects = map[subjectAt]int{}
}

// verdict is the outcome of judge.
type verdict struct {
	fate   fate
	status int // not 0: answer this status, as the subject's entry says
	plan   Plan
}

// judge decides one call. Subjects with an entry in the plan are not drawn.
func (f *faults) judge(endpoint, subject string) verdict {
	f.mu.Lock()
	defer f.mu.Unlock()
	v := verdict{plan: f.plan}
	entry, known := f.plan.Subjects[subject]
	if !known {
		v.fate = f.plan.draw(f.seed, endpoint, f.drawn[endpoint])
		f.drawn[endpoint]++
		return v
	}
	at := subjectAt{endpoint, subject}
	if entry.Always || f.subjects[at] < entry.FailFirst {
		v.status = entry.Status
	}
	f.subjects[at]++
	return v
}

// syncExpired draws whether a synchronization's token is said to have expired. It counts under a name of its own, so that it
// does not shift the endpoint's other draws.
func (f *faults) syncExpired(endpoint string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	purpose := endpoint + " sync token"
	n := f.drawn[purpose]
	f.drawn[purpose]++
	return uniform(f.seed, purpose, n) < f.plan.ExpiredSync
}

func (f *faults) revoke(user string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.revoked[user] = struct{}{}
}

func (f *faults) isRevoked(user string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	_, revoked := f.revoked[user]
	return revoked || uniform(f.seed, "revoked "+user, 0) < f.plan.Revoked
}
