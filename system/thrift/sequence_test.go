package thrift_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/hibiken/asynq"

	"tollgate/system/thrift"
)

// verb is what an operation does.
type verb string

// The verbs. Each names the process that does it.
const (
	enqueueJob      verb = "enqueue"
	pauseQueue      verb = "pause"
	unpauseQueue    verb = "unpause"
	removeQueue     verb = "remove"
	removeForce     verb = "remove with all jobs"
	deleteCompleted verb = "delete completed"
	runArchived     verb = "run all archived"
	archivePending  verb = "archive all pending"
	runJob          verb = "run"
	archiveJob      verb = "archive"
	deleteJob       verb = "delete"
	changePayload   verb = "change payload of"
	cancelJob       verb = "cancel"
	startProcess    verb = "start"
	stopProcess     verb = "stop"
	crashProcess    verb = "crash"
	stopHolder      verb = "stop and start the holder or" // whoever works a job that holds; without one, the process named
	crashHolder     verb = "crash and start the holder or"
)

// operation is one thing that one process does or suffers.
type operation struct {
	verb    verb
	process string
	queue   string
	id      string
	job     []act
	options options
}

// options are asynq's of a job. Times that depend on the clock are in words: they mean what the world's timing says.
type options struct {
	maxRetry               int
	delay, retention, lock string // "", "short" or "far"
	unique                 string // type and payload are its alone; "" for a job of which there may be many
	group                  string
	timeout, deadline      string
}

// step is some operations at one moment.
type step struct {
	operations []operation
	wait       time.Duration // then; 0 until all is settled
}

// sequence is what a run does.
type sequence struct {
	seed      uint64
	processes []string
	governed  map[string]bool // which of them are
	wake      bool
	steps     []step
}

// kinds says what each process is when the governed ones are of a level; all are plain at plain.
func (s sequence) kinds(level thrift.Level) map[string]kind {
	kinds := map[string]kind{}
	for _, name := range s.processes {
		kinds[name] = kind{level: plain}
		if s.governed[name] {
			kinds[name] = kind{level: level, wake: s.wake}
		}
	}
	return kinds
}

// has says whether the verb is in the sequence.
func (s sequence) has(verbs ...verb) bool {
	for _, step := range s.steps {
		for _, o := range step.operations {
			for _, v := range verbs {
				if o.verb == v {
					return true
				}
			}
		}
	}
	return false
}

