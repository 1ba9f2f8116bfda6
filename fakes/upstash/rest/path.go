package rest

import (
	"fmt"
	"net/url"
	"strings"
)

// queryArgs is what a query says: the token, if it has one, and the arguments that follow the body.
type queryArgs struct {
	token    string
	hasToken bool
	args     [][]byte
}

// tokenOr returns the token of the query, or else that of the Authorization header: "Bearer <token>", in any
// case, or the bare token.
func (q queryArgs) tokenOr(authorization string) string {
	if q.hasToken {
		return q.token
	}
	const scheme = "bearer "
	if len(authorization) >= len(scheme) && strings.EqualFold(authorization[:len(scheme)], scheme) {
		return strings.TrimSpace(authorization[len(scheme):])
	}
	return strings.TrimSpace(authorization)
}

// parseQuery splits a raw query. It keeps the order, in which it differs from net/url's: "EX=100&NX" becomes
// EX, 100, NX. The first _token is no argument, nor is any further one.
func parseQuery(raw string) (queryArgs, error) {
	var q queryArgs
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return queryArgs{}, fmt.Errorf("ERR query of the request: %w", err)
		}
		value, err = url.QueryUnescape(value)
		switch {
		case err != nil && name == "_token": // not to be repeated in a message
			return queryArgs{}, fmt.Errorf("ERR query of the request: _token is not well percent-encoded")
		case err != nil:
			return queryArgs{}, fmt.Errorf("ERR query of the request: %w", err)
		case name == "_token":
			if !q.hasToken {
				q.token, q.hasToken = value, true
			}
		case value == "":
			q.args = append(q.args, []byte(name))
		default:
			q.args = append(q.args, []byte(name), []byte(value))
		}
	}
	return q, nil
}

// parsePath splits an escaped path into the words of a command. Every segment counts, an empty one too: only
// the slash at the start is no separator.
func parsePath(escaped string) ([][]byte, error) {
	segments := strings.Split(strings.TrimPrefix(escaped, "/"), "/")
	args := make([][]byte, len(segments))
	for i, segment := range segments {
		word, err := url.PathUnescape(segment)
		if err != nil {
			return nil, fmt.Errorf("ERR path of the request: %w", err)
		}
		args[i] = []byte(word)
	}
	return args, nil
}
