package rest

import (
	"context"
)

// Principal is who a request speaks for.
type Principal struct {
	// Component is the name under which the ledger books the caller's commands.
	Component string
	// User is the name of the database user that the token stands for.
	User string
	// ReadOnly is true for a token that may read but not write.
	ReadOnly bool
}

// Backend runs commands and keeps the account; the handler in this package only speaks HTTP.
// An implementation must be safe for concurrent use.
type Backend interface {
	// Authenticate returns the principal of a token, comparing in constant time, and whether the token is known.
	Authenticate(token string) (Principal, bool)

	// Do runs the calls in order, books each in the ledger, applies the plan's limits, and adds the reply to each
	// to replies: an error for a command that failed, or that has a Refusal. With atomic they run between MULTI and
	// EXEC; without, Do drains replies when they are full, and lets go of the engine meanwhile.
	//
	// When an atomic call was dropped as a whole (none of its commands ran: quota, a size limit, an error while
	// queueing) the error is a *DiscardedError and there are no replies. Any other error means that the engine
	// could not be used, or that Drain failed; its text is shown to the client.
	Do(ctx context.Context, p Principal, calls []Call, atomic bool, replies *Replies) error

	// Listen opens a stream of events: SUBSCRIBE or PSUBSCRIBE brings the replies and messages, MONITOR an OK and
	// then lines. The command is booked as one of Do's would be. refusal is the text of why it may not run; any
	// other trouble is err. The stream ends with ctx at the latest, and is to be closed.
	Listen(ctx context.Context, p Principal, args [][]byte) (events Events, refusal string, err error)

	// Refused books a command that the handler turned away without running it. name is upper-case, with the
	// sub-command where there is one. unsupported tells a command that Upstash does not have (or that this
	// fake does not serve) from one that the caller may not use in this place.
	Refused(p Principal, name string, unsupported bool)
}

// DiscardedError says that a transaction was dropped as a whole and why.
type DiscardedError struct {
	// Reply is the text for the client, such as "ERR max requests limit exceeded. ...".
	Reply string
}

// Error returns the text for the client.
func (e *DiscardedError) Error() string { return e.Reply }
