package scenarios

import (
	"fmt"
	"io"
	"time"

	"tollgate/loadgen"
	"tollgate/system/config"
)

// Progress tells a person what is going on. The zero value says nothing.
type Progress struct {
	out   io.Writer
	style loadgen.Style
}

// NewProgress writes to out in the given style.
func NewProgress(out io.Writer, style loadgen.Style) Progress {
	return Progress{out: out, style: style}
}

// say writes one line.
func (p Progress) say(format string, args ...any) {
	if p.out != nil {
		fmt.Fprintf(p.out, format+"\n", args...)
	}
}

// follow reports the course of a run until stop is called: what was sent and
// done, and what the fake has counted so far.
func (p Progress) follow(stage config.Stage, w *World, runner *loadgen.Runner) (stop func(), err error) {
	if p.out == nil {
		return func() {}, nil
	}
	began := time.Now()
	reporter, err := loadgen.StartReporter(loadgen.ReporterConfig{
		Out: p.out, Progress: runner.Progress, Style: p.style,
		Extra: func() string {
			s := w.Upstash.Ledger().Snapshot()
			return fmt.Sprintf("%s: %d connections, %d billed in %s",
				stage, s.Connections.Open, s.Total.Billed, time.Since(began).Round(time.Second))
		},
	})
	if err != nil {
		return nil, err
	}
	return reporter.Stop, nil
}
