package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"tollgate/reports"
	"tollgate/reports/atomicfile"
	"tollgate/reports/command"
	"tollgate/reports/exitcode"
)

// show prints results, or writes the page of one.
type show struct {
	Files []string `arg:"" name:"file" help:"A result.json, as a run wrote it under reports/out."`
	HTML  string   `name:"html" placeholder:"FILE" help:"Write the page of the one result to FILE as well."`
	JSON  bool     `name:"json" help:"Print the results as JSON, not as tables."`
}

// Validate is called by kong after parsing.
func (s *show) Validate() error {
	if s.HTML != "" && len(s.Files) > 1 {
		return fmt.Errorf("--html %s takes one result, not %d", s.HTML, len(s.Files))
	}
	return nil
}

// Run shows every file it can read, whatever is wrong with the others; the exit code is the worst of all.
func (s *show) Run(out command.Streams) error {
	code := exitcode.Passed
	var problems []error
	for i, path := range s.Files {
		verdict, err := s.one(out, path, i == 0)
		if err != nil {
			problems, verdict = append(problems, err), exitcode.Of(err)
		}
		code = exitcode.Worst(code, verdict)
	}
	if len(problems) > 0 {
		return exitcode.With(code, errors.Join(problems...))
	}
	return command.Judged(code)
}

// one shows one file and returns the exit code of its result.
func (s *show) one(out command.Streams, path string, first bool) (int, error) {
	result, err := read(path)
	if err != nil {
		return 0, err
	}
	if err := s.print(out, result, first); err != nil {
		return 0, exitcode.With(exitcode.Internal, err)
	}
	if s.HTML != "" {
		page := func(w io.Writer) error { return reports.WriteHTML(w, result) }
		if err := atomicfile.Write(s.HTML, page); err != nil {
			return 0, exitcode.With(exitcode.Usage, fmt.Errorf("--html: %w", err))
		}
	}
	return result.ExitCode(), nil
}

func (s *show) print(out command.Streams, result reports.Result, first bool) error {
	if s.JSON {
		return reports.WriteJSON(out.Out, result)
	}
	if !first {
		if _, err := fmt.Fprintln(out.Out); err != nil {
			return fmt.Errorf("write the table of %s: %w", result.Scenario, err)
		}
	}
	return reports.WriteTerminal(out.Out, result, out.Terminal())
}

// read reads one result.json; its errors name the file and what to do.
func read(path string) (reports.Result, error) {
	file, err := os.Open(path)
	if err != nil {
		var cause *fs.PathError
		if errors.As(err, &cause) {
			err = cause.Err
		}
		return reports.Result{}, exitcode.With(exitcode.Usage,
			fmt.Errorf("cannot read %s: %w (a run writes result.json under reports/out)", path, err))
	}
	defer file.Close()
	result, err := reports.ReadJSON(file)
	if err != nil {
		return reports.Result{}, exitcode.With(exitcode.Usage, fmt.Errorf("%s: %w", path, err))
	}
	return result, nil
}
