package signoff

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"tollgate/reports/atomicfile"
)

// The names of what [WriteFiles] writes.
const (
	DataFile = "signoff.json"
	PageFile = "signoff.html"
)

// WriteJSON writes the report as indented JSON.
func WriteJSON(w io.Writer, r Report) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(r); err != nil {
		return fmt.Errorf("write the sign-off report: %w", err)
	}
	return nil
}

// WriteFiles writes signoff.json and signoff.html into dir, which is created when it does not exist. Both are written in full
// before either appears.
func WriteFiles(dir string, r Report) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("write the sign-off report: %w", err)
	}
	page, err := atomicfile.Stage(filepath.Join(dir, PageFile), func(w io.Writer) error { return WriteHTML(w, r) })
	if err != nil {
		return err
	}
	defer page.Discard()
	data, err := atomicfile.Stage(filepath.Join(dir, DataFile), func(w io.Writer) error { return WriteJSON(w, r) })
	if err != nil {
		return err
	}
	defer data.Discard()
	if err := page.Commit(); err != nil {
		return err
	}
	return data.Commit()
}
