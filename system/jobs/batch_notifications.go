package jobs

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"tollgate/system/queue"
)

// batchNotifications sends each user of the batch one SMS with all of that user's notifications. A user whose message
// fails does not hold up the others; the job then runs again for those who got none.
func (d Deps) batchNotifications(ctx context.Context, job queue.Job) error {
	p, err := decode[batchPayload](job.Payload)
	if err != nil {
		return err
	}
	users, texts := groupByUser(p.Notifications)
	job.Progress(0)
	var failed []error
	for i, user := range users {
		if err := d.notify(ctx, job, user, texts[user]); err != nil {
			failed = append(failed, fmt.Errorf("user %s: %w", user, err))
		}
		job.Progress(100 * (i + 1) / len(users))
	}
	return combine(len(users), failed)
}

func (d Deps) notify(ctx context.Context, job queue.Job, user string, texts []string) error {
	account, err := d.Accounts.Get(ctx, user)
	if err != nil {
		return err
	}
	return d.deliver(ctx, job, account, batchBody(texts))
}

// groupByUser returns the users in the order of their first notification, and the texts of each in the batch's order.
func groupByUser(notifications []reminderPayload) (users []string, texts map[string][]string) {
	texts = make(map[string][]string)
	for _, n := range notifications {
		if _, ok := texts[n.User]; !ok {
			users = append(users, n.User)
		}
		texts[n.User] = append(texts[n.User], cmp.Or(n.Text, generalReminder))
	}
	return users, texts
}

// batchBody is the text itself when it is alone, else a list.
func batchBody(texts []string) string {
	if len(texts) == 1 {
		return texts[0]
	}
	return fmt.Sprintf("%d notifications:\n- %s", len(texts), strings.Join(texts, "\n- "))
}
