package jobs

import (
	"context"
	"time"

	"tollgate/system/accounts"
	"tollgate/system/queue"
)

// maxContext is how many events, and how many contacts, are told to the suggestion endpoint.
const maxContext = 5

// suggestionGeneration generates suggestions for the user from the account's next events and its contacts.
func (d Deps) suggestionGeneration(ctx context.Context, job queue.Job) error {
	p, err := decode[userPayload](job.Payload)
	if err != nil {
		return err
	}
	job.Progress(10)
	return d.suggest(ctx, job, p.User)
}

// suggest generates, stores and caches the suggestions of user.
func (d Deps) suggest(ctx context.Context, job queue.Job, user string) error {
	account, err := d.Accounts.Get(ctx, user)
	if err != nil {
		return err
	}
	suggestions, err := d.Suggest.Suggest(ctx, user, suggestionContext(account, time.Now()))
	if err != nil {
		return err
	}
	job.Progress(80)
	if suggestions == nil {
		suggestions = []string{} // "none" is a view as well: [], not null
	}
	err = d.Accounts.Update(ctx, user, func(a *accounts.Account) { a.Suggestions = suggestions })
	if err != nil {
		return err
	}
	if err := d.Cache.Set(ctx, accounts.SuggestionsKey(user), suggestions, accounts.ViewTTL); err != nil {
		return err
	}
	job.Progress(100)
	return nil
}

// suggestionContext names the events that are not over at now, soonest first, and the contacts.
func suggestionContext(account accounts.Account, now time.Time) []string {
	var lines []string
	for _, event := range account.Events {
		if len(lines) == maxContext {
			break
		}
		if event.End.After(now) {
			lines = append(lines, "event: "+event.Summary)
		}
	}
	for _, contact := range account.Contacts[:min(len(account.Contacts), maxContext)] {
		lines = append(lines, "contact: "+contact.Name)
	}
	return lines
}
