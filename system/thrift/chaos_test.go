package thrift_test

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"tollgate/system/thrift"
)

// operationsOfChaos is how long the sequences are in which nothing waits for anything.
const operationsOfChaos = 60

// chaos makes a sequence in which nothing waits for anything. Ending processes is part of it if crashes is set.
func chaos(seed uint64, crashes bool) sequence {
	g := newGenerator(seed, crashes)
	g.holding = true // no job holds: all is to be done at the end
	for range operationsOfChaos {
		s := g.hasty()
		s.wait = time.Duration(1+g.IntN(3000)) * time.Millisecond
		g.steps = append(g.steps, s)
	}
	open := step{wait: time.Second}
	for _, name := range queueNames {
		open.operations = append(open.operations, operation{verb: unpauseQueue, process: g.someone(), queue: name})
	}
	g.steps = append(g.steps, open)
	return g.sequence
}

// hasty is one step of chaos.
func (g *generator) hasty() step {
	switch n := g.IntN(100); {
	case n < 65 || len(g.jobs) == 0:
		return g.batch()
	case n < 80:
		target := pick(g, g.jobs...)
		return g.one(operation{verb: pick(g, runJob, archiveJob, deleteJob, cancelJob), queue: target.queue, id: target.id})
	case n < 90 || !g.crashes:
		return g.one(operation{verb: pick(g, pauseQueue, unpauseQueue, unpauseQueue), queue: pick(g, queueNames...)})
	default:
		name := pick(g, g.processes...)
		if !g.up[name] {
			g.up[name] = true
			return step{operations: []operation{{verb: startProcess, process: name}}}
		}
		g.up[name] = len(g.running()) == 1
		s := step{operations: []operation{{verb: pick(g, stopProcess, crashProcess), process: name}}}
		if g.up[name] {
			s.operations = append(s.operations, operation{verb: startProcess, process: name})
		}
		return s
	}
}

// forgotten lists the accepted jobs that were neither done nor kept.
func (s sequence) forgotten(o outcome) (all []string) {
	deleted := map[string]bool{}
	accepted := map[string]string{}
	i := 0
	for _, step := range s.steps {
		for _, op := range step.operations {
			ok := i < len(o.accepted) && o.accepted[i]
			i++
			switch {
			case ok && op.verb == enqueueJob:
				accepted[op.id] = op.queue
			case ok && op.verb == deleteJob:
				deleted[op.id] = true
			}
		}
	}
	for id, queue := range accepted {
		kept := []string{"scheduled", "retry", "archived", "completed"}
		if o.done[id] == 0 && !deleted[id] && !slices.Contains(kept, o.state.placeOf(queue, id)) {
			all = append(all, fmt.Sprintf("%s was accepted and is neither done nor kept", id))
		}
	}
	sort.Strings(all)
	return all
}

// repeated lists the tries that were begun more than once, but for those of jobs that were run by hand or enqueued anew.
func (s sequence) repeated(o outcome) (all []string) {
	anew := map[string]int{}
	i := 0
	for _, step := range s.steps {
		for _, op := range step.operations {
			if i < len(o.accepted) && o.accepted[i] && (op.verb == enqueueJob || op.verb == runJob) {
				anew[op.id]++
			}
			i++
		}
	}
	for try, n := range o.tries {
		allowed := 0
		for _, member := range strings.Split(try.id, "-") { // of a group's job; any other has itself only
			allowed += anew[member]
		}
		if n > max(1, allowed) {
			all = append(all, fmt.Sprintf("%s was begun %d times after %d retries", try.id, n, try.retried))
		}
	}
	sort.Strings(all)
	return all
}

// Whatever happens at once, crashes included, an accepted job is done or kept, and Redis is in order.
func TestNoJobIsForgottenInChaos(t *testing.T) {
	for _, seed := range seeds() {
		t.Run(fmt.Sprintf("seed-%d", seed), func(t *testing.T) {
			atEveryLevel(t, func(t *testing.T, level thrift.Level) {
				judge(t, chaos(seed, true), func(s sequence) []string {
					o := playInBubble(t, s, s.kinds(level))
					if len(o.problems) > 0 {
						return o.problems
					}
					return s.forgotten(o)
				})
			})
		})
	}
}

// Without a crash, a try of a job is begun once.
func TestNoJobIsDoneTwiceWithoutACrash(t *testing.T) {
	for _, seed := range seeds() {
		t.Run(fmt.Sprintf("seed-%d", seed), func(t *testing.T) {
			atEveryLevel(t, func(t *testing.T, level thrift.Level) {
				judge(t, chaos(seed, false), func(s sequence) []string {
					o := playInBubble(t, s, s.kinds(level))
					if len(o.problems) > 0 {
						return o.problems
					}
					return append(s.forgotten(o), s.repeated(o)...)
				})
			})
		})
	}
}
