package resp

import "fmt"

// ProtocolError says that a peer broke the protocol. The stream cannot be used
// any further: the caller answers with the text and closes.
type ProtocolError struct {
	// Reason is what was wrong, in Redis's own words where it has some.
	Reason string
}

// Error is the text of the reply, without its leading code.
func (e *ProtocolError) Error() string { return "Protocol error: " + e.Reason }

func protocolErrorf(format string, args ...any) error {
	return &ProtocolError{Reason: fmt.Sprintf(format, args...)}
}

// TooLargeError says that a command or a value was larger than Limits allow.
type TooLargeError struct {
	// Limit is what was allowed and Actual what came, both in bytes of payload.
	Limit, Actual int64
}

// Error names both figures.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("resp: %d bytes exceed the limit of %d", e.Actual, e.Limit)
}
