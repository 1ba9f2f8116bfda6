package attest

import (
	"errors"
	"fmt"
)

var (
	// ErrNotAttestable is wrapped by errors about results and files that no statement
	// can be made of.
	ErrNotAttestable = errors.New("cannot be attested")
	// ErrUntrusted is wrapped by every error that says that an attestation does not hold:
	// a file changed or is missing, a signature is absent or wrong, the results say
	// something else.
	ErrUntrusted = errors.New("not to be trusted")
	// ErrUnreadable is wrapped by errors about an attestation, or a result it names, that
	// cannot be read at all, so that nothing is known of whether it holds.
	ErrUnreadable = errors.New("cannot be read")
	// ErrKey is wrapped by errors about a key file.
	ErrKey = errors.New("unusable key")
)

// UnsupportedTypeError says that an attestation is of a type or version that this
// program does not read. It is an [ErrUnreadable].
type UnsupportedTypeError struct {
	// Field is the name of the field that says so, such as "_type".
	Field string
	// Got is its value, Want the one that this program reads.
	Got, Want string
}

// Error names the field, both values and what to do.
func (e *UnsupportedTypeError) Error() string {
	return fmt.Sprintf("%v: %s is %.100q, this program reads %q: use the program that wrote it, or a later version of this one",
		ErrUnreadable, e.Field, e.Got, e.Want)
}

// Unwrap returns [ErrUnreadable].
func (e *UnsupportedTypeError) Unwrap() error { return ErrUnreadable }

func notAttestable(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrNotAttestable}, args...)...)
}

func untrusted(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrUntrusted}, args...)...)
}

func unreadable(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrUnreadable}, args...)...)
}

func badKey(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrKey}, args...)...)
}
