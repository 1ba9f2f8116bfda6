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
	textNoRESTToken   = "ERR Wrong password or user \"%s\" does not exist"
	textGenPass       = "ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096"
	textFixedUsers    = "ERR this fake has no '%s', although Upstash has: its users are those it was started with"
	textNotInt        = "ERR value is not an int or out of range"
	textKeyTooLarge   = "ERR max key size exceeded. Limit: %d bytes, Actual: %d bytes"
	textDataFull      = "ERR DB capacity quota exceeded. Threshold: %d bytes, Usage: %d bytes. " +
		"See https://upstash.com/docs/redis/troubleshooting/db_capacity_quota_exceeded for details"
	textRecordFull = "ERR max single record size exceeded"
	textQuota      = "ERR max requests limit exceeded. Limit: %d, Usage: %d. " +
		"See https://upstash.com/docs/redis/troubleshooting/max_requests_limit for details"
)

// wordsOfUpstash are for errors that the engine, or miniredis alone, words otherwise.
var wordsOfUpstash = map[string]string{
	"ERR value is not an integer or out of range":         textNotInt,
	"ERR WATCH in MULTI":                                  "ERR WATCH inside MULTI is not allowed",
	"Write commands are not allowed in read-only scripts": "READONLY Write commands are not allowed from read-only scripts",
}

// asUpstash gives an error of the engine the words that Upstash has for it.
func asUpstash(v resp.Value) resp.Value {
	if !v.IsError() {
		return v
	}
	if words, ok := wordsOfUpstash[string(v.Str)]; ok {
		return resp.Errorf("%s", words)
	}
	return v
}

// errorAsUpstash is asUpstash for an error as it is on the wire.
func errorAsUpstash(raw []byte) []byte {
	v := resp.Value{Kind: resp.Error, Str: raw[1 : len(raw)-len("\r\n")]}
	return resp.AppendValue(nil, asUpstash(v), 2)
}
