package jobs

import (
	"cmp"
	"context"

	"tollgate/system/accounts"
	"tollgate/system/providers"
	"tollgate/system/queue"
)

// defaultCalendar is Google's name for a user's own calendar.
const defaultCalendar = "primary"

// calendarSync brings the account's events up to date and writes the cached calendar through.
func (d Deps) calendarSync(ctx context.Context, job queue.Job) error {
	account, err := d.account(ctx, job)
	if err != nil {
		return err
	}
	job.Progress(10)
	var changes providers.Changes[providers.Event]
	calendar := cmp.Or(account.CalendarID, defaultCalendar)
	err = d.withAccess(ctx, account, func(access string) error {
		changes, err = incremental(account.CalendarSyncToken, func(syncToken string) (providers.Changes[providers.Event], error) {
			return d.Calendar.Sync(ctx, access, calendar, syncToken)
		})
		return err
	})
	if err != nil {
		return err
	}
	job.Progress(70)
	var events []providers.Event
	err = d.Accounts.Update(ctx, account.User, func(a *accounts.Account) {
		a.Events = accounts.MergeEvents(a.Events, changes)
		a.CalendarSyncToken = changes.SyncToken
		a.Activity = nextActivity(a.Activity, changes)
		events = a.Events
	})
	if err != nil {
		return err
	}
	if err := d.Cache.Set(ctx, accounts.CalendarKey(account.User), events, accounts.ViewTTL); err != nil {
		return err
	}
	job.Progress(100)
	return nil
}
