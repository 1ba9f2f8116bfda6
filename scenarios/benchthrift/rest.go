package benchthrift

import (
	"context"
	"errors"
	"time"
)

const (
	// startTime is how long after its start a process is taken to be at rest.
	startTime = 10 * time.Second
	// month is the time that bills are for.
	month = 30 * 24 * time.Hour
	// concurrency is how many jobs run at a time, in all variants.
	concurrency = 50
)

// measureRest counts what a process without jobs sends. It runs in a bubble.
func measureRest(ctx context.Context, r Request) (result Result, err error) {
	redis, err := newFakeTarget(ctx)
	if err != nil {
		return Result{}, err
	}
	defer func() { err = errors.Join(err, redis.close()) }()
	p, err := newProcess(redis.place(), r.Variant)
	if err != nil {
		return Result{}, err
	}
	if err := p.work(concurrency, newTally(0, 0)); err != nil {
		return Result{}, errors.Join(err, p.stop())
	}
	result.Window = r.Window
	if p.plain() {
		result.Window = r.PlainWindow
	}
	var totals []int64
	for _, d := range []time.Duration{startTime, result.Window} {
		if err := pause(ctx, d); err != nil {
			return Result{}, errors.Join(err, p.stop())
		}
		totals = append(totals, redis.total())
	}
	if err := p.stop(); err != nil {
		return Result{}, err
	}
	result.Start, result.Rest, result.Stop = totals[0], totals[1]-totals[0], redis.total()-totals[1]
	result.Factor = float64(month) / float64(result.Window)
	return result, nil
}
