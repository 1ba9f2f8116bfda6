package accounts

import (
	"log/slog"
	"slices"
	"time"

	"tollgate/system/providers"
)

// Account is everything the application knows of one user.
type Account struct {
	// User is the user's identifier and never changes.
	User string
	// RefreshToken is the user's Google refresh token. It is a secret: String and LogValue leave it out.
	RefreshToken string
	// Phone is the number that reminders go to, in E.164 form; empty means that the user gets none.
	Phone string
	// CalendarID is the calendar to synchronize, as a rule "primary".
	CalendarID string
	// Webhooks are the URLs that webhook-health-check probes.
	Webhooks []string
	// Channel is the push channel on the calendar; an empty Address means that there is none.
	Channel providers.Channel
	// CalendarSyncToken and ContactsSyncToken continue the last synchronization; empty means: start with a full one.
	CalendarSyncToken string
	ContactsSyncToken string
	// TokenExpiry is when the access token of the last refresh stops working; zero means never refreshed.
	TokenExpiry time.Time
	// Events are ordered by start, Contacts by name.
	Events   []providers.Event
	Contacts []providers.Contact
	// Suggestions are the texts of the last generation.
	Suggestions []string
	// Activity is a moving average of changes seen per synchronization; SyncInterval is the pace chosen from it.
	Activity     int
	SyncInterval time.Duration
	// Delivered are the identifiers of the last jobs that sent this user an SMS, oldest first, at most MaxDelivered.
	Delivered []string
}

// MaxDelivered is how many job identifiers MarkDelivered keeps.
const MaxDelivered = 32

// MarkDelivered notes that job sent its SMS, so that a repeated run of the job does not send it again.
func (a *Account) MarkDelivered(job string) {
	a.Delivered = append(a.Delivered, job)
	if extra := len(a.Delivered) - MaxDelivered; extra > 0 {
		a.Delivered = slices.Delete(a.Delivered, 0, extra)
	}
}

// HasDelivered reports whether job is among the last MaxDelivered ones marked.
func (a *Account) HasDelivered(job string) bool { return slices.Contains(a.Delivered, job) }

// String names the user only.
func (a Account) String() string { return "account(" + a.User + ")" }

// GoString is String, so that %#v shows no secret either.
func (a Account) GoString() string { return a.String() }

// LogValue names the user only.
func (a Account) LogValue() slog.Value { return slog.StringValue(a.String()) }

// clone returns a copy that shares no slice with a.
func (a Account) clone() Account {
	a.Webhooks = slices.Clone(a.Webhooks)
	a.Events = slices.Clone(a.Events)
	a.Contacts = slices.Clone(a.Contacts)
	a.Suggestions = slices.Clone(a.Suggestions)
	a.Delivered = slices.Clone(a.Delivered)
	return a
}
