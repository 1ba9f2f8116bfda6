package ledger

import "slices"

// recorded are like commands of one moment, one after the other.
type recorded struct {
	Command
	times int
	alone bool // it can be refunded, and so has its place to itself
}

// push adds what Recent will return. mu is held.
func (l *Ledger) push(r recorded) {
	l.recent.push(r)
	l.pushed++
}

// Recent returns the newest commands, oldest first, at most Config.Capacity.
func (l *Ledger) Recent() []Command {
	l.mu.Lock()
	defer l.mu.Unlock()
	recent := []Command{}
	for age := 0; ; age++ {
		r := l.recent.before(age)
		if r == nil {
			break
		}
		for range min(r.times, l.recent.limit-len(recent)) {
			recent = append(recent, r.Command)
		}
	}
	slices.Reverse(recent)
	return recent
}