func (s sequence) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d, processes %v, governed %v, wake-ups %v\n", s.seed, s.processes, s.governed, s.wake)
	for i, step := range s.steps {
		fmt.Fprintf(&b, "%2d.", i)
		for _, o := range step.operations {
			fmt.Fprintf(&b, " %s", o)
		}
		if step.wait > 0 {
			fmt.Fprintf(&b, " wait %v", step.wait)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func (o operation) String() string {
	text := fmt.Sprintf("[%s: %s", o.process, o.verb)
	for _, word := range []string{o.queue, o.id} {
		if word != "" {
			text += " " + word
		}
	}
	if o.verb == enqueueJob {
		text += fmt.Sprintf(" %v %+v", o.job, o.options)
	}
	return text + "]"
}

// apply does an operation and says how it went, in words that do not depend on the process or the time.
func (w *world) apply(o operation, kinds map[string]kind) string {
	p := w.find(o.process)
	switch o.verb {
	case startProcess:
		if p == nil || !p.isRunning() {
			w.start(o.process, kinds[o.process])
		}
		return "ok"
	case stopHolder, crashHolder:
		return w.replace(o, kinds)
	}
	if p == nil || !p.isRunning() {
		return "not running"
	}
	switch o.verb {
	case enqueueJob:
		_, err := p.client.Enqueue(p.task(o))
		return class(err)
	case stopProcess:
		p.stop()
	case crashProcess:
		p.crash()
	default:
		return class(p.inspect(o))
	}
	return "ok"
}

// replace ends the process that works a job that holds, and starts it again.
func (w *world) replace(o operation, kinds map[string]kind) string {
	victim := w.journal.holder()
	if victim != nil && o.verb == crashHolder {
		w.robbed++
	}
	if victim == nil {
		if victim = w.find(o.process); victim == nil || !victim.isRunning() {
			return "not running"
		}
	}
	if o.verb == crashHolder {
		victim.crash()
	} else {
		victim.stop()
	}
	w.start(victim.name, kinds[victim.name])
	return "ok"
}

// inspect does what asynq's Inspector does.
func (p *process) inspect(o operation) (err error) {
	i := p.inspector
	switch o.verb {
	case pauseQueue:
		return i.PauseQueue(o.queue)
	case unpauseQueue:
		return i.UnpauseQueue(o.queue)
	case removeQueue:
		return i.DeleteQueue(o.queue, false)
	case removeForce:
		return i.DeleteQueue(o.queue, true)
	case deleteCompleted:
		_, err = i.DeleteAllCompletedTasks(o.queue)
	case runArchived:
		_, err = i.RunAllArchivedTasks(o.queue)
	case archivePending:
		_, err = i.ArchiveAllPendingTasks(o.queue)
	case runJob:
		return i.RunTask(o.queue, o.id)
	case archiveJob:
		return i.ArchiveTask(o.queue, o.id)
	case deleteJob:
		return i.DeleteTask(o.queue, o.id)
	case changePayload:
		return i.UpdateTaskPayload(o.queue, o.id, []byte(`{"do":["succeed"]}`))
	case cancelJob:
		return i.CancelProcessing(o.id)
	default:
		return fmt.Errorf("unknown verb %q", o.verb)
	}
	return err
}

// task makes asynq's of an operation.
func (p *process) task(o operation) *asynq.Task {
	times, given := p.w.times, o.options
	in := func(words string) time.Duration {
		return map[string]time.Duration{"short": times.short, "soon": 4 * times.short, "far": far}[words]
	}
	options := []asynq.Option{asynq.Queue(o.queue), asynq.TaskID(o.id), asynq.MaxRetry(given.maxRetry)}
	kind, payload := "job", job{Do: o.job}
	if given.delay != "" {
		options = append(options, asynq.ProcessIn(in(given.delay)))
	}
	if given.retention != "" {
		options = append(options, asynq.Retention(in(given.retention)))
	}
	if given.timeout != "" {
		options = append(options, asynq.Timeout(in(given.timeout)))
	}
	if given.deadline != "" {
		options = append(options, asynq.Deadline(time.Now().Add(in(given.deadline))))
	}
	if given.unique != "" {
		kind = given.unique
		options = append(options, asynq.Unique(in(given.lock)))
	}
	if given.group != "" {
		payload.ID = o.id
		options = append(options, asynq.Group(given.group))
	}
	data, err := json.Marshal(payload)
	if err != nil {
		panic(err)
	}
	return asynq.NewTask(kind, data, options...)
}

// class puts an error into words.
func class(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, asynq.ErrTaskIDConflict):
		return "conflict"
	case errors.Is(err, asynq.ErrDuplicateTask):
		return "duplicate"
	default:
		return err.Error()
	}
}

// generator makes sequences.
type generator struct {
	*rand.Rand
	sequence
	crashes bool            // processes end and crash; queues are removed otherwise
	up      map[string]bool // which processes run
	jobs    []operation     // all that were enqueued
	holding bool            // one of them holds
	held    operation       // which
}

func newGenerator(seed uint64, crashes bool) *generator {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 0)), crashes: crashes, up: map[string]bool{}}
	layout := pick(g, []string{"g1"}, []string{"g1", "g2"}, []string{"g1", "p"}, []string{"g1", "g2", "p"})
	g.sequence = sequence{seed: seed, processes: layout, governed: map[string]bool{"g1": true, "g2": true}}
	g.wake = len(layout) > 1 || g.IntN(2) == 0 // a process that does everything needs none
	for _, name := range layout {
		g.up[name] = true
	}
	return g
}

// pick chooses one.
func pick[T any](g *generator, of ...T) T { return of[g.IntN(len(of))] }

// running are the names of the processes that run.
func (g *generator) running() (names []string) {
	for _, name := range g.processes {
		if g.up[name] {
			names = append(names, name)
		}
	}
	return names
}

// someone is a process that runs.
func (g *generator) someone() string { return pick(g, g.running()...) }

// settledSequence makes a sequence in which all comes to rest after each step, and no two operations of a step touch the
// same thing: how it ends then does not depend on how fast anything is.
func settledSequence(seed uint64, crashes bool, steps int) sequence {
	g := newGenerator(seed, crashes)
	for range steps {
		g.steps = append(g.steps, g.step())
	}
	return g.sequence
}

