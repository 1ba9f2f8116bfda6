package thrift_test

import (
	"fmt"
	"sort"
	"testing"
	"time"

	"tollgate/system/thrift"
)

// stepsOfASequence is how long the settled sequences are.
const stepsOfASequence = 12

// What governed and plain processes leave in Redis after any operations is what plain processes leave after the same.
// All comes to rest between two steps, so that both runs come to the same decisions.
func TestEveryKeyIsAsPlainAsynqLeavesIt(t *testing.T) {
	for _, seed := range seeds() {
		s := settledSequence(seed, seed%2 == 0, stepsOfASequence)
		twins := map[string]outcome{} // of a sequence in words
		twin := func(t *testing.T, s sequence) outcome {
			if _, known := twins[s.String()]; !known {
				twins[s.String()] = playInBubble(t, s, s.kinds(plain))
			}
			return twins[s.String()]
		}
		t.Run(fmt.Sprintf("seed-%d", seed), func(t *testing.T) {
			atEveryLevel(t, func(t *testing.T, level thrift.Level) {
				judge(t, s, func(s sequence) []string {
					got, want := playInBubble(t, s, s.kinds(level)), twin(t, s)
					return got.differences(want, s.tolerance(virtualTimes))
				})
			})
		})
	}
}

// tolerance is how far times may be apart.
func (s sequence) tolerance(times timing) time.Duration {
	if s.has(crashProcess, crashHolder) {
		return times.toleranceOfRecovery
	}
	return times.tolerance
}

// differences says in what a run differs from that of its plain twin. A twin that fails by itself is a fault of the test.
func (o outcome) differences(twin outcome, tolerance time.Duration) []string {
	if len(twin.problems) > 0 {
		return append([]string{"plain asynq by itself:"}, twin.problems...)
	}
	if len(o.problems) > 0 {
		return o.problems
	}
	all := o.state.canon().differences(twin.state.canon(), tolerance)
	for i, answer := range o.answers {
		if answer != twin.answers[i] {
			all = append(all, fmt.Sprintf("%s; plain asynq: %s", answer, twin.answers[i]))
		}
	}
	return append(all, countsApart(o.tries, twin.tries)...)
}

// countsApart says which tries were begun more or less often.
func countsApart(got, want map[run]int) (all []string) {
	for try, n := range got {
		if want[try] != n {
			all = append(all, fmt.Sprintf("%s was begun %d times after %d retries; under plain asynq %d times", try.id, n, try.retried, want[try]))
		}
	}
	for try, n := range want {
		if got[try] == 0 {
			all = append(all, fmt.Sprintf("%s was never begun after %d retries; under plain asynq %d times", try.id, try.retried, n))
		}
	}
	sort.Strings(all)
	return all
}
