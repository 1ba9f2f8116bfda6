package scenarios

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hibiken/asynq"

	"tollgate/loadgen"
	"tollgate/system/config"
	"tollgate/system/queue"
	"tollgate/system/tcpredis"
)

// probeTimeout bounds the wait for all probes to end.
const probeTimeout = 40 * time.Second

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
	mu       sync.Mutex
	flaky    map[string]queue.Name
	hopeless map[string]queue.Name
	seen     map[queue.Name]*Probe
	events   []queue.Event // of jobs whose id is not known yet
	open     int
	done     chan struct{}
}

// sendProbes gives each queue a job that fails once and a hopeless one, and
// returns what became of them. A probe that did not end in time shows in its
// queue's Probe; the error is for probes that could not be sent.
func sendProbes(ctx context.Context, w *World) (map[queue.Name]Probe, error) {
	p := &probes{
		flaky: map[string]queue.Name{}, hopeless: map[string]queue.Name{},
		seen: map[queue.Name]*Probe{}, done: make(chan struct{}),
	}
	defer w.Service.Subscribe(p.observe)()
	if err := p.send(ctx, w); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	select {
	case <-p.done:
	case <-ctx.Done():
	}
	if err := p.inspect(w); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	result := map[queue.Name]Probe{}
	for name, probe := range p.seen {
		result[name] = *probe
	}
	return result, nil
}

// send enqueues two jobs for each queue.
func (p *probes) send(ctx context.Context, w *World) error {
	p.mu.Lock()
	p.open = 2 * len(queue.Specs())
	p.mu.Unlock()
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
	return nil
}

func enqueueProbe(ctx context.Context, w *World, name queue.Name, prefix string) (id string, err error) {
	payload := []byte(`"hopeless: not a payload that the processor can read"`)
	if name != localQueue || prefix != hopelessPrefix {
		if payload, err = loadgen.Payload(string(name), prefix+string(name)); err != nil {
			return "", err
		}
	}
	if id, err = w.Service.Enqueue(ctx, name, payload); err != nil {
		return "", fmt.Errorf("probe of queue %s: %w", name, err)
	}
	return id, nil
}

// know notes the ids of a queue's probes and takes in the events that were
// faster than their ids.
func (p *probes) know(name queue.Name, flaky, hopeless string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flaky[flaky], p.hopeless[hopeless] = name, name
	p.seen[name] = &Probe{}
	early := p.events
	p.events = nil
	for _, e := range early {
		p.take(e)
	}
}

func (p *probes) observe(e queue.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.take(e)
}

// take books one event. p.mu is held.
func (p *probes) take(e queue.Event) {
	name, flaky := p.flaky[e.JobID]
	if !flaky {
		var hopeless bool
		if name, hopeless = p.hopeless[e.JobID]; !hopeless {
			p.events = append(p.events, e)
			return
		}
	}
	probe := p.seen[name]
	switch {
	case e.Kind == queue.Progress:
		probe.ProgressEvents++
	case e.Kind == queue.Completed:
		probe.CompletedEvents++
		if flaky {
			probe.Completed = true
		}
		p.end()
	case e.Final:
		probe.FailedEvents++
		p.end()
	default:
		probe.FailedEvents++
		if flaky {
			probe.Retried = true
		}
	}
}

// end counts a probe that has ended. p.mu is held.
func (p *probes) end() {
	p.open--
	if p.open == 0 {
		close(p.done)
	}
}

// inspect looks for the hopeless jobs in the archives with asynq's own Inspector:
// what the worker says it did is not yet what Redis holds.
func (p *probes) inspect(w *World) error {
	settings, err := w.settings(config.StageLegacy)
	if err != nil {
		return err
	}
	client, err := tcpredis.New(tcpredis.Config{
		Host: settings.Redis.Host, Port: settings.Redis.Port, Username: settings.Redis.Username,
		Password: redisPassword, TLS: w.clientTLS(), Component: "inspector", PoolSize: 1,
		DialContext: w.network.DialContext,
	})
	if err != nil {
		return err
	}
	defer client.Close()
	inspector := asynq.NewInspectorFromRedisClient(client)
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, name := range p.hopeless {
		task, err := inspector.GetTaskInfo(string(name), id)
		if errors.Is(err, asynq.ErrTaskNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("look for the hopeless job of queue %s: %w", name, err)
		}
		p.seen[name].GaveUp = task.State == asynq.TaskStateArchived && task.LastErr != ""
	}
	return nil
}
