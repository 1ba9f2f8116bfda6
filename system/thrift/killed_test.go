package thrift_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tollgate/system/thrift"
)

const (
	// killsInAWorld is how many processes are killed, one after the other, while jobs flow.
	killsInAWorld = 10
	// victimLives is how long a process that is to be killed may live.
	victimLives = 30 * time.Second
	// lastLease is when no lease of a killed process is good any more.
	lastLease = 35 * time.Second
	// maxReturn is when every job is done after the last process was killed: asynq gives a job back 60 to 120 s after its
	// lease was written last, and the members of a group 2 to 3 minutes after their set was made.
	maxReturn = 4 * time.Minute
)

// anyMoment is where a process is killed that does not know of it.
const anyMoment thrift.Failpoint = "any moment"

// killing is one world in which processes are killed at one step.
type killing struct {
	*world
	level thrift.Level
	point thrift.Failpoint
	addr  string
	seed  uint64

	mu       sync.Mutex
	accepted []string
	byVictim map[string]map[string]int // events of victims, by event and job

	ended    time.Time // the last was killed
	before   int       // how many jobs had been accepted then
	revived  int       // groups that asynq had forgotten
	problems []string
	notes    string
}

// Processes that add and work jobs are killed at each step that has a failpoint, and anywhere, while another governed process and
// a plain one add and work jobs of the same queues. Every accepted job is done, in time and, if no killed process had begun
// it, once; and Redis holds what plain asynq would leave, but for what the README names.
func TestKilledProcessesLoseNoJob(t *testing.T) {
	onRequest(t)
	t.Parallel()
	var all []*killing
	for _, level := range governed {
		points := []thrift.Failpoint{
			thrift.FailBeforeCommit, thrift.FailAfterCommit, thrift.FailBeforeStart, thrift.FailBeforeReturn, thrift.FailBeforeFlush, anyMoment,
		}
		if level == thrift.Quiet { // its jobs pass no failpoint
			points = []thrift.Failpoint{anyMoment}
		}
		for _, point := range points {
			w, server := realWorld(t)
			w.times = killTimes()
			all = append(all, &killing{
				world: w, level: level, point: point, addr: server.Addr(), seed: *firstSeed,
				byVictim: map[string]map[string]int{eventAccepted: {}, eventBegan: {}, eventFinished: {}},
			})
		}
	}
	var running sync.WaitGroup
	for _, m := range all {
		running.Go(m.run)
	}
	running.Wait()
	for _, m := range all {
		t.Run(fmt.Sprintf("%s/%s", m.level, m.point), func(t *testing.T) {
			require.Empty(t, strings.Join(m.problems, "\n"))
			t.Logf("%s, %s: %s", m.level, m.point, m.notes)
		})
	}
}

// run is the whole of it. What goes wrong is in problems.
func (k *killing) run() {
	v := &verdict{}
	k.t = v
	defer func() {
		if x := recover(); x != nil {
			if x != any(failed{}) {
				panic(x)
			}
			k.abandon()
		}
		k.problems = append(k.problems, v.problems...)
	}()
	kinds := map[string]kind{"governed": {level: k.level, wake: true}, "plain": {level: plain}}
	names := []string{"governed", "plain"}
	for _, name := range names {
		k.start(name, kinds[name])
	}
	k.crashed = true
	k.whileJobsFlow("flow", burstEvery, func() {
		random := rand.New(rand.NewPCG(k.seed, 2))
		for n := range killsInAWorld {
			k.kill(n, random)
		}
	})
	k.ended, k.before = time.Now(), len(k.accepted)
	k.whileJobsFlow("trickle", trickleEvery, func() {
		require.True(k.t, k.eventually(maxReturn, func() bool {
			return time.Since(k.ended) > lastLease && !k.leaseIsOver()
		}), "jobs of killed processes are left after %v", maxReturn)
	})
	require.True(k.t, k.eventually(maxReturn, func() bool {
		k.reviveGroups()
		return len(k.unsettled()) == 0
	}), "not over after %v: %v", maxReturn, k.unsettled())
	s := k.finish(names, kinds, k.times.step)
	k.close()
	k.judge(s)
}

// whileJobsFlow does something while the processes that live add jobs.
func (k *killing) whileJobsFlow(name string, every time.Duration, do func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var flows sync.WaitGroup
	for i, p := range k.running() {
		flows.Go(func() {
			p.flow(ctx, p.name+"."+name, k.seed*1000+uint64(100+i), every, func(id string) { k.note(eventAccepted, id, false) })
		})
	}
	defer flows.Wait()
	defer cancel()
	do()
}

// leaseIsOver says whether a job has a lease that nobody keeps alive.
func (k *killing) leaseIsOver() bool {
	s := k.snapshot()
	for _, queue := range queueNames {
		for _, until := range s.zsets["asynq:{"+queue+"}:lease"] {
			if until < float64(time.Now().Unix()) {
				return true
			}
		}
	}
	return false
}

