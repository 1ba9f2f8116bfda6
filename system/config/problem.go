package config

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
)

// ErrInvalid is what errors.Is finds in every error of this package.
var ErrInvalid = errors.New("invalid configuration")

// Problem is one thing wrong with one variable.
type Problem struct {
	Variable string // name of the environment variable
	Value    string // as shown: quoted, credentials hidden, "" when not set
	Advice   string // what is wrong and what to do
}

// String returns the problem as one line.
func (p Problem) String() string {
	if p.Value == "" {
		return p.Variable + " is not set: " + p.Advice
	}
	return p.Variable + "=" + p.Value + ": " + p.Advice
}

// Error holds every problem of a configuration, in the order of the table of
// variables.
type Error struct {
	Problems []Problem
}

// Error returns the problems, one a line.
func (e *Error) Error() string {
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// Is reports that the error is an ErrInvalid.
func (e *Error) Is(target error) bool { return target == ErrInvalid }

// shown quotes a value for a message. Of a value that could carry a credential,
// such as a connection URL pasted into the wrong variable, it shows at most
// scheme and host.
func shown(value string) string {
	switch {
	case value == "":
		return ""
	case !strings.ContainsAny(value, "@?#"):
		return strconv.Quote(value)
	}
	u, err := url.Parse(value)
	if err != nil || u.Host == "" {
		return hidden
	}
	return strconv.Quote(u.Scheme+"://"+u.Host) + " (rest hidden)"
}
