package faults

import "time"

// Kind is what goes wrong.
type Kind string

// The kinds. What each takes is in its line of the table in kinds.go, and in the
// package documentation.
const (
	Latency    Kind = "latency"   // answers come later
	Reset      Kind = "reset"     // connections are reset
	Refuse     Kind = "refuse"    // new connections are turned away
	Bandwidth  Kind = "bandwidth" // so many bytes a second
	HalfOpen   Kind = "half-open" // nothing moves, nothing is closed
	Status     Kind = "status"    // an HTTP status, as a proxy gives it
	SlowBody   Kind = "slow-body" // so many bytes a second of an HTTP body
	Truncate   Kind = "truncate"  // half of an HTTP body
	LostAnswer Kind = "lost-answer"
	Error      Kind = "error" // commands are answered with an error of one's own
	Loading    Kind = "loading"
	ReadOnly   Kind = "readonly"
	QuotaSpent Kind = "quota-spent"

	ScriptFlush Kind = "script-flush"
	Failover    Kind = "failover"
	ClockJump   Kind = "clock-jump"
)

// Doors and transports that a fault may select.
const (
	DoorRESP = "resp"
	DoorTLS  = "tls"
	DoorREST = "rest"

	TransportTCP  = "tcp"
	TransportREST = "rest"
)

// Directions of a TCP connection.
const (
	Down = "down" // from server to client
	Up   = "up"   // from client to server: the server reads slowly
	Both = "both"
)

// Fault is one thing that goes wrong, when, and for whom. Only Kind is needed by
// all. ParseSpec and the JSON form use the same words for the fields.
type Fault struct {
	// Name is unique in a Registry; empty picks one.
	Name string
	Kind Kind

	// Probability is that of each connection, request or command to be hit, 0 to 1.
	// nil means 1; 0 means never.
	Probability *float64
	// Count is how many times it fires at most; 0 means any number.
	Count int

	// Component, Transport, Command and Door select whom it hits; empty means all.
	// A command is upper-case, with a sub-command or without; a request is selected
	// if one of its commands is. A connection has a component from its first command
	// after the handshake on.
	Component, Transport, Command, Door string

	// After is how long it waits before it is on, For how long it then is; a For of
	// 0 means until it is removed.
	After, For time.Duration
	// Every repeats a failover or a script flush; 0 means once.
	Every time.Duration

	// Delay and Jitter of Latency: each answer comes Delay later, give or take
	// Jitter at random. Over TCP the delay counts in milliseconds.
	Delay, Jitter time.Duration
	// Rate of Bandwidth and SlowBody: bytes a second.
	Rate int64
	// Direction of Latency and Bandwidth over TCP; empty means Down.
	Direction string
	// Bytes are what a client still gets: before a Reset over TCP (0: nothing, at
	// once), and of a truncated body (0: half of it).
	Bytes int64
	// Code is the HTTP status of Status, 400 to 599.
	Code int
	// RetryAfter is the header of a 429 or 503, in whole seconds; 0 means none.
	RetryAfter time.Duration
	// JSON has Status answer with {"error": Text} instead of a page.
	JSON bool
	// Text is what clients are told: the whole error of Error, the body of Status
	// (empty: the status's name), the error before a RESP connection that is refused
	// is closed (empty: it is reset without a word).
	Text string
	// Downtime is how long a failover refuses new connections.
	Downtime time.Duration
	// By is how far a clock jumps; it may be negative.
	By time.Duration
}

// share is the probability as a number.
func (f Fault) share() float64 {
	if f.Probability == nil {
		return 1
	}
	return *f.Probability
}
