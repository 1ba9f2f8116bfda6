package reports

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"tollgate/reports/atomicfile"
)

// The names of what [WriteFiles] writes.
const (
	ResultFile   = "result.json"
	ReportFile   = "report.html"
	MarkdownFile = "report.md"
	JUnitFile    = "junit.xml"
	CTRFFile     = "ctrf.json"
)

// MaxStepSummaryBytes is how much GitHub takes as the summary of one step; of a
// longer one it shows nothing at all.
const MaxStepSummaryBytes = 1 << 20

// MinStepSummaryBytes is the least room in which a summary is of use: enough for the
// title, some decisions and the sentence on what was left out.
const MinStepSummaryBytes = 2048

// ErrSummaryFull says that a step summary has less than [MinStepSummaryBytes] left.
var ErrSummaryFull = errors.New("the step summary is full")

// WriteFiles writes the result as result.json and as each of the papers drawn from it,
// report.html, report.md, junit.xml and ctrf.json, into dir, which is created when it
// does not exist. All are written in full before any appears; result.json appears
// last, so where it is, the papers are too. After an error no half-written file is left.
func WriteFiles(dir string, r Result) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("write reports: %w", err)
	}
	papers := []struct {
		name   string
		render func(io.Writer) error
	}{
		{ReportFile, func(w io.Writer) error { return WriteHTML(w, r) }},
		{MarkdownFile, func(w io.Writer) error { return WriteMarkdown(w, r) }},
		{JUnitFile, func(w io.Writer) error { return WriteJUnit(w, r) }},
		{CTRFFile, func(w io.Writer) error { return WriteCTRF(w, r) }},
		{ResultFile, func(w io.Writer) error { return WriteJSON(w, r) }},
	}
	staged := make([]*atomicfile.Pending, 0, len(papers))
	for _, p := range papers {
		file, err := atomicfile.Stage(filepath.Join(dir, p.name), p.render)
		if err != nil {
			return err
		}
		defer file.Discard()
		staged = append(staged, file)
	}
	for _, file := range staged {
		if err := file.Commit(); err != nil {
			return err
		}
	}
	return nil
}

// AppendStepSummary appends the results to a step summary of GitHub Actions, the file
// that $GITHUB_STEP_SUMMARY names, as [WriteMarkdown] does, in one write. What was
// written to it before stays, and counts: all of it together keeps below
// [MaxStepSummaryBytes]. Where less room than [MinStepSummaryBytes] is left, nothing
// is written and the error is [ErrSummaryFull].
func AppendStepSummary(path string, results ...Result) error {
	results, err := readyAll(results)
	if err != nil {
		return fmt.Errorf("write step summary: %w", err)
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("write step summary: %w", err)
	}
	return errors.Join(appendSummary(file, results), file.Close())
}

func appendSummary(file *os.File, results []Result) error {
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("write step summary: %w", err)
	}
	before := ""
	if info.Size() > 0 {
		before = "\n" // what stands there may lack the end of its line
	}
	room := MaxStepSummaryBytes - info.Size() - int64(len(before))
	if room < MinStepSummaryBytes {
		return fmt.Errorf("write step summary: %w: %s has %d of %d bytes", ErrSummaryFull, file.Name(), info.Size(), MaxStepSummaryBytes)
	}
	if _, err := file.WriteString(before + markdown(results, int(min(room, MaxMarkdownBytes)))); err != nil {
		return fmt.Errorf("write step summary: %w", err)
	}
	return nil
}
