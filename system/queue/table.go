package queue

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Name is the name of one of the eleven queues.
type Name string

// The eleven queues.
const (
	WebhookHealthCheck     Name = "webhook-health-check"
	NotificationReminder   Name = "notification-reminder"
	TokenHealthReminder    Name = "token-health-reminder"
	AdaptiveSync           Name = "adaptive-sync"
	WebhookRenewal         Name = "webhook-renewal"
	SuggestionRegeneration Name = "suggestion-regeneration"
	BatchNotifications     Name = "batch-notifications"
	SuggestionGeneration   Name = "suggestion-generation"
	TokenRefresh           Name = "token-refresh"
	CalendarSync           Name = "calendar-sync"
	GoogleContactsSync     Name = "google-contacts-sync"
)

// Tier says how bad it is when a queue stands still.
type Tier string

// The three tiers.
const (
	NonCritical Tier = "non-critical"
	Medium      Tier = "medium"
	Critical    Tier = "critical"
)

// Tiers lists the tiers, the most harmless first.
func Tiers() []Tier { return []Tier{NonCritical, Medium, Critical} }

// Spec is one row of the table of queues.
type Spec struct {
	Name Name
	Tier Tier
	// Priority is the queue's weight in the shared server: of all looks at full queues, its share.
	Priority int
	// MaxRetry is how often a failed job is tried again; a job is attempted MaxRetry+1 times at most.
	MaxRetry int
	// Concurrency is how many of the queue's jobs run at once in the PerQueue topology; Shared runs the sum.
	Concurrency int
	// Timeout bounds one attempt. Whole seconds.
	Timeout time.Duration
	// Retention is how long a completed job stays readable in Redis; 0 deletes it at once.
	Retention time.Duration
	// UniqueFor refuses a second job with the same payload for this long, or until the first one is done; 0 accepts
	// all. It holds only with Config.Deduplicate.
	UniqueFor time.Duration
}

// specs is the table. Notifications get more retries than others of their tier: a limiter may put them off repeatedly.
var specs = []Spec{
	{Name: WebhookHealthCheck, Tier: NonCritical, Priority: 1, MaxRetry: 3, Concurrency: 2, Timeout: 30 * time.Second},
	{Name: NotificationReminder, Tier: NonCritical, Priority: 1, MaxRetry: 8, Concurrency: 2, Timeout: 30 * time.Second},
	{Name: TokenHealthReminder, Tier: NonCritical, Priority: 1, MaxRetry: 8, Concurrency: 2, Timeout: 30 * time.Second},
	{Name: AdaptiveSync, Tier: Medium, Priority: 3, MaxRetry: 4, Concurrency: 4, Timeout: time.Minute},
	{Name: WebhookRenewal, Tier: Medium, Priority: 3, MaxRetry: 5, Concurrency: 4, Timeout: time.Minute, UniqueFor: 10 * time.Minute},
	{Name: SuggestionRegeneration, Tier: Medium, Priority: 3, MaxRetry: 4, Concurrency: 4, Timeout: time.Minute},
	{Name: BatchNotifications, Tier: Medium, Priority: 3, MaxRetry: 8, Concurrency: 4, Timeout: 2 * time.Minute},
	{Name: SuggestionGeneration, Tier: Medium, Priority: 3, MaxRetry: 4, Concurrency: 4, Timeout: time.Minute},
	{Name: TokenRefresh, Tier: Critical, Priority: 6, MaxRetry: 6, Concurrency: 8, Timeout: 30 * time.Second, UniqueFor: 5 * time.Minute},
	{Name: CalendarSync, Tier: Critical, Priority: 6, MaxRetry: 6, Concurrency: 8, Timeout: 2 * time.Minute},
	{Name: GoogleContactsSync, Tier: Critical, Priority: 6, MaxRetry: 6, Concurrency: 8, Timeout: 2 * time.Minute},
}

// Specs returns the eleven rows in a fixed order, least critical first. The slice is the caller's own.
func Specs() []Spec { return slices.Clone(specs) }

// Lookup returns the row of name, or an error that is ErrUnknownQueue and lists the names there are.
func Lookup(name string) (Spec, error) {
	names := make([]string, len(specs))
	for i, spec := range specs {
		if string(spec.Name) == name {
			return spec, nil
		}
		names[i] = string(spec.Name)
	}
	return Spec{}, fmt.Errorf("%w %q: use one of %s", ErrUnknownQueue, name, strings.Join(names, ", "))
}
