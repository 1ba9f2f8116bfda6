package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tollgate/reports"
	"tollgate/reports/command"
	"tollgate/reports/exitcode"
	"tollgate/reports/signoff"
)

// reportCommand puts several results into one report.
type reportCommand struct {
	Results []string `arg:"" optional:"" name:"result" default:"reports/out" help:"A result.json, or a folder: its own result.json and those of the folders in it. ${default} if none is given."`
	Require []string `name:"require" placeholder:"SCENARIO,..." help:"Scenarios without which there is no deploy; none: those that there are."`
	Out     string   `name:"out" default:"reports/out/signoff" placeholder:"DIR" help:"Folder for signoff.html and signoff.json."`
	JSON    bool     `name:"json" help:"Print the report as JSON, not as a table."`
}

// Run writes the report; the exit code is 0 when it says DEPLOY.
func (c *reportCommand) Run(out command.Streams) error {
	results, err := c.read()
	if err != nil {
		return exitcode.With(exitcode.Usage, err)
	}
	report, err := signoff.New(results, signoff.Options{Required: c.Require, Now: time.Now()})
	if err != nil {
		return exitcode.With(exitcode.Usage, err)
	}
	if err := signoff.WriteFiles(c.Out, report); err != nil {
		return exitcode.With(exitcode.Usage, fmt.Errorf("--out: %w", err))
	}
	if c.JSON {
		err = signoff.WriteJSON(out.Out, report)
	} else if err = signoff.WriteTerminal(out.Out, report, out.Terminal()); err == nil {
		_, err = fmt.Fprintf(out.Out, "Report: %s\n", filepath.Join(c.Out, signoff.PageFile))
	}
	if err != nil {
		return exitcode.With(exitcode.Internal, err)
	}
	return command.Judged(report.ExitCode())
}

// read reads every result that the arguments name.
func (c *reportCommand) read() ([]reports.Result, error) {
	var files []string
	for _, path := range c.Results {
		found, err := resultFiles(path)
		if err != nil {
			return nil, err
		}
		files = append(files, found...)
	}
	var results []reports.Result
	var problems []error
	for _, file := range files {
		result, err := read(file)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		results = append(results, result)
	}
	return results, errors.Join(problems...)
}

// resultFiles are the results that a path stands for, in the order of their names. A folder without any is an error.
func resultFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no %s: run make verify first", path)
	case err != nil:
		return nil, fmt.Errorf("cannot read %s: %w", path, err)
	case !info.IsDir():
		return []string{path}, nil
	}
	var files []string
	for _, pattern := range []string{reports.ResultFile, filepath.Join("*", reports.ResultFile)} {
		found, err := fs.Glob(os.DirFS(path), filepath.ToSlash(pattern))
		if err != nil {
			return nil, fmt.Errorf("look for results in %s: %w", path, err)
		}
		for _, name := range found {
			files = append(files, filepath.Join(path, filepath.FromSlash(name)))
		}
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("%s has no %s: run make verify first", path, reports.ResultFile)
	}
	slices.Sort(files)
	return files, nil
}
