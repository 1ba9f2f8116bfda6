package main

import (
	"context"
	"fmt"
	"time"

	"tollgate/reports/command"
	"tollgate/reports/exitcode"
)

// longestWait bounds the wait for --start-at.
const longestWait = 24 * time.Hour

// checkStart refuses a time to begin at that is no longer, or not soon, to come.
func (c runCommand) checkStart(now time.Time) error {
	if c.StartAt == nil {
		return nil
	}
	switch wait := c.StartAt.Sub(now); {
	case wait < 0:
		return fmt.Errorf("--start-at %s is %s past; give a time to come", c.StartAt.Format(time.RFC3339), (-wait).Round(time.Second))
	case wait > longestWait:
		return fmt.Errorf("--start-at %s is more than %s away", c.StartAt.Format(time.RFC3339), longestWait)
	}
	return nil
}

// await returns at the time to begin at.
func (c runCommand) await(ctx context.Context, s command.Streams) error {
	if c.StartAt == nil {
		return nil
	}
	wait := time.Until(*c.StartAt)
	if wait < 0 {
		return fail(exitcode.NotStarted, "could not start: --start-at %s went by while the target was asked whether it is there; give a later time",
			c.StartAt.Format(time.RFC3339))
	}
	fmt.Fprintf(s.Err, "loadgen: ready; begins at %s, in %s\n", c.StartAt.Format(time.RFC3339), wait.Round(100*time.Millisecond))
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return fail(exitcode.Interrupted, "interrupted before the start: %w", context.Cause(ctx))
	}
}
