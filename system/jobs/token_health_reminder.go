package jobs

import (
	"context"
	"time"

	"tollgate/system/queue"
)

const (
	// reminderMargin is how near its end a token must be for its user to be reminded.
	reminderMargin = 24 * time.Hour
	reminderText   = "Your calendar connection is about to end. Please open the app to renew it."
)

// tokenHealthReminder reminds the user by SMS when the account's token is near its end or was never refreshed. The SMS
// limit holds as for notification-reminder.
func (d Deps) tokenHealthReminder(ctx context.Context, job queue.Job) error {
	account, err := d.account(ctx, job)
	if err != nil {
		return err
	}
	job.Progress(30)
	if time.Until(account.TokenExpiry) <= reminderMargin {
		if err := d.deliver(ctx, job, account, reminderText); err != nil {
			return err
		}
	}
	job.Progress(100)
	return nil
}
