package jobs

import (
	"context"

	"tollgate/system/accounts"
	"tollgate/system/providers"
	"tollgate/system/queue"
)

// googleContactsSync brings the account's contacts up to date and writes the cached contacts through.
func (d Deps) googleContactsSync(ctx context.Context, job queue.Job) error {
	account, err := d.account(ctx, job)
	if err != nil {
		return err
	}
	job.Progress(10)
	var changes providers.Changes[providers.Contact]
	err = d.withAccess(ctx, account, func(access string) error {
		changes, err = incremental(account.ContactsSyncToken, func(syncToken string) (providers.Changes[providers.Contact], error) {
			return d.People.Sync(ctx, access, syncToken)
		})
		return err
	})
	if err != nil {
		return err
	}
	job.Progress(70)
	var contacts []providers.Contact
	err = d.Accounts.Update(ctx, account.User, func(a *accounts.Account) {
		a.Contacts = accounts.MergeContacts(a.Contacts, changes)
		a.ContactsSyncToken = changes.SyncToken
		contacts = a.Contacts
	})
	if err != nil {
		return err
	}
	if err := d.Cache.Set(ctx, accounts.ContactsKey(account.User), contacts, accounts.ViewTTL); err != nil {
		return err
	}
	job.Progress(100)
	return nil
}
