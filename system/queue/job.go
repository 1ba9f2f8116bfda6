package queue

import "context"

// Job is one attempt at a queued job.
type Job struct {
	// ID stays the same over all attempts.
	ID      string
	Queue   Name
	Payload []byte
	// Attempt counts from 1 to MaxRetry+1.
	Attempt  int
	MaxRetry int

	report func(percent int)
}

// Progress reports how much of the job is done, in percent (values outside 0 to 100 are moved to the nearer end). It
// calls the subscribers of Progress events before it returns and costs no Redis command.
func (j Job) Progress(percent int) {
	if j.report != nil {
		j.report(max(0, min(percent, 100)))
	}
}

// WithProgress returns a copy of j whose Progress calls report: for running a processor outside a factory.
func (j Job) WithProgress(report func(percent int)) Job {
	j.report = report
	return j
}

// Processor does the work of one queue. Process runs on many goroutines at once, must return soon after ctx is done (the
// attempt's time is up, or the factory stops) and must bear being called again for the same job. nil completes the job,
// Permanent gives it up, RetryAfter sets the delay to the next attempt, any other error or a panic leads to a retry.
type Processor interface {
	Process(ctx context.Context, job Job) error
}

// ProcessorFunc is a function that is a Processor.
type ProcessorFunc func(ctx context.Context, job Job) error

// Process calls f.
func (f ProcessorFunc) Process(ctx context.Context, job Job) error { return f(ctx, job) }
