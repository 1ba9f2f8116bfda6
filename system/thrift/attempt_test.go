package thrift_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// verdict collects what fails in an attempt, so that whoever made it can try something shorter.
type verdict struct{ problems []string }

// failed is what a verdict panics with.
type failed struct{}

func (v *verdict) Errorf(format string, args ...any) {
	v.problems = append(v.problems, strings.TrimSpace(fmt.Sprintf(format, args...)))
}

func (v *verdict) FailNow() { panic(failed{}) }

// outcome is what a run came to.
type outcome struct {
	answers  []string // of each operation
	accepted []bool   // which of them went well
	state    snapshot
	tries    map[run]int
	done     map[string]int
	robbed   int           // processes that crashed with a job
	took     time.Duration // by the world's clock
	problems []string
}

// play runs a sequence in a world of its own and closes it.
func (w *world) play(s sequence, kinds map[string]kind) (o outcome) {
	v := &verdict{}
	w.t = v
	defer func() {
		if x := recover(); x != nil {
			if x != any(failed{}) {
				panic(x)
			}
			w.abandon()
		}
		o.problems = append(v.problems, o.problems...)
	}()
	for _, name := range s.processes {
		w.start(name, kinds[name])
	}
	crashed := s.has(crashProcess, crashHolder)
	for i, step := range s.steps {
		for _, each := range step.operations {
			answer := w.apply(each, kinds)
			o.answers = append(o.answers, fmt.Sprintf("step %d %s: %s", i, each, answer))
			o.accepted = append(o.accepted, answer == "ok")
		}
		switch {
		case step.wait > 0:
			w.passes(step.wait)
		case slices.ContainsFunc(step.operations, func(o operation) bool { return o.verb == crashProcess || o.verb == crashHolder }):
			w.rest(w.times.recovery)
		default:
			w.rest(w.times.step)
		}
	}
	within := w.times.step
	if crashed {
		within = w.times.recovery
	}
	o.state = w.finish(s.processes, kinds, within)
	o.problems = o.state.broken()
	o.tries, o.done, o.robbed = w.journal.tries(), w.journal.all(), w.robbed
	o.took = time.Since(w.began).Round(time.Second)
	w.close()
	return o
}

// guard runs a test that uses the world and closes the world, and clears everything away if the test fails: goroutines
// that a bubble leaves behind would end the whole program. The test checks with w.t.
func (w *world) guard(t *testing.T, test func()) {
	t.Helper()
	v := &verdict{}
	w.t = v
	func() {
		defer func() {
			if x := recover(); x != nil {
				if x != any(failed{}) {
					panic(x)
				}
				w.abandon()
			}
		}()
		test()
		w.close()
	}()
	require.Empty(t, strings.Join(v.problems, "\n"))
}

// abandon clears a world away after a failure.
func (w *world) abandon() {
	w.journal.let()
	for _, p := range w.running() {
		p.crash()
	}
	w.buried.Wait()
	_ = w.observer.Close() // the failure is what matters
	if w.inBubble() {
		w.passes(time.Minute)
	}
}

// playInBubble plays a sequence on an embedded Redis.
func playInBubble(t *testing.T, s sequence, kinds map[string]kind) (o outcome) {
	t.Helper()
	bubble(t, func(t *testing.T) { o = embeddedWorld(t).play(s, kinds) })
	return o
}

// shrunk leaves out of a failing sequence what it fails without, with at most so many attempts.
func (s sequence) shrunk(attempts int, fails func(sequence) bool) sequence {
	for size := len(s.steps) / 2; size > 0; size /= 2 {
		for at := 0; at+size <= len(s.steps) && attempts > 0; attempts-- {
			shorter := s
			shorter.steps = slices.Concat(s.steps[:at], s.steps[at+size:])
			if fails(shorter) {
				s = shorter
			} else {
				at += size
			}
		}
	}
	return s
}

// judge fails the test if a sequence has problems, with the shortest sequence that was found to have some.
func judge(t *testing.T, s sequence, problems func(sequence) []string) {
	t.Helper()
	found := problems(s)
	if len(found) == 0 {
		return
	}
	short := s.shrunk(*shrinking, func(s sequence) bool { return len(problems(s)) > 0 })
	if again := problems(short); len(again) > 0 {
		found = again
	} else {
		short = s // it fails now and then only
	}
	test, _, _ := strings.Cut(t.Name(), "/")
	require.Fail(t, "a sequence goes wrong", "%s\n%s\nrun it again: go test ./system/thrift -run '%s' -thrift.seed %d -thrift.sequences 1",
		short, strings.Join(found, "\n"), test, s.seed)
}
