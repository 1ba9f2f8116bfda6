package faults

import (
	"errors"
	"fmt"
	"strings"
)

// maxSpec is how long a spec or a JSON fault may be: 64 KiB.
const maxSpec = 64 << 10

// ParseSpec reads a fault from a line such as
//
//	latency,name=slow,delay=200ms,jitter=50ms,component=cache
//
// The kind comes first, then fields in any order, each once. A comma within a
// value is written as two. The fault is valid; an error wraps ErrInvalid.
func ParseSpec(spec string) (Fault, error) {
	f, err := parseSpec(spec)
	if err != nil {
		return Fault{}, fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return f, f.Validate()
}

func parseSpec(spec string) (f Fault, err error) {
	if len(spec) > maxSpec {
		return f, fmt.Errorf("the spec has %d bytes: %d are allowed", len(spec), maxSpec)
	}
	words := splitSpec(spec)
	if words[0] == "" {
		return f, errors.New("the spec is empty: give kind,field=value,... such as latency,delay=200ms")
	}
	f.Kind = Kind(strings.TrimSpace(words[0]))
	seen := map[string]bool{"kind": true}
	for _, word := range words[1:] {
		name, value, ok := strings.Cut(word, "=")
		name = strings.TrimSpace(name)
		switch {
		case !ok:
			return f, fmt.Errorf("%s: give field=value", clip(word))
		case seen[name]:
			return f, fmt.Errorf("%s is given twice", clip(name))
		}
		seen[name] = true
		if err := set(&f, name, value); err != nil {
			return f, err
		}
	}
	f.normalize()
	return f, nil
}

// splitSpec splits at single commas. There is one word at least.
func splitSpec(spec string) (words []string) {
	var word strings.Builder
	for i := 0; i < len(spec); i++ {
		switch {
		case spec[i] != ',':
			word.WriteByte(spec[i])
		case i+1 < len(spec) && spec[i+1] == ',':
			word.WriteByte(',')
			i++
		default:
			words = append(words, word.String())
			word.Reset()
		}
	}
	return append(words, word.String())
}

// String is the fault as ParseSpec reads it.
func (f Fault) String() string {
	var spec strings.Builder
	spec.WriteString(string(f.Kind))
	for _, field := range fields {
		if value := field.get(&f); value != "" {
			spec.WriteString("," + field.name + "=" + strings.ReplaceAll(value, ",", ",,"))
		}
	}
	return spec.String()
}
