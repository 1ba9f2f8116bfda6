package benchthrift

import (
	"errors"

	"github.com/hibiken/asynq"
)

// ensemble is a process that works the queues, and the one that adds jobs: the same or another.
type ensemble struct {
	worker, producer *process
	plain            bool // no governor is in effect
}

// newEnsemble makes the processes of a variant.
func newEnsemble(at place, v Variant, other bool) (*ensemble, error) {
	worker, err := newProcess(at, v)
	if err != nil {
		return nil, err
	}
	e := &ensemble{worker: worker, producer: worker, plain: worker.plain()}
	if other {
		if e.producer, err = newProcess(at, v); err != nil {
			return nil, errors.Join(err, worker.stop())
		}
	}
	return e, nil
}

// start has the worker work the queues; on an error nothing keeps running.
func (e *ensemble) start(handler asynq.Handler) error {
	if err := e.worker.work(concurrency, handler); err != nil {
		return errors.Join(err, e.stop())
	}
	return nil
}

// fewer is the share of jobs that are enough where asynq is not governed, which would take too long for all.
func (e *ensemble) fewer(jobs, share int) int {
	if !e.plain {
		return jobs
	}
	return min(jobs, max(jobs/share, fewestPlain))
}

// stop stops the processes, the producer first.
func (e *ensemble) stop() error {
	if e.producer == e.worker {
		return e.worker.stop()
	}
	return errors.Join(e.producer.stop(), e.worker.stop())
}