func (g *generator) step() step {
	switch n := g.IntN(100); {
	case n < 15 && g.held.id != "": // no other job is sure to run
		return g.one(operation{verb: cancelJob, queue: g.held.queue, id: g.held.id})
	case n < 55 || len(g.jobs) == 0:
		return g.batch()
	case n < 75:
		target := pick(g, g.jobs...)
		act := pick(g, runJob, runJob, archiveJob, deleteJob, cancelJob, cancelJob, changePayload)
		return g.one(operation{verb: act, queue: target.queue, id: target.id})
	case n < 85 || !g.crashes && n < 90:
		act := pick(g, pauseQueue, pauseQueue, unpauseQueue, unpauseQueue, deleteCompleted, runArchived, archivePending)
		return g.one(operation{verb: act, queue: pick(g, queueNames...)})
	case !g.crashes:
		return g.one(operation{verb: pick(g, removeQueue, removeForce), queue: pick(g, queueNames...)})
	default:
		return g.upheaval()
	}
}

func (g *generator) one(o operation) step {
	o.process = g.someone()
	return step{operations: []operation{o}}
}

// upheaval starts or ends a process. One at least goes on, or is replaced at once.
func (g *generator) upheaval() step {
	name := pick(g, g.processes...)
	switch {
	case !g.up[name]:
		g.up[name] = true
		return step{operations: []operation{{verb: startProcess, process: name}}}
	case g.holding || len(g.running()) == 1:
		return step{operations: []operation{{verb: pick(g, stopHolder, crashHolder, crashHolder), process: name}}}
	default:
		g.up[name] = false
		return step{operations: []operation{{verb: pick(g, stopProcess, crashProcess), process: name}}}
	}
}

// batch enqueues some jobs of different IDs.
func (g *generator) batch() (s step) {
	used := map[string]bool{}
	for range 1 + g.IntN(5) {
		o := g.job(fmt.Sprintf("j%d", len(g.jobs)))
		if len(g.jobs) > 0 && g.IntN(10) == 0 { // the ID of another job, which may still be there
			old := pick(g, g.jobs...)
			o.id, o.queue = old.id, old.queue
		}
		if used[o.id] || o.options.unique != "" && used[o.queue+o.options.unique] {
			continue
		}
		used[o.id], used[o.queue+o.options.unique] = true, true
		g.jobs = append(g.jobs, o)
		s.operations = append(s.operations, o)
	}
	return s
}

// uniques are what jobs of which there may be only one do, by their type.
var uniques = map[string][]act{"only-a": {succeed}, "only-b": {put}, "only-c": {skip}, "only-d": {fail, succeed}}

// job makes up one job.
func (g *generator) job(id string) operation {
	o := operation{verb: enqueueJob, process: g.someone(), queue: pick(g, queueNames...), id: id}
	o.options.maxRetry = 3
	if g.IntN(8) == 0 {
		o.options.group, o.job = pick(g, "north", "south"), []act{succeed}
		return o
	}
	o.options.delay = pick(g, "", "", "", "", "", "short", "far")
	o.options.retention = pick(g, "", "", "", "", "short", "far")
	if g.IntN(6) == 0 {
		o.options.unique, o.options.lock = pick(g, "only-a", "only-b", "only-c", "only-d"), pick(g, "short", "far", "far")
		o.job = uniques[o.options.unique]
		return o
	}
	switch n := g.IntN(24); {
	case n < 5:
		o.job = []act{succeed}
	case n < 8:
		o.job, o.options.retention = []act{write}, "far"
	case n < 10:
		o.job = []act{fail, succeed}
	case n < 12:
		o.job, o.options.maxRetry = []act{fail}, 1
	case n < 13:
		o.job = []act{crash, succeed}
	case n < 15:
		o.job = []act{skip}
	case n < 16:
		o.job = []act{revoke}
	case n < 18:
		o.job = []act{put, succeed}
	case n < 20:
		o.job, o.options.deadline = []act{dawdle}, "far"
	case n < 21:
		o.job, o.options.timeout = []act{hold, succeed}, "short"
	case n < 22:
		o.job, o.options.deadline, o.options.maxRetry, o.options.delay = []act{hold}, "soon", 1, ""
	case g.holding:
		o.job = []act{dawdle}
	default:
		o.job, o.options.timeout, o.options.delay = []act{hold, succeed}, "far", ""
		g.holding, g.held = true, o
	}
	return o
}
