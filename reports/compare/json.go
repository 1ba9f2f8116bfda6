package compare

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// SchemaVersion is the version of the JSON of comparisons and histories. It goes up
// when a reader of the former version could misread it; new fields do not raise it.
const SchemaVersion = 1

// WriteJSON writes the comparison as indented JSON: schema_version, regressed and
// exit_code, and the fields of [Comparison].
func WriteJSON(w io.Writer, c Comparison) error {
	return encode(w, struct {
		SchemaVersion int  `json:"schema_version"`
		Regressed     bool `json:"regressed"`
		ExitCode      int  `json:"exit_code"`
		Comparison
	}{SchemaVersion, c.Regressed(), c.ExitCode(), c})
}

// WriteHistoryJSON writes histories as indented JSON: schema_version, histories and
// the files that could not be read.
func WriteHistoryJSON(w io.Writer, histories []History, unreadable []Unreadable) error {
	if histories == nil {
		histories = []History{}
	}
	if unreadable == nil {
		unreadable = []Unreadable{}
	}
	return encode(w, struct {
		SchemaVersion int          `json:"schema_version"`
		Histories     []History    `json:"histories"`
		Unreadable    []Unreadable `json:"unreadable"`
	}{SchemaVersion, histories, unreadable})
}

func encode(w io.Writer, v any) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write JSON: %w", err)
	}
	return nil
}
