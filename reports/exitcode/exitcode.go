package exitcode

import (
	"context"
	"errors"
	"strconv"
)

// The exit codes. They are part of the command-line interface: a number never
// changes its meaning.
const (
	// Passed: every criterion held.
	Passed = 0
	// Failed: at least one criterion failed or had no data.
	Failed = 1
	// Usage: a flag, an argument, a file or the environment is wrong.
	Usage = 2
	// NotStarted: something the run needs could not be started or reached.
	NotStarted = 3
	// Interrupted: the run was stopped, by a signal or a deadline, before its end.
	Interrupted = 4
	// Internal: a fault of the program itself.
	Internal = 5
)

// Error is an error that knows which code the command should end with.
type Error struct {
	// Code is one of this package's constants.
	Code int
	// Err is what went wrong; it is what the user reads.
	Err error
}

// Error returns the text of the wrapped error, without the code.
func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns the wrapped error.
func (e *Error) Unwrap() error { return e.Err }

// With gives an error an exit code. A nil error stays nil.
func With(code int, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Code: code, Err: err}
}

// Of returns the code for an error: [Passed] for nil, the code given by [With],
// [Interrupted] for a cancelled or expired context, and [Internal] for any other.
func Of(err error) int {
	var coded *Error
	switch {
	case err == nil:
		return Passed
	case errors.As(err, &coded):
		return coded.Code
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return Interrupted
	default:
		return Internal
	}
}

// Worst returns the highest of the codes, [Passed] when there is none.
func Worst(codes ...int) int {
	worst := Passed
	for _, code := range codes {
		worst = max(worst, code)
	}
	return worst
}

// Text returns what a code means, in words.
func Text(code int) string {
	switch code {
	case Passed:
		return "all passed"
	case Failed:
		return "criteria failed"
	case Usage:
		return "usage or configuration"
	case NotStarted:
		return "could not start"
	case Interrupted:
		return "interrupted"
	case Internal:
		return "internal error"
	default:
		return "unknown exit code " + strconv.Itoa(code)
	}
}
