package reports

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"tollgate/reports/atomicfile"
)

// The names of what [WriteFiles] writes.
const (
	ResultFile = "result.json"
	ReportFile = "report.html"
)

// WriteFiles writes result.json and report.html into dir, which is created when it
// does not exist. Both are written in full before either appears; result.json
// appears last, so where it is, the page is too. After an error no half-written
// file is left.
func WriteFiles(dir string, r Result) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("write reports: %w", err)
	}
	page, err := atomicfile.Stage(filepath.Join(dir, ReportFile), func(w io.Writer) error { return WriteHTML(w, r) })
	if err != nil {
		return err
	}
	defer page.Discard()
	data, err := atomicfile.Stage(filepath.Join(dir, ResultFile), func(w io.Writer) error { return WriteJSON(w, r) })
	if err != nil {
		return err
	}
	defer data.Discard()
	if err := page.Commit(); err != nil {
		return err
	}
	return data.Commit()
}
