package engine

import (
	"errors"
	"fmt"
)

var (
	// ErrClosed is the error of an engine that was closed.
	ErrClosed = errors.New("engine: closed")
	// ErrRestarted is the error of statistics that the Redis lost in a restart.
	ErrRestarted = errors.New("engine: the Redis was restarted and counts anew")
)

// UnreachableError is a Redis that cannot be used.
type UnreachableError struct {
	Address string // without user and password
	Advice  string // what to do
	Err     error
}

// Error says what cannot be reached, why, and what to do.
func (e *UnreachableError) Error() string {
	return fmt.Sprintf("engine: cannot use the Redis at %s: %v; %s", e.Address, e.Err, e.Advice)
}

// Unwrap returns the cause.
func (e *UnreachableError) Unwrap() error { return e.Err }
