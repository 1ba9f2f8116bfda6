package benchthrift

import (
	"context"
	"errors"
	"time"
)

// Time between the end of a job and the next one, so that no two share anything.
const (
	virtualGap = 50 * time.Millisecond
	realGap    = 5 * time.Millisecond
)

// measureSinglePart is measureSingle of all jobs on a fake, in a bubble.
func measureSinglePart(ctx context.Context, r Request) (result Result, err error) {
	redis, err := newFakeTarget(ctx)
	if err != nil {
		return Result{}, err
	}
	defer func() { err = errors.Join(err, redis.close()) }()
	return measureSingle(ctx, redis, r, virtualGap, 1)
}

// measureSingle counts what jobs cost when each is added after the one before is done. Where asynq is not governed, a share
// of the jobs is enough.
func measureSingle(ctx context.Context, redis target, r Request, gap time.Duration, share int) (Result, error) {
	e, err := newEnsemble(redis.place(), r.Variant, r.Other)
	if err != nil {
		return Result{}, err
	}
	warm, count := len(queues()), e.fewer(r.Jobs, share)
	jobs := newTally(warm+count, 0)
	if err := e.start(jobs); err != nil {
		return Result{}, err
	}
	before, err := e.oneByOne(ctx, redis, jobs, warm, gap)
	if err = errors.Join(err, e.stop()); err != nil {
		return Result{}, err
	}
	after, err := redis.counts(ctx)
	if err = errors.Join(err, jobs.once()); err != nil {
		return Result{}, err
	}
	spent := after.minus(before)
	own := spent.total()
	if e.plain {
		own -= spent.asynqIdle(count, r.Variant.servers())
	}
	return Result{
		Jobs: count, PerJob: float64(own) / float64(count), Raw: float64(spent.total()) / float64(count),
	}, nil
}

// oneByOne does all jobs, and returns what was counted after the first warm ones.
func (e *ensemble) oneByOne(ctx context.Context, redis target, jobs *tally, warm int, gap time.Duration) (before counts, err error) {
	for n := range jobs.runs {
		if n == warm {
			if before, err = redis.counts(ctx); err != nil {
				return nil, err
			}
		}
		if err := e.producer.complete(ctx, jobs, n, n+1, 1); err != nil {
			return nil, err
		}
		if err := pause(ctx, gap); err != nil {
			return nil, err
		}
	}
	return before, nil
}
