// Package resp reads and writes RESP, the wire protocol of Redis, in its
// versions 2 and 3.
//
// # What it does
//
// A CommandReader parses what clients send: arrays of bulk strings and inline
// commands. ReadValue parses what servers answer, into a Value. The Append
// functions build wire bytes in a caller's buffer. HoldValue takes exactly one
// reply as it is, without building a Value, which is what a proxy wants; ShortValues
// finds several at once that need no look; CopyValue moves one to a writer, and a
// Buffer gives it out again piece by piece.
//
// Every reader takes Limits: a peer cannot make it allocate more than the
// limits allow, nest deeper, or send an endless line. Memory is taken as bytes
// arrive, never on the strength of an announced length.
//
// # What it does not
//
// It knows no commands, no connection state and no timeouts; deadlines belong to
// the connection. RESP3 streamed strings and aggregates ($?, *?) and attributes
// (|) are refused: no server in use sends them.
//
// # Sources
//
// The protocol: https://redis.io/docs/latest/develop/reference/protocol-spec/
package resp
