package jobs

import (
	"context"
	"fmt"
	"unicode/utf8"

	"tollgate/system/accounts"
	"tollgate/system/queue"
)

// maxBody is the longest SMS in characters that the provider takes.
const maxBody = 1600

// deliver sends the user one SMS within the limit, once for each job: on a repeated run a user who got it is left out.
// Each call that is not left out asks the limiter exactly once, before sending; a send that fails has used its turn.
func (d Deps) deliver(ctx context.Context, job queue.Job, account accounts.Account, body string) error {
	if account.HasDelivered(job.ID) {
		return nil
	}
	if account.Phone == "" {
		return fmt.Errorf("%w: user %s has no phone number", ErrAccount, account.User)
	}
	allowed, retryAfter, err := d.SMSLimiter.Allow(ctx, account.Phone)
	if err != nil {
		return err
	}
	if !allowed {
		return &limitedError{user: account.User, retryAfter: retryAfter}
	}
	if _, err := d.SMS.Send(ctx, account.Phone, truncate(body, maxBody)); err != nil {
		return err
	}
	return d.Accounts.Update(ctx, account.User, func(a *accounts.Account) { a.MarkDelivered(job.ID) })
}

// truncate cuts text to limit characters, the last of which is then an ellipsis.
func truncate(text string, limit int) string {
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	return string([]rune(text)[:limit-1]) + "…"
}
