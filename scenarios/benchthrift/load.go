package benchthrift

import (
	"context"
	"errors"
	"time"
)

// producers is how many goroutines add jobs at once, in all variants.
const producers = 50

// quietTime lies between the first jobs and the load: what they left to do is done, and idle connections are idle.
const quietTime = 100 * time.Millisecond

// load is jobs that a process adds at once and works itself.
type load struct {
	at      place // may be farther away than the target is
	variant Variant
	jobs    int           // as many in all variants: a fixed loss at the start, as asynq has it, weighs more on fewer
	work    time.Duration // of each job
}

// loaded is what a load did.
type loaded struct {
	jobs       int
	perJob     float64 // billed commands
	idle, peak int     // connections
	rate       float64 // jobs a second, from the first enqueue to the end of the last job
}

// measureLoad carries out a load, after one job for each queue.
func measureLoad(ctx context.Context, redis target, l load) (loaded, error) {
	e, err := newEnsemble(l.at, l.variant, false)
	if err != nil {
		return loaded{}, err
	}
	warm, done := len(queues()), loaded{jobs: l.jobs}
	jobs := newTally(warm+done.jobs, l.work)
	if err := e.start(jobs); err != nil {
		return loaded{}, err
	}
	if err := e.producer.complete(ctx, jobs, 0, warm, 1); err != nil {
		return loaded{}, errors.Join(err, e.stop())
	}
	before, err := settled(ctx, redis, &done)
	if err != nil {
		return loaded{}, errors.Join(err, e.stop())
	}
	stopWatch := redis.watch(ctx)
	began := time.Now()
	err = e.producer.complete(ctx, jobs, warm, warm+done.jobs, producers)
	done.rate = float64(done.jobs) / time.Since(began).Seconds()
	err = errors.Join(err, e.stop())
	var watchErr error
	done.peak, watchErr = stopWatch()
	after, countErr := redis.counts(ctx)
	done.perJob = float64(after.minus(before).total()) / float64(done.jobs)
	return done, errors.Join(err, jobs.once(), watchErr, countErr)
}

// settled counts commands and connections before a load.
func settled(ctx context.Context, redis target, done *loaded) (before counts, err error) {
	if err := pause(ctx, quietTime); err != nil {
		return nil, err
	}
	if done.idle, err = redis.open(ctx); err != nil {
		return nil, err
	}
	return redis.counts(ctx)
}

// measureDrain has a process work a load that another one added before. Its rate is from the process's start to the end of
// the last job, and the only figure.
func measureDrain(ctx context.Context, redis target, l load) (loaded, error) {
	e, err := newEnsemble(l.at, l.variant, false)
	if err != nil {
		return loaded{}, err
	}
	done := loaded{jobs: l.jobs}
	if err := fill(ctx, redis.place(), done.jobs); err != nil {
		return loaded{}, errors.Join(err, e.stop())
	}
	jobs := newTally(done.jobs, l.work)
	began := time.Now()
	if err := e.start(jobs); err != nil {
		return loaded{}, err
	}
	err = jobs.wait(ctx, 0, done.jobs)
	done.rate = float64(done.jobs) / time.Since(began).Seconds()
	return done, errors.Join(err, e.stop(), jobs.once())
}

// fill has a process of plain asynq add jobs.
func fill(ctx context.Context, at place, jobs int) error {
	p, err := newProcess(at, Variant{Name: "plain"})
	if err != nil {
		return err
	}
	return errors.Join(p.enqueueAll(ctx, 0, jobs, producers), p.stop())
}
