package benchthrift

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"
)

// latencies are those of sparse jobs, from before the enqueue to the start of the job.
type latencies []time.Duration

// Sparse jobs come between a half and one and a half times the mean gap after the end of the one before: at any point of
// asynq's interval of 1 s, which governed processes do not have.
const (
	plainSparseGap    = time.Second
	governedSparseGap = 60 * time.Millisecond
)

// measureLatency adds one job at a time, sparsely; of most jobs, a share where asynq is not governed.
func measureLatency(ctx context.Context, at place, v Variant, other bool, most int) (latencies, error) {
	e, err := newEnsemble(at, v, other)
	if err != nil {
		return nil, err
	}
	warm, count := len(queues()), e.fewer(most, plainSamplesShare)
	jobs := newTally(warm+count, 0)
	if err := e.start(jobs); err != nil {
		return nil, err
	}
	gap := governedSparseGap
	if e.plain {
		gap = plainSparseGap
	}
	var all latencies
	err = e.producer.complete(ctx, jobs, 0, warm, 1)
	for n := warm; n < warm+count && err == nil; n++ {
		if err = pause(ctx, gap/2+rand.N(gap)); err != nil {
			break
		}
		began := time.Now()
		if err = e.producer.enqueue(ctx, n); err != nil {
			break
		}
		if err = jobs.wait(ctx, n, n+1); err == nil {
			all = append(all, jobs.startedAt(n).Sub(began))
		}
	}
	if err = errors.Join(err, e.stop()); err != nil {
		return nil, err
	}
	return all, jobs.once()
}

// quantile is the least latency that the share q of all does not exceed.
func (l latencies) quantile(q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(l))
	at := int(q*float64(len(sorted))+0.999999) - 1
	return sorted[min(max(at, 0), len(sorted)-1)]
}
