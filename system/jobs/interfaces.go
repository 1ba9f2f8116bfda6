package jobs

import (
	"context"
	"time"

	"tollgate/system/accounts"
	"tollgate/system/providers"
	"tollgate/system/queue"
)

// OAuth refreshes a user's credentials. *providers.OAuth implements it.
type OAuth interface {
	Refresh(ctx context.Context, refreshToken string) (providers.Token, error)
}

// Calendar reads a calendar's changes and keeps its push channels. *providers.Calendar implements it.
type Calendar interface {
	Sync(ctx context.Context, access, calendarID, syncToken string) (providers.Changes[providers.Event], error)
	Watch(ctx context.Context, access, calendarID string, ch providers.Channel) (providers.Channel, error)
	Stop(ctx context.Context, access string, ch providers.Channel) error
}

// People reads the changes of an address book. *providers.People implements it.
type People interface {
	Sync(ctx context.Context, access, syncToken string) (providers.Changes[providers.Contact], error)
}

// SMS sends text messages. *providers.SMS implements it.
type SMS interface {
	Send(ctx context.Context, to, body string) (sid string, err error)
}

// Webhooks probes webhook targets. *providers.Webhooks implements it.
type Webhooks interface {
	Probe(ctx context.Context, url string) (status int, err error)
}

// Suggest generates suggestions for a user from facts about them. *providers.Suggest implements it.
type Suggest interface {
	Suggest(ctx context.Context, user string, facts []string) ([]string, error)
}

// Accounts is the application's database. *accounts.Memory implements it.
type Accounts interface {
	Get(ctx context.Context, user string) (accounts.Account, error)
	Update(ctx context.Context, user string, change func(*accounts.Account)) error
}

// Cache is a JSON cache. Get reports whether the key was there.
type Cache interface {
	Get(ctx context.Context, key string, dst any) (bool, error)
	Set(ctx context.Context, key string, v any, ttl time.Duration) error
	Del(ctx context.Context, keys ...string) error
}

// SMSLimiter decides whether one more message may go to a phone now; where not, retryAfter says when.
type SMSLimiter interface {
	Allow(ctx context.Context, phone string) (allowed bool, retryAfter time.Duration, err error)
}

// Enqueuer adds follow-up jobs. *queue.Factory implements it.
type Enqueuer interface {
	Enqueue(ctx context.Context, name queue.Name, payload any, opts ...queue.Option) (id string, err error)
}
