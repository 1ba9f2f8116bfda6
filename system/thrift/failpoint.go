package thrift

// Failpoint names a step at which a test can end the process or its connections.
type Failpoint string

// The steps, in the order of a job's life.
const (
	FailBeforeCommit Failpoint = "before-commit" // changes wait to be sent
	FailAfterCommit  Failpoint = "after-commit"  // they were written, nobody was told
	FailBeforeStart  Failpoint = "before-start"  // a job is ready for a worker of this process
	FailBeforeReturn Failpoint = "before-return" // jobs that were not started are to go back
	FailBeforeFlush  Failpoint = "before-flush"  // statistics are to be written
)

// at calls the configuration's Failpoint.
func (g *Governor) at(step Failpoint) {
	if g.cfg.Failpoint != nil {
		g.cfg.Failpoint(step)
	}
}
