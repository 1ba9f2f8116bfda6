package main

import (
	"fmt"
	"os"
	"path/filepath"

	"tollgate/reports"
	"tollgate/reports/command"
	"tollgate/reports/exitcode"
)

// merge puts the segments of a split run together.
type merge struct {
	Segments []string `arg:"" name:"segment" help:"The result.json of each machine, or the folder that it wrote it to, in any order."`
	Out      string   `required:"" placeholder:"DIR" help:"Folder for the result.json and the papers of the whole run."`
}

// Run writes the whole and prints its table; the exit code is that of the whole.
func (m *merge) Run(out command.Streams) error {
	whole, err := m.whole()
	if err != nil {
		return exitcode.With(exitcode.Usage, err)
	}
	if err := reports.WriteFiles(m.Out, whole); err != nil {
		return exitcode.With(exitcode.Usage, fmt.Errorf("--out: %w", err))
	}
	if err := reports.WriteTerminal(out.Out, whole, out.Terminal()); err != nil {
		return exitcode.With(exitcode.Internal, err)
	}
	return command.Judged(whole.ExitCode())
}

func (m *merge) whole() (reports.Result, error) {
	segments := make([]reports.Result, len(m.Segments))
	for i, path := range m.Segments {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			path = filepath.Join(path, reports.ResultFile)
		}
		var err error
		if segments[i], err = read(path); err != nil {
			return reports.Result{}, err
		}
	}
	return reports.MergeSegments(segments)
}
