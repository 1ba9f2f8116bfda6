package cache

import (
	"errors"
	"fmt"
)

var (
	// ErrDecode is wrapped by the error of a read whose stored bytes are not JSON for the wanted type.
	ErrDecode = errors.New("stored bytes do not decode")
	// ErrEncode is wrapped by the error of a write whose value cannot be encoded as JSON.
	ErrEncode = errors.New("value does not encode as JSON")
	// ErrClosed is returned by every method after Close.
	ErrClosed = errors.New("cache: closed")
)

// StoreError says that the store failed. It wraps the store's own error.
type StoreError struct {
	// Op is "get", "set", "del" or "delete pattern".
	Op string
	// Key is the key or pattern with its prefix; of several keys, the first.
	Key string
	// Err is the store's error.
	Err error
}

// Error names the operation, the key and the cause.
func (e *StoreError) Error() string { return fmt.Sprintf("cache: %s %q: %v", e.Op, e.Key, e.Err) }

// Unwrap returns the store's error.
func (e *StoreError) Unwrap() error { return e.Err }
