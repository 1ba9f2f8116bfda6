package faults

import (
	"sync"
	"time"
)

// active is a fault that a registry holds.
type active struct {
	Fault
	seed    uint64
	startAt *time.Timer // under the registry's mu, as are the other timers
	endAt   *time.Timer
	again   *time.Timer

	mu        sync.Mutex
	state     State
	decisions int64
	fired     int64
	first     time.Time
	last      time.Time
	firings   []Firing // a ring once it is full; the oldest at fired % MaxFirings
	failure   string
	downUntil time.Time // of a failover
	requests  uint64    // delayed so far; for the jitter
}

// hit decides whether the fault fires for something that it selects, and books
// it if so. what says what is hit; it is called only then.
func (a *active) hit(what func() string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.state != On {
		return false
	}
	n := a.decisions
	a.decisions++
	if uniform(a.seed, "hit "+a.Name, uint64(n)) >= a.share() {
		return false
	}
	a.book(what())
	if a.Count > 0 && a.fired >= int64(a.Count) {
		a.state = Spent
	}
	return true
}

// fire books an action.
func (a *active) fire(what string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.decisions++
	a.book(what)
}

func (a *active) book(what string) {
	now := time.Now()
	if a.fired == 0 {
		a.first = now
	}
	a.last = now
	firing := Firing{At: now, On: what}
	if len(a.firings) < MaxFirings {
		a.firings = append(a.firings, firing)
	} else {
		a.firings[a.fired%MaxFirings] = firing
	}
	a.fired++
}

func (a *active) become(state State) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.state = state
}

func (a *active) fail(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.failure = err.Error()
}

// down refuses connections until then.
func (a *active) down(until time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.downUntil = until
}

func (a *active) isDown() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return time.Now().Before(a.downUntil)
}

// on says whether the fault has started and not ended.
func (a *active) on() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.state == On || a.state == Spent
}

// wait draws the delay of a request.
func (a *active) wait() time.Duration {
	a.mu.Lock()
	n := a.requests
	a.requests++
	a.mu.Unlock()
	spread := (2*uniform(a.seed, "jitter "+a.Name, n) - 1) * float64(a.Jitter)
	return a.Delay + time.Duration(spread)
}

func (a *active) report() Report {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := Report{
		Fault: a.Fault, State: a.state, Decisions: a.decisions, Fired: a.fired,
		First: a.first, Last: a.last, Failure: a.failure,
	}
	oldest := 0
	if a.fired > MaxFirings {
		oldest = int(a.fired % MaxFirings)
	}
	r.Firings = append(append(r.Firings, a.firings[oldest:]...), a.firings[:oldest]...)
	return r
}

func (a *active) stopTimers() {
	for _, timer := range []*time.Timer{a.startAt, a.endAt, a.again} {
		if timer != nil {
			timer.Stop()
		}
	}
}
