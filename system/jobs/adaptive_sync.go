package jobs

import (
	"context"
	"errors"
	"time"

	"tollgate/system/accounts"
	"tollgate/system/providers"
	"tollgate/system/queue"
)

// paces says from which activity on a calendar is synchronized how often. The last line takes all others.
var paces = []struct {
	activity int
	interval time.Duration
}{
	{20, 5 * time.Minute},
	{5, 15 * time.Minute},
	{1, time.Hour},
	{0, 6 * time.Hour},
}

// paceOf returns the interval between synchronizations for an activity.
func paceOf(activity int) time.Duration {
	for _, pace := range paces {
		if activity >= pace.activity {
			return pace.interval
		}
	}
	return paces[len(paces)-1].interval
}

// nextActivity is the moving average of changes per synchronization, each new one weighing half. A full synchronization
// says nothing about changes and leaves it.
func nextActivity(activity int, changes providers.Changes[providers.Event]) int {
	if changes.Full {
		return activity
	}
	return (activity + len(changes.Items) + len(changes.Deleted)) / 2
}

// adaptiveSync chooses how often the user's calendar is to be synchronized from how much changes in it, and stores that
// on the account. On demand it queues the next synchronization too; a repeated run does not queue a second one.
func (d Deps) adaptiveSync(ctx context.Context, job queue.Job) error {
	p, err := decode[adaptivePayload](job.Payload)
	if err != nil {
		return err
	}
	account, err := d.Accounts.Get(ctx, p.User)
	if err != nil {
		return err
	}
	job.Progress(30)
	interval := paceOf(account.Activity)
	if err := d.Accounts.Update(ctx, p.User, func(a *accounts.Account) { a.SyncInterval = interval }); err != nil {
		return err
	}
	job.Progress(70)
	if p.EnqueueFollowUp {
		_, err := d.Enqueuer.Enqueue(ctx, queue.CalendarSync, userPayload{User: p.User},
			queue.ProcessIn(interval), queue.TaskID("after-"+job.ID))
		if err != nil && !errors.Is(err, queue.ErrDuplicateJob) {
			return err
		}
	}
	job.Progress(100)
	return nil
}
