package scenarios

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hibiken/asynq"

	"tollgate/loadgen"
	"tollgate/system/queue"
	"tollgate/system/tcpredis"
)

// probeTimeout bounds the wait for all probes to end.
const probeTimeout = 40 * time.Second

// archiveTimeout bounds the wait for the archives to show what the events said;
// archivePoll is the time between two looks.
const (
	archiveTimeout = 2 * time.Second
	archivePoll    = 20 * time.Millisecond
)

// maxEarlyEvents caps the events that are kept until the ids of the probes are
// known; without the load there are a few for each probe.
const maxEarlyEvents = 1000

// Probe is what was seen of the two probe jobs of a queue.
type Probe struct {
	Completed bool // the flaky job was done in the end
	Retried   bool // after it had failed and was retried
	GaveUp    bool // the hopeless job failed for good and lies in the archive with its reason

	// Events that the worker of the queue emitted for the probes.
	CompletedEvents, FailedEvents, ProgressEvents int
}

// probes follows the probe jobs by their ids.
type probes struct {
	mu    sync.Mutex
	jobs  map[string]*probeJob
	seen  map[queue.Name]*Probe
	early []queue.Event // of jobs whose id is not known yet
	sent  bool          // all ids are known
	open  int
	done  chan struct{} // closed when open is 0
}

// probeJob is one of the two probes of a queue.
type probeJob struct {
	queue    queue.Name
	hopeless bool
	ended    bool
}

func newProbes() *probes {
	return &probes{
		jobs: map[string]*probeJob{}, seen: map[queue.Name]*Probe{},
		open: 2 * len(queue.Specs()), done: make(chan struct{}),
	}
}

// sendProbes gives each queue a job that fails once and a hopeless one, and
// follows them to their ends. A probe that does not end in time is no error: it
// shows in its queue's Probe.
func sendProbes(ctx context.Context, w *World) (*probes, error) {
	p := newProbes()
	defer w.Subscribe(p.observe)()
	if err := p.send(ctx, w); err != nil {
		return nil, err
	}
	timer := time.NewTimer(probeTimeout)
	defer timer.Stop()
	select {
	case <-p.done:
	case <-timer.C:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	return p, nil
}

// send enqueues two jobs for each queue.
func (p *probes) send(ctx context.Context, w *World) error {
	for _, spec := range queue.Specs() {
		flaky, err := enqueueProbe(ctx, w, spec.Name, flakyPrefix)
		if err != nil {
			return err
		}
		hopeless, err := enqueueProbe(ctx, w, spec.Name, hopelessPrefix)
		if err != nil {
			return err
		}
		p.know(spec.Name, flaky, hopeless)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent, p.early = true, nil
	return nil
}

func enqueueProbe(ctx context.Context, w *World, name queue.Name, prefix string) (id string, err error) {
	payload := []byte(`"hopeless: not a payload that the processor can read"`)
	if name != localQueue || prefix != hopelessPrefix {
		if payload, err = loadgen.Payload(string(name), prefix+string(name)); err != nil {
			return "", err
		}
	}
	if id, err = w.Service().Enqueue(ctx, name, payload); err != nil {
		return "", fmt.Errorf("probe of queue %s: %w", name, err)
	}
	return id, nil
}

// know notes the ids of a queue's probes and takes in the events that were
// faster than their ids.
func (p *probes) know(name queue.Name, flaky, hopeless string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.jobs[flaky], p.jobs[hopeless] = &probeJob{queue: name}, &probeJob{queue: name, hopeless: true}
	p.seen[name] = &Probe{}
	early := p.early
	p.early = nil
	for _, e := range early {
		p.take(e)
	}
}

func (p *probes) observe(e queue.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.take(e)
}

// take books one event. Of a job that is not a probe nothing is kept once all
// probes are known. p.mu is held.
func (p *probes) take(e queue.Event) {
	job := p.jobs[e.JobID]
	if job == nil {
		if !p.sent && len(p.early) < maxEarlyEvents {
			p.early = append(p.early, e)
		}
		return
	}
	probe := p.seen[job.queue]
	switch e.Kind {
	case queue.Added, queue.Missed:
	case queue.Progress:
		probe.ProgressEvents++
	case queue.Completed:
		probe.CompletedEvents++
		probe.Completed = probe.Completed || !job.hopeless
		p.end(job)
	case queue.Failed:
		probe.FailedEvents++
		if e.Final {
			p.end(job)
		} else if !job.hopeless {
			probe.Retried = true
		}
	}
}

// end notes that a job has ended; one that is delivered twice ends once. p.mu is
// held.
func (p *probes) end(job *probeJob) {
	if job.ended {
		return
	}
	job.ended = true
	p.open--
	if p.open == 0 {
		close(p.done)
	}
}

// inspect looks for the hopeless jobs in the archives with asynq's own Inspector
// (what the worker says it did is not yet what Redis holds) and returns what was
// seen of each queue. It opens a connection of its own to the fake.
func (p *probes) inspect(ctx context.Context, w *World) (seen map[queue.Name]Probe, err error) {
	at := w.settings.Redis
	client, err := tcpredis.New(tcpredis.Config{
		Host: at.Host, Port: at.Port, Username: at.Username,
		Password: redisPassword, TLS: w.clientTLS(), Component: "inspector", PoolSize: 1,
		DialContext: w.network.DialContext,
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	inspector := asynq.NewInspectorFromRedisClient(client)
	ctx, cancel := context.WithTimeout(ctx, archiveTimeout)
	defer cancel()
	gaveUp := map[queue.Name]bool{}
	for id, job := range p.jobs {
		if !job.hopeless {
			continue
		}
		if gaveUp[job.queue], err = archived(ctx, inspector, job.queue, id); err != nil {
			return nil, fmt.Errorf("look for the hopeless job of queue %s: %w", job.queue, err)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	seen = map[queue.Name]Probe{}
	for name, probe := range p.seen {
		found := *probe
		found.GaveUp = gaveUp[name]
		seen[name] = found
	}
	return seen, nil
}

// archived reports whether a job lies in the archive with its reason. The event
// of the last failure comes before asynq moves the job, so it waits for that until
// ctx ends.
func archived(ctx context.Context, inspector *asynq.Inspector, name queue.Name, id string) (bool, error) {
	for {
		task, err := inspector.GetTaskInfo(string(name), id)
		switch {
		case errors.Is(err, asynq.ErrTaskNotFound):
			return false, nil
		case err != nil:
			return false, err
		case task.State == asynq.TaskStateArchived:
			return task.LastErr != "", nil
		}
		select {
		case <-ctx.Done():
			return false, nil
		case <-time.After(archivePoll):
		}
	}
}
