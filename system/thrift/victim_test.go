package thrift_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"tollgate/system/thrift"
)

// victimVariable of the environment holds a victim's orders, as JSON. With it, this test's program is that process.
const victimVariable = "THRIFT_TEST_VICTIM"

// orders are those of a process that is to be killed.
type orders struct {
	Addr  string           // of the Redis
	Level thrift.Level     // of the governor
	Name  string           // of the process; its jobs have it in their IDs
	Point thrift.Failpoint // where it kills itself; "" for a process that somebody else kills
	After int              // when it gets there for this time
	Seed  uint64           // of its jobs
}

// eventAccepted is what a victim tells of the jobs that it enqueued, beside the journal's events.
const eventAccepted = "accepted"

// The pace at which jobs are enqueued. Those of a burst come at the same moment, so that commits have several changes.
const (
	burst        = 12
	burstEvery   = 400 * time.Millisecond
	trickleEvery = 5 * burstEvery
)

// killTimes are crashTimes with jobs that are under way when recoverers look, which must not take them.
func killTimes() timing {
	times := crashTimes
	times.slow = time.Second
	return times
}

// victim is the main function of a governed process that adds and works jobs until it is killed. Each thing that it does
// is told on standard output before it goes on, so that the pipe has it whenever the process dies. It quiesces when its
// standard input ends, which it also does when the test is gone.
func victim(text string) int {
	var given orders
	if err := json.Unmarshal([]byte(text), &given); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	w := newWorld(&verdict{}, killTimes(), dialTo(given.Addr))
	w.journal.tell = func(event, id string) { _, _ = fmt.Fprintln(os.Stdout, event, id) }
	var reached atomic.Int64
	w.failpoint = func(step thrift.Failpoint) {
		if step == given.Point && reached.Add(1) == int64(given.After) {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // not a step further
		}
	}
	p := w.start(given.Name, kind{level: given.Level, wake: true})
	ctx, cancel := context.WithCancel(context.Background())
	var flow sync.WaitGroup
	flow.Go(func() {
		p.flow(ctx, given.Name, given.Seed, burstEvery, func(id string) { w.journal.telling(eventAccepted, id) })
	})
	_, _ = io.Copy(io.Discard, os.Stdin) // until it ends
	cancel()
	if err := p.shutdown(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	flow.Wait()
	return 0
}

// flow enqueues a burst of jobs each so often, until ctx ends, and tells which were accepted. Their IDs begin with the name.
func (p *process) flow(ctx context.Context, name string, seed uint64, every time.Duration, accepted func(id string)) {
	random := rand.New(rand.NewPCG(seed, 1))
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for n := 0; ; n += burst {
		var all sync.WaitGroup
		for i := range burst {
			o := flowing(random, fmt.Sprintf("%s.%d", name, n+i))
			ctx := context.WithoutCancel(ctx)
			if random.IntN(2) == 0 {
				ctx = thrift.WithFreshID(ctx)
			}
			all.Go(func() {
				if _, err := p.client.EnqueueContext(ctx, p.task(o)); err == nil {
					accepted(o.id)
				}
			})
		}
		all.Wait()
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// theGroup is that of grouped jobs, and ofGroup ends their IDs.
const (
	theGroup = "north"
	ofGroup  = ".member"
)

// flowing makes up a job that succeeds, sooner or later.
func flowing(random *rand.Rand, id string) operation {
	o := operation{verb: enqueueJob, queue: queueNames[random.IntN(len(queueNames))], id: id, job: []act{succeed}}
	o.options.maxRetry = 25
	switch random.IntN(12) {
	case 0:
		o.job = []act{dawdle}
		o.options.deadline = "far"
	case 1:
		o.job = []act{fail, succeed}
	case 2:
		o.options.delay = "short"
	case 3:
		o.options.unique, o.options.lock = "only-"+id, "far"
	case 4:
		o.options.retention = "far"
	case 5:
		if random.IntN(3) == 0 {
			o.id += ofGroup
			o.options.group = theGroup
		}
	}
	return o
}
