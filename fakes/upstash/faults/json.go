package faults

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// MarshalJSON writes the fields that are set, by the names of ParseSpec, as in
// {"kind":"latency","count":3,"delay":"200ms"}.
func (f Fault) MarshalJSON() ([]byte, error) {
	out := []byte(`{"kind":`)
	out = appendJSON(out, string(f.Kind))
	for _, field := range fields {
		value := field.get(&f)
		if value == "" {
			continue
		}
		out = append(append(append(out, `,"`...), field.name...), `":`...)
		if field.bare {
			out = append(out, value...)
		} else {
			out = appendJSON(out, value)
		}
	}
	return append(out, '}'), nil
}

func appendJSON(out []byte, text string) []byte {
	quoted, _ := json.Marshal(text) // a string always marshals
	return append(out, quoted...)
}

// UnmarshalJSON reads an object of fields, whose values may be strings, numbers
// or booleans. Fields that a fault does not have are errors, and so is one that
// is there twice; an error wraps ErrInvalid. It does not Validate.
func (f *Fault) UnmarshalJSON(data []byte) error {
	read, err := parseJSON(data)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	*f = read
	return nil
}

func parseJSON(data []byte) (f Fault, err error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return f, errors.New(`not a JSON object such as {"kind":"latency","delay":"200ms"}`)
	}
	seen := map[string]bool{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return f, fmt.Errorf("not JSON: %w", err)
		}
		value, err := decoder.Token()
		if err != nil {
			return f, fmt.Errorf("not JSON: %w", err)
		}
		key, _ := name.(string) // a decoder takes nothing else there
		if seen[key] {
			return f, fmt.Errorf("%s is given twice", clip(key))
		}
		seen[key] = true
		if err := setToken(&f, key, value); err != nil {
			return f, err
		}
	}
	if _, err := decoder.Token(); err != nil {
		return f, fmt.Errorf("not JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return f, errors.New("there is more than one JSON value: give one fault")
	}
	f.normalize()
	return f, nil
}

func setToken(f *Fault, name string, value json.Token) error {
	switch value := value.(type) {
	case string:
		return set(f, name, value)
	case json.Number:
		return set(f, name, value.String())
	case bool:
		return set(f, name, fmt.Sprint(value))
	}
	return fmt.Errorf("%s: give a string, a number or a boolean", clip(name))
}

// parse reads either form.
func parse(body string) (Fault, error) {
	if !strings.HasPrefix(strings.TrimSpace(body), "{") {
		return ParseSpec(strings.TrimSpace(body))
	}
	var f Fault
	if err := f.UnmarshalJSON([]byte(body)); err != nil {
		return Fault{}, err
	}
	return f, f.Validate()
}
