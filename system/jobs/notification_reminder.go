package jobs

import (
	"cmp"
	"context"

	"tollgate/system/queue"
)

// generalReminder is the text of a reminder that has none.
const generalReminder = "You have a reminder waiting."

// notificationReminder sends one reminder by SMS. Where the SMS limit is reached the job comes back when the limiter
// says that it may; that uses up one of its attempts, so a user who is always at the limit does not keep it for ever.
func (d Deps) notificationReminder(ctx context.Context, job queue.Job) error {
	p, err := decode[reminderPayload](job.Payload)
	if err != nil {
		return err
	}
	account, err := d.Accounts.Get(ctx, p.User)
	if err != nil {
		return err
	}
	job.Progress(30)
	if err := d.deliver(ctx, job, account, cmp.Or(p.Text, generalReminder)); err != nil {
		return err
	}
	job.Progress(100)
	return nil
}
