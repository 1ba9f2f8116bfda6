package benchthrift

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sys/unix"

	"tollgate/fakes/memnet"
)

// settleTime is how long a process has to finish what it does at its start.
const settleTime = 2 * time.Second

// measureIdle measures the CPU time of this process while it runs a variant that has no jobs.
func measureIdle(ctx context.Context, r Request) (Result, error) {
	p, err := newProcess(place{network: memnet.TCP(), address: r.Address}, r.Variant)
	if err != nil {
		return Result{}, err
	}
	if err := p.work(concurrency, newTally(0, 0)); err != nil {
		return Result{}, errors.Join(err, p.stop())
	}
	err = pause(ctx, settleTime)
	began := time.Now()
	before, cpuErr := cpuTime()
	err = errors.Join(err, cpuErr, pause(ctx, r.Window))
	after, cpuErr := cpuTime()
	passed := time.Since(began)
	if err = errors.Join(err, cpuErr, p.stop()); err != nil {
		return Result{}, err
	}
	return Result{CPU: 100 * float64(after-before) / float64(passed)}, nil
}

// cpuTime is what this process has used so far, in the kernel too.
func cpuTime() (time.Duration, error) {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		return 0, err
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), nil
}
