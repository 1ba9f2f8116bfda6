package config

import "log/slog"

// hidden stands where a secret would be printed.
const hidden = "(hidden)"

// Secret is a credential. Formatting, logging and marshalling it yields
// "(hidden)", or nothing when it is empty; string(s) yields the credential.
type Secret string

// String implements fmt.Stringer without the credential.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return hidden
}

// GoString implements fmt.GoStringer without the credential.
func (s Secret) GoString() string { return `"` + s.String() + `"` }

// LogValue implements slog.LogValuer without the credential.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText implements encoding.TextMarshaler without the credential.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
