package thrift

import "time"

// pace is how quickly jobs end.
type pace struct {
	window       time.Time
	count, until int // in this window, and in the one before
}

// paceWindow is how far ahead jobs are fetched.
const paceWindow = 100 * time.Millisecond

func (p *pace) ended(now time.Time) {
	p.turn(now)
	p.count++
}

// ahead is how many jobs are likely to end within a window.
func (p *pace) ahead(now time.Time, most int) int {
	p.turn(now)
	return min(most, max(p.count, p.until))
}

func (p *pace) turn(now time.Time) {
	switch passed := now.Sub(p.window); {
	case passed >= 2*paceWindow:
		p.window, p.count, p.until = now, 0, 0
	case passed >= paceWindow:
		p.window, p.count, p.until = now, 0, p.count
	}
}
