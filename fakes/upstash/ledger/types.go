package ledger

import "time"

// The transports of a Command.
const (
	TransportTCP  = "tcp"
	TransportREST = "rest"
)

// Several is the group of a command whose keys do not all belong to the same.
const Several = "(several)"

// Command is one command as the fake saw it.
type Command struct {
	// At is when it arrived; zero means now, by the ledger's clock.
	At time.Time `json:"at"`
	// Component is who sent it: the client name or user of a connection, the
	// component of a REST token.
	Component string `json:"component"`
	// Transport is TransportTCP or TransportREST.
	Transport string `json:"transport"`
	// Name is the command's name in upper case, as in "GET" or "CLIENT SETNAME".
	Name string `json:"name"`
	// Script is the SHA-1 of the script that was called, or, for an inner
	// command, that called it; else "".
	Script string `json:"script,omitempty"`
	// Group is what the keys of the command belong to, if who records it says so:
	// Several when not all to the same, "" without any.
	Group string `json:"group,omitempty"`
	// Inner is set for a command called inside a Lua script.
	Inner bool `json:"inner,omitempty"`
	// Billed is set for a command that Upstash charges.
	Billed bool `json:"billed"`
	// Times is how often a billed command is charged: more than once where it is
	// replicated to read regions. 0 means once.
	Times int64 `json:"times,omitempty"`
	// Unsupported is set for a command refused because Upstash has no such.
	Unsupported bool `json:"unsupported,omitempty"`
	// Rejected is set for a command refused by a limit of the plan or by a
	// permission.
	Rejected bool `json:"rejected,omitempty"`
}

// Counts are numbers of commands.
type Counts struct {
	// Wire is the commands that clients sent.
	Wire int64 `json:"wire"`
	// Inner is the commands called inside Lua scripts; they are not in Wire.
	Inner int64 `json:"inner"`
	// Billed is what Upstash charges, of both.
	Billed int64 `json:"billed"`
}

// ConnCounts are numbers of connections.
type ConnCounts struct {
	// Open is how many are open now.
	Open int64 `json:"open"`
	// Peak is the most that were open at one time since the last ResetPeaks.
	Peak int64 `json:"peak"`
	// Opened is how many were opened in all.
	Opened int64 `json:"opened"`
	// Refused is how many were turned away by a limit.
	Refused int64 `json:"refused"`
}

// Snapshot is the ledger's totals at one moment.
type Snapshot struct {
	At    time.Time `json:"at"`
	Total Counts    `json:"total"`
	// Unsupported is how many commands were refused because Upstash has no such.
	Unsupported int64 `json:"unsupported"`
	// Rejected is how many commands were refused by limit or permission.
	Rejected int64 `json:"rejected"`
	// Gaps is how often commands called inside scripts may have been missed: if it
	// is not 0, inner commands and the bill may be too low.
	Gaps int64 `json:"gaps"`
	// ByComponent, ByCommand and ByScript split Total. ByCommand's keys are
	// upper-case names; inner commands count under their own name. ByScript
	// holds script calls (wire) and what they called (inner).
	ByComponent map[string]Counts `json:"by_component"`
	ByCommand   map[string]Counts `json:"by_command"`
	ByScript    map[string]Counts `json:"by_script"`
	// ByGroup has the commands that were recorded with a group.
	ByGroup map[string]Counts `json:"by_group"`
	// Connections are the TCP connections, in all and per component.
	Connections            ConnCounts            `json:"connections"`
	ConnectionsByComponent map[string]ConnCounts `json:"connections_by_component"`
	// RESTConnections are the HTTP connections of the REST API, which Upstash
	// does not count as Redis connections.
	RESTConnections ConnCounts `json:"rest_connections"`
}

// Second is one second of the account.
type Second struct {
	At     time.Time `json:"at"`
	Wire   int64     `json:"wire"`
	Inner  int64     `json:"inner"`
	Billed int64     `json:"billed"`
	// Open is the most TCP connections open at one time in that second.
	Open int64 `json:"open"`
}
