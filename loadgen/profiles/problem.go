package profiles

import (
	"errors"
	"fmt"
	"strings"
)

// Errors that callers can test for.
var (
	// ErrInvalid is matched by every [Error].
	ErrInvalid = errors.New("invalid profile")
	// ErrUnknownProfile is returned for a name that is not built in.
	ErrUnknownProfile = errors.New("unknown profile")
)

// Problem is one thing that is wrong in a profile.
type Problem struct {
	File string // as passed to Parse
	Line int    // 1-based; 0 where no line can be named
	// Field is the path of the field, such as "cache.service_share.reads";
	// empty where the whole file is meant.
	Field   string
	Message string
}

// String is "file:line: field: message".
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d", p.Line)
	}
	if p.Field != "" {
		b.WriteString(": " + p.Field)
	}
	return b.String() + ": " + p.Message
}

// Error holds every problem of a profile in the order of the file.
type Error struct{ Problems []Problem }

// Error is one line per problem.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Is reports whether target is [ErrInvalid].
func (e *Error) Is(target error) bool { return target == ErrInvalid }
