package faults

import (
	"fmt"
	"slices"
	"time"
)

// Add switches a fault on, now or after its After, and returns its name. When it
// returns, a fault without After acts, on what is open already too, and an action
// is done. Errors are those of Validate, ErrExists, ErrFull, ErrClosed, and those
// of an action that cannot be done; the fault is not kept then.
func (r *Registry) Add(f Fault) (name string, err error) {
	if err := f.Validate(); err != nil {
		return "", err
	}
	f.normalize()
	if err := r.possible(f); err != nil {
		return "", err
	}
	a, err := r.enter(f)
	if err != nil {
		return "", err
	}
	if f.After > 0 {
		return a.Name, nil
	}
	if err := r.start(a); err != nil {
		_, _ = r.Remove(a.Name) // somebody else may have done so
		return "", err
	}
	return a.Name, nil
}

// enter takes a fault in, waiting.
func (r *Registry) enter(f Fault) (*active, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.closed:
		return nil, ErrClosed
	case len(r.faults) >= MaxFaults:
		return nil, fmt.Errorf("%w: there are %d already; remove some", ErrFull, MaxFaults)
	case f.Name == "":
		f.Name = r.pickName(f.Kind)
	case r.find(f.Name) >= 0:
		return nil, fmt.Errorf("%w: %q; remove that fault or choose another name", ErrExists, f.Name)
	}
	a := &active{Fault: f, seed: r.seed, state: Waiting}
	r.faults = append(r.faults, a)
	if f.After > 0 {
		a.startAt = time.AfterFunc(f.After, func() { r.late(a, r.start(a)) })
	}
	return a, nil
}

func (r *Registry) pickName(kind Kind) string {
	for {
		r.named++
		if name := fmt.Sprintf("%s-%d", kind, r.named); r.find(name) < 0 {
			return name
		}
	}
}

// find is the index of a fault, or -1; mu is held.
func (r *Registry) find(name string) int {
	return slices.IndexFunc(r.faults, func(a *active) bool { return a.Name == name })
}

// start begins a fault, unless it was removed meanwhile.
func (r *Registry) start(a *active) error {
	r.mu.Lock()
	if r.closed || !slices.Contains(r.faults, a) {
		r.mu.Unlock()
		return nil
	}
	r.wg.Add(1) // before Close waits
	defer r.wg.Done()
	a.become(On)
	if a.For > 0 {
		a.endAt = time.AfterFunc(a.For, func() { r.end(a) })
	}
	resets := r.refresh()
	r.mu.Unlock()
	for _, c := range resets {
		c.Reset()
	}
	return r.act(a)
}

// end is the end of a fault's time. It stays listed.
func (r *Registry) end(a *active) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.closed && slices.Contains(r.faults, a) {
		a.stopTimers()
		a.become(Ended)
		r.refresh()
	}
}

// Remove switches a fault off and says what it did. A fault of no such name is
// ErrNotFound.
func (r *Registry) Remove(name string) (Report, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := r.find(name)
	if i < 0 {
		return Report{}, fmt.Errorf("%w: %s", ErrNotFound, clip(name))
	}
	a := r.faults[i]
	r.faults = slices.Delete(r.faults, i, i+1)
	report := a.report()
	a.stopTimers()
	a.become(Ended)
	r.refresh()
	return report, nil
}

// Clear removes all faults and says what they did.
func (r *Registry) Clear() []Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	reports := r.list()
	for _, a := range r.faults {
		a.stopTimers()
		a.become(Ended)
	}
	r.faults = nil
	r.refresh()
	return reports
}

// List says what each fault has done, in the order of Add.
func (r *Registry) List() []Report {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.list()
}

func (r *Registry) list() []Report {
	reports := make([]Report, 0, len(r.faults))
	for _, a := range r.faults {
		reports = append(reports, a.report())
	}
	return reports
}

// Get says what one fault has done. A fault of no such name is ErrNotFound.
func (r *Registry) Get(name string) (Report, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := r.find(name)
	if i < 0 {
		return Report{}, fmt.Errorf("%w: %s", ErrNotFound, clip(name))
	}
	return r.faults[i].report(), nil
}
