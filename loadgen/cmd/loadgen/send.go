package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tollgate/loadgen"
	"tollgate/loadgen/live"
	"tollgate/loadgen/result"
	"tollgate/reports"
	"tollgate/reports/command"
	"tollgate/reports/exitcode"
)

// send sends the load, prints the summary and writes the papers, however the run ended.
func (c runCommand) send(ctx context.Context, l load, s command.Streams) error {
	stop, err := c.show(l, s)
	if err != nil {
		return l.stopAccount(exitcode.With(exitcode.Usage, err))
	}
	summary, runErr := l.runner.Run(ctx)
	stop()
	if runErr != nil && !summary.Partial {
		return l.stopAccount(runErr)
	}
	run := result.Run{
		Summary: summary, Profile: l.profile, Target: l.target.address, Segment: l.segment, MaxStartLag: c.MaxStartLag, Notes: l.notes,
	}
	if l.account != nil {
		figures, err := l.account.Stop()
		if err != nil {
			run.Notes = append(run.Notes, fmt.Sprintf("The account could not be read at the end: %v.", err))
		} else {
			run.Account = &result.Account{
				Billed: figures.Billed, Wire: figures.Wire, Connections: figures.Open, PeakConnections: figures.Peak,
			}
		}
	}
	if err := errors.Join(c.print(run, s), c.write(run)); err != nil {
		return err
	}
	return c.verdict(run, runErr)
}

// show begins to show the progress: a live view on a terminal with colours, lines elsewhere.
func (c runCommand) show(l load, s command.Streams) (stop func(), err error) {
	var said func() string
	if l.account != nil {
		said = l.account.Line
	}
	style := loadgen.DetectStyle(s.Err, s.Getenv)
	if !style.Terminal || !style.Colour {
		reporter, err := loadgen.StartReporter(loadgen.ReporterConfig{
			Out: s.Err, Progress: l.runner.Progress, Extra: said, Every: c.Every,
		})
		if err != nil {
			return nil, err
		}
		return reporter.Stop, nil
	}
	title := fmt.Sprintf("%s, seed %d, to %s", l.profile.Name, l.profile.Seed, l.target.address)
	if l.segment.Of > 0 {
		title += ", segment " + l.segment.String()
	}
	planned := l.profile.Duration
	if c.ASAP {
		planned = 0
	}
	display, err := live.Start(live.Config{Out: s.Err, Progress: l.runner.Progress, Title: title, Planned: planned, Account: said})
	if err != nil {
		return nil, err
	}
	return display.Stop, nil
}

// print writes the summary to the standard output.
func (c runCommand) print(run result.Run, s command.Streams) error {
	if c.JSON {
		return writeJSON(s.Out, run.Summary)
	}
	fmt.Fprintln(s.Out)
	if run.Segment.Of > 0 {
		fmt.Fprintf(s.Out, "segment %s of ", run.Segment)
	}
	if err := run.Summary.WriteTable(s.Out); err != nil {
		return err
	}
	if a := run.Account; a != nil {
		fmt.Fprintf(s.Out, "account: %d commands sent, %d billed, %d connections open (most %d)\n", a.Wire, a.Billed, a.Connections, a.PeakConnections)
	}
	return nil
}

// write writes the papers, if they are asked for.
func (c runCommand) write(run result.Run) error {
	if c.Out == "" {
		return nil
	}
	run.Build = reports.ReadBuild()
	if err := reports.WriteFiles(c.Out, result.Of(run)); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	return nil
}

// verdict is what the command ends with: the criteria of package result decide.
func (c runCommand) verdict(run result.Run, runErr error) error {
	s, judged := run.Summary, result.Of(run)
	if runErr != nil {
		return fail(judged.ExitCode(), "interrupted: %w", runErr)
	}
	var wrong []error
	if s.Failed() {
		wrong = append(wrong, fmt.Errorf("%d failed, %d dropped, %d without an end, of %d arrivals", s.Errors, s.Dropped, s.Abandoned, s.Planned))
	}
	if s.StartLag.P99 > c.MaxStartLag {
		wrong = append(wrong, fmt.Errorf("arrivals started late by p99 %s, more than --max-start-lag %s: this machine is too slow for the load",
			s.StartLag.P99.Round(time.Millisecond), c.MaxStartLag))
	}
	if len(wrong) == 0 && judged.Decision != reports.DecisionPass {
		wrong = append(wrong, errors.New(judged.Summary()))
	}
	return exitcode.With(judged.ExitCode(), errors.Join(wrong...))
}
