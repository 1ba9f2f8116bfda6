package main

import (
	"fmt"
	"io"

	"tollgate/reports/atomicfile"
	"tollgate/reports/command"
	"tollgate/reports/compare"
	"tollgate/reports/exitcode"
)

// history shows how results went over time.
type history struct {
	Dir  string `arg:"" help:"A folder with results beneath it, such as reports/out."`
	HTML string `name:"html" placeholder:"FILE" help:"Draw the histories as a page, too."`
	JSON bool   `name:"json" help:"Print the histories as JSON, not as tables."`
}

// Run shows the history of every scenario and stage. It judges nothing: the code is
// 0 where at least one result could be read, whatever is in it.
func (h *history) Run(out command.Streams) error {
	loaded, err := compare.Load(h.Dir)
	if err == nil && len(loaded.Runs)+len(loaded.Unreadable) == 0 {
		err = fmt.Errorf("no result.json beneath %s", h.Dir)
	}
	if err != nil {
		return exitcode.With(exitcode.Usage, err)
	}
	histories := compare.Histories(loaded.Runs)
	if h.HTML != "" {
		page := func(w io.Writer) error { return compare.WriteHistoryHTML(w, histories, loaded.Unreadable) }
		if err := atomicfile.Write(h.HTML, page); err != nil {
			return exitcode.With(exitcode.Usage, fmt.Errorf("--html: %w", err))
		}
	}
	if h.JSON {
		err = compare.WriteHistoryJSON(out.Out, histories, loaded.Unreadable)
	} else {
		err = compare.WriteHistoryTerminal(out.Out, histories, loaded.Unreadable, out.Terminal())
	}
	switch {
	case err != nil:
		return exitcode.With(exitcode.Internal, err)
	case len(histories) == 0:
		return command.Judged(exitcode.Usage)
	default:
		return nil
	}
}