// kill starts a process and has it killed.
func (k *killing) kill(n int, random *rand.Rand) {
	given := orders{
		Addr: k.addr, Level: k.level, Name: fmt.Sprintf("victim%d", n), Point: k.point, After: 1 + random.IntN(40),
		Seed: k.seed*1000 + uint64(n),
	}
	life := time.Duration(300+random.IntN(1500)) * time.Millisecond // of one that is told to stop or that is killed anywhere
	switch k.point {
	case anyMoment:
		given.Point = ""
	case thrift.FailBeforeFlush: // once in an interval
		given.After = 1 + n%3
	case thrift.FailBeforeReturn: // at Quiesce and at Close
		given.After = 1 + n%2
	}
	text, err := json.Marshal(given)
	require.NoError(k.t, err)
	ctx, cancel := context.WithTimeout(context.Background(), victimLives)
	defer cancel()
	victim := exec.CommandContext(ctx, os.Args[0]) // killed when ctx ends
	victim.Env = append(os.Environ(), victimVariable+"="+string(text))
	victim.Stderr = os.Stderr
	input, err := victim.StdinPipe()
	require.NoError(k.t, err)
	output, err := victim.StdoutPipe()
	require.NoError(k.t, err)
	require.NoError(k.t, victim.Start())
	k.listen(output, func() { // it is under way
		switch k.point {
		case anyMoment:
			time.AfterFunc(life, func() { _ = victim.Process.Kill() })
		case thrift.FailBeforeReturn:
			time.AfterFunc(life, func() { _ = input.Close() })
		}
	})
	_ = victim.Wait() // it says that it was killed
	status, ok := victim.ProcessState.Sys().(syscall.WaitStatus)
	require.True(k.t, ok && status.Signaled() && status.Signal() == syscall.SIGKILL, "%s: %v", given.Name, victim.ProcessState)
	require.NoError(k.t, ctx.Err(), "%s did not get to %q within %v", given.Name, k.point, victimLives)
}

// listen notes what a victim tells until it is dead, and says when it begins to.
func (k *killing) listen(output io.Reader, begins func()) {
	lines := bufio.NewScanner(output)
	for n := 0; lines.Scan(); n++ {
		if n == 0 {
			begins()
		}
		if event, id, ok := strings.Cut(lines.Text(), " "); ok {
			k.note(event, id, true)
		}
	}
	require.NoError(k.t, lines.Err())
}

func (k *killing) note(event, id string, byVictim bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if event == eventAccepted {
		k.accepted = append(k.accepted, id)
	}
	if byVictim {
		k.byVictim[event][id]++
	}
}

// reviveGroups adds a job to each group whose jobs came back from a process that died while it made one job of them: asynq
// does not list such a group until its next job comes. See TestGroupThatCameBackWaitsForItsNextJob.
func (k *killing) reviveGroups() {
	s := k.snapshot()
	for _, queue := range queueNames {
		_, waits := s.zsets["asynq:{"+queue+"}:g:"+theGroup]
		if !waits || slices.Contains(s.sets["asynq:{"+queue+"}:groups"], theGroup) {
			continue
		}
		k.revived++
		o := operation{verb: enqueueJob, queue: queue, id: fmt.Sprintf("reviver%d%s", k.revived, ofGroup), job: []act{succeed}}
		o.options.group = theGroup
		p := k.find("plain")
		_, err := p.client.Enqueue(p.task(o))
		require.NoError(k.t, err)
		k.note(eventAccepted, o.id, false)
	}
}

// judge says what is wrong at the end.
func (k *killing) judge(s snapshot) {
	late, last := 0, time.Duration(0)
	accepted := map[string]bool{}
	for i, id := range k.accepted {
		accepted[id] = true
		done := k.journal.successes(id) + k.byVictim[eventFinished][id]
		switch {
		case done == 0:
			k.report("%s was accepted and never done", id)
		case done > 1 && k.byVictim[eventBegan][id] == 0 && !strings.HasSuffix(id, ofGroup): // asynq makes a group's job anew
			k.report("%s was done %d times, and no killed process had begun it", id, done)
		}
		if after := k.journal.endOf(id).Sub(k.ended); i < k.before && after > 20*time.Second { // nothing but a lease takes as long
			late++
			last = max(last, after)
		}
	}
	orphans := s.orphans()
	for _, key := range orphans { // of a job that a process was about to add, as the README says
		if _, rest, _ := split(key); accepted[strings.TrimPrefix(rest, "t:")] {
			k.report("%s is in no place, though it was accepted", key)
		}
		delete(s.hashes, key)
	}
	for _, problem := range append(s.broken(), s.unusual()...) {
		k.report("%s", problem)
	}
	k.notes = fmt.Sprintf("%d processes killed; %d jobs accepted, %d of them from the killed, which began %d and finished %d; "+
		"%d jobs came back by leases, the last %v after the last kill; %d groups revived; %d orphans; %v in all",
		killsInAWorld, len(k.accepted), len(k.byVictim[eventAccepted]), len(k.byVictim[eventBegan]), len(k.byVictim[eventFinished]),
		late, last.Round(time.Second), k.revived, len(orphans), time.Since(k.began).Round(time.Second))
}

func (k *killing) report(format string, args ...any) {
	k.problems = append(k.problems, fmt.Sprintf(format, args...))
}

// orphans are the hashes of jobs that nothing names.
func (s snapshot) orphans() (keys []string) {
	places := s.places()
	for key := range s.hashes {
		if _, rest, ok := split(key); ok && strings.HasPrefix(rest, "t:") && len(places[key]) == 0 {
			keys = append(keys, key)
		}
	}
	return keys
}

// unusual lists the keys that plain asynq does not leave when every job is done: others than counters, the list of queues, the
// names of servers, and the jobs that are kept for a day.
func (s snapshot) unusual() (all []string) {
	for _, keys := range []iter.Seq[string]{maps.Keys(s.lists), maps.Keys(s.sets), maps.Keys(s.zsets), maps.Keys(s.hashes), maps.Keys(s.texts)} {
		for key := range keys {
			_, rest, _ := split(key)
			kind, _, _ := strings.Cut(rest, ":")
			usual := key == "asynq:queues" || slices.Contains(serverLists, key) || slices.Contains([]string{"processed", "failed", "completed"}, kind)
			if !usual && s.hashes[key]["state"] != "completed" {
				all = append(all, key+" is left")
			}
		}
	}
	slices.Sort(all)
	return all
}
