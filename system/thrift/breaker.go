package thrift

import (
	"math/rand/v2"
	"strings"
	"time"
)

// Pauses between looks at a Redis that fails.
const (
	minPause = 100 * time.Millisecond
	maxPause = 4 * time.Second
	// quotaPause is the pause when the plan's commands are used up: each probe is one more.
	quotaPause = time.Minute
)

// breaker holds back what need not be done while Redis fails. Its governor's mutex guards it.
type breaker struct {
	failures int
	quota    bool
	until    time.Time // of the next probe
}

// open is true while Redis is taken to fail.
func (b *breaker) open() bool { return b.failures > 0 }

// trip notes a failure; first says that it is the first one after a success.
func (b *breaker) trip(now time.Time, err error) (first bool) {
	b.failures++
	b.quota = quotaSpent(err)
	pause := quotaPause
	if !b.quota {
		pause = min(maxPause, minPause<<min(b.failures-1, 10))
		pause = pause*3/4 + rand.N(pause/2)
	}
	b.until = now.Add(pause)
	return b.failures == 1
}

// reset notes a success; it is true when there were failures before.
func (b *breaker) reset() bool {
	was := b.open()
	*b = breaker{}
	return was
}

// quotaSpent recognises Upstash's refusal of commands beyond the plan's monthly or daily number.
func quotaSpent(err error) bool {
	return strings.Contains(err.Error(), "request") && strings.Contains(err.Error(), "limit exceeded")
}
