package jobs

import (
	"cmp"
	"context"
	"time"

	"tollgate/system/accounts"
	"tollgate/system/providers"
	"tollgate/system/queue"
)

const (
	// renewalMargin is how long before its end a push channel is renewed.
	renewalMargin = 24 * time.Hour
	// channelLife is how long a new channel is asked for: a week, Google's own default.
	channelLife = 7 * 24 * time.Hour
)

// webhookRenewal opens a new push channel on the user's calendar when the present one ends within renewalMargin, and
// stops the old one. A user without a channel gets a first one, to the account's first webhook; a user with neither has
// nothing to renew.
func (d Deps) webhookRenewal(ctx context.Context, job queue.Job) error {
	account, err := d.account(ctx, job)
	if err != nil {
		return err
	}
	job.Progress(10)
	old := account.Channel
	address := old.Address
	if address == "" && len(account.Webhooks) > 0 {
		address = account.Webhooks[0]
	}
	if address != "" && time.Until(old.Expiry) <= renewalMargin {
		if err := d.renew(ctx, job, account, address); err != nil {
			return err
		}
	}
	job.Progress(100)
	return nil
}

// renew opens the new channel before it stops the old one, so that no change goes unnoticed in between. The channel's ID
// is left to the client, which makes a new one for each call: Google refuses for good one that it has seen, and a job
// that a stop handed back runs again with the same ID and attempt.
func (d Deps) renew(ctx context.Context, job queue.Job, account accounts.Account, address string) error {
	old := account.Channel
	return d.withAccess(ctx, account, func(access string) error {
		renewed, err := d.Calendar.Watch(ctx, access, cmp.Or(account.CalendarID, defaultCalendar), providers.Channel{
			Address: address, Expiry: time.Now().Add(channelLife),
		})
		if err != nil {
			return err
		}
		job.Progress(60)
		if err := d.Accounts.Update(ctx, account.User, func(a *accounts.Account) { a.Channel = renewed }); err != nil {
			return err
		}
		if old.ID == "" {
			return nil
		}
		if err := d.Calendar.Stop(ctx, access, old); err != nil {
			// It ends by itself within renewalMargin; until then changes are told twice.
			d.Logger.InfoContext(ctx, "old channel not stopped", "user", account.User, "channel", old.ID, "error", err)
		}
		return nil
	})
}
