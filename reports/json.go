package reports

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// MaxResultBytes caps what [ReadJSON] reads: a chart of 43,200 points takes about
// two megabytes, so this leaves room for dozens of them.
const MaxResultBytes = 256 << 20

// NewerSchemaError says that a result was written by a later version of Tollgate.
type NewerSchemaError struct {
	// Version is the file's schema version.
	Version int
}

// Error names both versions and what to do.
func (e *NewerSchemaError) Error() string {
	return fmt.Sprintf("the result has schema version %d, this program reads version %d: use the version of Tollgate that wrote it, or a later one",
		e.Version, SchemaVersion)
}

// ErrNotResult is wrapped by errors about input that is no result at all: broken
// JSON, unknown fields, or something after the end.
var ErrNotResult = errors.New("not a result.json")

// WriteJSON writes the result as indented JSON with a line break at its end. A
// version or decision left empty is filled in; a result that contradicts itself is
// refused with [ErrInvalid] and nothing is written.
func WriteJSON(w io.Writer, r Result) error {
	r, err := r.Ready()
	if err != nil {
		return err
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(r); err != nil {
		return fmt.Errorf("write result of %s: %w", r.Scenario, err)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write result of %s: %w", r.Scenario, err)
	}
	return nil
}

// ReadJSON reads one result. It is strict: unknown fields, a second value after
// the first and more than [MaxResultBytes] are errors ([ErrNotResult]); a newer
// schema is a *[NewerSchemaError]; a result that contradicts itself, for example
// one that claims PASS over a failed criterion, is [ErrInvalid].
func ReadJSON(r io.Reader) (Result, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxResultBytes+1))
	if err != nil {
		return Result{}, fmt.Errorf("read result: %w", err)
	}
	if len(data) > MaxResultBytes {
		return Result{}, fmt.Errorf("%w: it has more than %d bytes", ErrNotResult, MaxResultBytes)
	}
	var head struct {
		SchemaVersion *int `json:"schema_version"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return Result{}, fmt.Errorf("%w: %s", ErrNotResult, jsonProblem(data, err))
	}
	if head.SchemaVersion == nil {
		return Result{}, fmt.Errorf("%w: schema_version is missing", ErrNotResult)
	}
	if *head.SchemaVersion > SchemaVersion {
		return Result{}, &NewerSchemaError{Version: *head.SchemaVersion}
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	var result Result
	if err := decoder.Decode(&result); err != nil {
		return Result{}, fmt.Errorf("%w: %s", ErrNotResult, jsonProblem(data, err))
	}
	if err := result.Validate(); err != nil {
		return Result{}, err
	}
	return result, nil
}

// jsonProblem says where in the text the decoder stopped, as far as it tells.
func jsonProblem(data []byte, err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	offset := int64(-1)
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
	}
	if offset < 0 || offset > int64(len(data)) {
		return err.Error()
	}
	line := 1 + bytes.Count(data[:offset], []byte("\n"))
	return fmt.Sprintf("line %d: %v", line, err)
}
