package jobs

import (
	"context"
	"fmt"
	"log/slog"

	"tollgate/system/accounts"
	"tollgate/system/queue"
)

// Deps is what the processors work with. All fields but Logger are required; all must be safe for concurrent use.
type Deps struct {
	OAuth      OAuth
	Calendar   Calendar
	People     People
	SMS        SMS
	Webhooks   Webhooks
	Suggest    Suggest
	Accounts   Accounts
	Cache      Cache
	SMSLimiter SMSLimiter
	Enqueuer   Enqueuer
	// Logger gets what a job gets over by itself; nil discards it.
	Logger *slog.Logger
}

// All returns the processor of each of the eleven queues. It panics when a required field of deps is missing, because
// that is a mistake in the program and would otherwise show only when the first job of some queue runs.
func All(deps Deps) map[queue.Name]queue.Processor {
	for name, dep := range map[string]any{
		"OAuth": deps.OAuth, "Calendar": deps.Calendar, "People": deps.People, "SMS": deps.SMS, "Webhooks": deps.Webhooks,
		"Suggest": deps.Suggest, "Accounts": deps.Accounts, "Cache": deps.Cache, "SMSLimiter": deps.SMSLimiter,
		"Enqueuer": deps.Enqueuer,
	} {
		if dep == nil {
			panic(fmt.Sprintf("jobs: All needs Deps.%s, which is nil", name))
		}
	}
	if deps.Logger == nil {
		deps.Logger = slog.New(slog.DiscardHandler)
	}
	all := make(map[queue.Name]queue.Processor)
	for name, process := range map[queue.Name]func(context.Context, queue.Job) error{
		queue.WebhookHealthCheck:     deps.webhookHealthCheck,
		queue.NotificationReminder:   deps.notificationReminder,
		queue.TokenHealthReminder:    deps.tokenHealthReminder,
		queue.AdaptiveSync:           deps.adaptiveSync,
		queue.WebhookRenewal:         deps.webhookRenewal,
		queue.SuggestionRegeneration: deps.suggestionRegeneration,
		queue.BatchNotifications:     deps.batchNotifications,
		queue.SuggestionGeneration:   deps.suggestionGeneration,
		queue.TokenRefresh:           deps.tokenRefresh,
		queue.CalendarSync:           deps.calendarSync,
		queue.GoogleContactsSync:     deps.googleContactsSync,
	} {
		all[name] = queue.ProcessorFunc(func(ctx context.Context, job queue.Job) error {
			return outcome(process(ctx, job))
		})
	}
	return all
}

// account returns the account of the user that the job's payload names.
func (d Deps) account(ctx context.Context, job queue.Job) (accounts.Account, error) {
	p, err := decode[userPayload](job.Payload)
	if err != nil {
		return accounts.Account{}, err
	}
	return d.Accounts.Get(ctx, p.User)
}
