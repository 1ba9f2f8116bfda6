package upstash

import (
	"errors"
	"fmt"

	"tollgate/fakes/upstash/resp"
)

// ErrClosed is the error of a Server that was closed.
var ErrClosed = errors.New("upstash: server closed")

// StartError says which door could not be opened.
type StartError struct {
	// Door is "RESP", "TLS", "REST" or "admin".
	Door string
	// Addr is the address it was to listen on.
	Addr string
	// Err is why not, such as syscall.EADDRINUSE.
	Err error
}

// Error names the door and the address, and what to do.
func (e *StartError) Error() string {
	return fmt.Sprintf("upstash: the %s door cannot listen on %s: %v; free that address or choose another (port 0 picks a free one)",
		e.Door, e.Addr, e.Err)
}

// Unwrap gives the cause.
func (e *StartError) Unwrap() error { return e.Err }

// The texts of Upstash's errors, but for those in package commands.
const (
	textNoAuth        = "NOAUTH Authentication required"
	textWrongPass     = "WRONGPASS invalid username-password pair or user is disabled"
	textNoProto       = "NOPROTO unsupported protocol version"
	textMaxConns      = "ERR max concurrent connections exceeded"
	textDBIndex       = "ERR DB index is out of range"
	textClientName    = "ERR Client names cannot contain spaces, newlines or special characters."
	textSyntax        = "ERR syntax error"
	textExecAbort     = "EXECABORT Transaction discarded because of previous errors."
	textNotInMulti    = "ERR Command not allowed inside a transaction"
	textNoKeyspace    = "ERR this fake sends no keyspace notifications: only an empty notify-keyspace-events is accepted"
	textUnknownConfig = "ERR Unknown option or number of arguments for CONFIG SET - '%s'"
	textHelloOption   = "ERR Syntax error in HELLO option '%s'"
	textHelloVersion  = "ERR Protocol version is not an integer or out of range"
	textNotInEngine   = "ERR the engine behind this fake has no '%s', although Upstash has"
	textInSubscribe   = "ERR Can't execute '%s': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context"
	textNotInt        = "ERR value is not an int or out of range"
	textTooLarge      = "ERR max request size exceeded. Limit: %d bytes, Actual: %d bytes. " +
		"See https://upstash.com/docs/redis/troubleshooting/max_request_size_exceeded for details"
	textKeyTooLarge = "ERR max key size exceeded. Limit: %d bytes, Actual: %d bytes"
	textQuota       = "ERR max requests limit exceeded. Limit: %d, Usage: %d. " +
		"See https://upstash.com/docs/redis/troubleshooting/max_requests_limit for details"
)

// textNotInteger is how Redis, and so the engine, says textNotInt.
const textNotInteger = "ERR value is not an integer or out of range"

// asUpstash gives an error of the engine the words that Upstash has for it.
func asUpstash(v resp.Value) resp.Value {
	if v.IsError() && string(v.Str) == textNotInteger {
		return resp.Errorf("%s", textNotInt)
	}
	return v
}
