package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"tollgate/reports"
	"tollgate/reports/command"
	"tollgate/reports/exitcode"
	"tollgate/reports/signoff"
)

// signoffFolder is the folder of the report over all scenarios.
const signoffFolder = "signoff"

// summaryVariable names the file that GitHub shows as the summary of a job.
const summaryVariable = "GITHUB_STEP_SUMMARY"

// forget removes what an earlier call left of these scenarios and of the report over them: whatever comes of this one, nothing
// older is to be taken for its result.
func (a *arguments) forget(runs []scenarioRun) error {
	old := []string{filepath.Join(a.Out, signoffFolder, signoff.PageFile), filepath.Join(a.Out, signoffFolder, signoff.DataFile)}
	for _, r := range runs {
		old = append(old, filepath.Join(a.Out, r.name, reports.ResultFile))
	}
	for _, path := range old {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove an earlier result: %w", err)
		}
	}
	return nil
}

// runAll runs the scenarios one after another and reports each; several end with one report to sign.
func (a *arguments) runAll(ctx context.Context, runs []scenarioRun, s command.Streams) error {
	worst := exitcode.Passed
	var results []reports.Result
	for _, r := range runs {
		fmt.Fprintf(a.beside(s), "%s: %s\n", r.name, origin(r.seed, reports.ReadBuild()))
		result, runErr := r.run(ctx)
		if runErr != nil && !result.Partial {
			code, err := a.signOff(results, runs, s)
			return exitcode.With(exitcode.Worst(worst, code, codeOf(runErr)), errors.Join(inOneLine(runErr), err))
		}
		if err := a.report(result, s); err != nil {
			return exitcode.With(exitcode.Internal, errors.Join(runErr, err))
		}
		results = append(results, result)
		if runErr != nil {
			code, err := a.signOff(results, runs, s)
			return exitcode.With(exitcode.Worst(exitcode.Interrupted, code), errors.Join(inOneLine(runErr), err))
		}
		worst = exitcode.Worst(worst, result.ExitCode())
	}
	code, err := a.signOff(results, runs, s)
	if err != nil {
		return exitcode.With(exitcode.Internal, err)
	}
	return command.Judged(exitcode.Worst(worst, code))
}

// signOff puts the results of several scenarios into one report, in which those that did not run are missing, and returns the
// code that its decision stands for. One scenario alone needs none.
func (a *arguments) signOff(results []reports.Result, runs []scenarioRun, s command.Streams) (code int, err error) {
	if len(runs) < 2 || len(results) == 0 {
		return exitcode.Passed, nil
	}
	var required []string
	for _, r := range runs {
		required = append(required, r.name)
	}
	report, err := signoff.New(results, signoff.Options{Required: required, Now: time.Now()})
	if err != nil {
		return exitcode.Internal, err
	}
	dir := filepath.Join(a.Out, signoffFolder)
	if err := signoff.WriteFiles(dir, report); err != nil {
		return exitcode.Internal, err
	}
	if err := signoff.WriteTerminal(a.beside(s), report, s.Terminal()); err != nil {
		return exitcode.Internal, err
	}
	fmt.Fprintf(a.beside(s), "Report: %s\n", filepath.Join(dir, signoff.PageFile))
	return report.ExitCode(), nil
}

// inOneLine puts joined errors into one line.
func inOneLine(err error) error { return errors.New(strings.ReplaceAll(err.Error(), "\n", "; ")) }

// report writes the files first: they are there even when nobody reads the table.
func (a *arguments) report(result reports.Result, s command.Streams) error {
	dir := filepath.Join(a.Out, result.Scenario)
	if err := reports.WriteFiles(dir, result); err != nil {
		return err
	}
	if path := s.Getenv(summaryVariable); path != "" {
		if err := reports.AppendStepSummary(path, result); err != nil && !errors.Is(err, reports.ErrSummaryFull) {
			return err
		}
	}
	if err := a.show(result, s); err != nil {
		return err
	}
	fmt.Fprintf(a.beside(s), "Report: %s (%s)\n\n", filepath.Join(dir, "report.html"), origin(result.Seed, result.Build))
	return nil
}

// show prints the result in the form that was asked for.
func (a *arguments) show(result reports.Result, s command.Streams) error {
	if a.JSON {
		return reports.WriteJSON(s.Out, result)
	}
	return reports.WriteTerminal(s.Out, result, s.Terminal())
}

// beside is where to say what is no part of the results.
func (a *arguments) beside(s command.Streams) io.Writer {
	if a.JSON {
		return s.Err
	}
	return s.Out
}

// origin is what it takes to run the same again.
func origin(seed uint64, b reports.Build) string {
	return fmt.Sprintf("seed %d, commit %s", seed, b.ShortCommit())
}
