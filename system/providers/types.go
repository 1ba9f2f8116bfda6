package providers

import (
	"errors"
	"fmt"
	"log/slog"
	"time"
)

// Token is what a refresh of a user's Google credentials returns.
//
// It prints as its expiry only: neither String nor slog shows the two secrets (JSON does, as it is how a token is stored).
type Token struct {
	// Access is the bearer token of Calendar and People calls.
	Access string `json:"access"`
	// Refresh is the refresh token to keep: the new one when the provider rotated it, else the one that was used.
	Refresh string `json:"refresh"`
	// Expiry is the instant at which Access stops working; the zero time means that it does not expire.
	Expiry time.Time `json:"expiry"`
}

// String names the expiry and hides both secrets.
func (t Token) String() string {
	return "token(expiry " + t.Expiry.UTC().Format(time.RFC3339) + ")"
}

// GoString is String, so that %#v hides the secrets too.
func (t Token) GoString() string { return t.String() }

// LogValue is String for log/slog, whose JSON handler does not call String.
func (t Token) LogValue() slog.Value { return slog.StringValue(t.String()) }

// Event is one calendar event. All-day events start and end at midnight UTC of their dates.
type Event struct {
	ID      string    `json:"id"`
	Summary string    `json:"summary"`
	Status  string    `json:"status"`
	Start   time.Time `json:"start"`
	End     time.Time `json:"end"`
}

// Contact is one person of the user's address book. Phone and Email are the first ones listed.
type Contact struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Phone string `json:"phone"`
	Email string `json:"email"`
}

// Channel is a push channel on a calendar: the provider posts to Address whenever the calendar changes, until Expiry.
type Channel struct {
	ID         string    `json:"id"`
	ResourceID string    `json:"resource_id"`
	Address    string    `json:"address"`
	Expiry     time.Time `json:"expiry"`
}

// Changes is the outcome of a synchronization.
type Changes[T any] struct {
	// Items are all items of a full synchronization, or those created or changed since the last one.
	Items []T
	// Deleted are the identifiers of the items removed since the last synchronization.
	Deleted []string
	// SyncToken is what to hand to the next synchronization.
	SyncToken string
	// Full says that no sync token was used: Items replaces what was stored before.
	Full bool
}

// Kind says what a caller can do about an error.
type Kind int

const (
	// KindTransient is a network error, a timeout or a 5xx: try again later.
	KindTransient Kind = iota + 1
	// KindRateLimited is a 429 (or Google's 403 for a used-up quota): try again after RetryAfter.
	KindRateLimited
	// KindSyncTokenExpired means: synchronize again with an empty sync token.
	KindSyncTokenExpired
	// KindTokenRevoked means that the user must consent again (refresh) or that the access token must be refreshed (elsewhere).
	KindTokenRevoked
	// KindPermanent is any other refusal: the same call will fail again.
	KindPermanent
)

// String returns the kind's name in snake case, as used in logs and metrics.
func (k Kind) String() string {
	switch k {
	case KindTransient:
		return "transient"
	case KindRateLimited:
		return "rate_limited"
	case KindSyncTokenExpired:
		return "sync_token_expired"
	case KindTokenRevoked:
		return "token_revoked"
	case KindPermanent:
		return "permanent"
	default:
		return fmt.Sprintf("kind(%d)", int(k))
	}
}

// Error is the one error type of this package's calls. Use errors.As, or KindOf.
type Error struct {
	// Provider is "oauth", "calendar", "people", "sms", "webhook" or "suggest".
	Provider string
	// Op is the call's name in lower case, such as "sync".
	Op string
	// Kind says what can be done about it.
	Kind Kind
	// Status is the HTTP status, 0 when there was no answer.
	Status int
	// RetryAfter is how long the provider asked to wait; 0 when it did not say.
	RetryAfter time.Duration
	// Err is the cause. It never holds a token or a credential.
	Err error
}

// Error names the provider, the call, the kind, the status and the cause.
func (e *Error) Error() string {
	text := e.Provider + " " + e.Op + ": " + e.Kind.String()
	if e.Status != 0 {
		text += fmt.Sprintf(" (HTTP %d)", e.Status)
	}
	if e.RetryAfter > 0 {
		text += ", retry after " + e.RetryAfter.String()
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the first Error in err's chain, and false when there is none.
func KindOf(err error) (Kind, bool) {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind, true
	}
	return 0, false
}
