package jobs

import (
	"context"

	"tollgate/system/accounts"
	"tollgate/system/queue"
)

// suggestionRegeneration drops the cached suggestions, which are known to be out of date, and generates new ones.
func (d Deps) suggestionRegeneration(ctx context.Context, job queue.Job) error {
	p, err := decode[userPayload](job.Payload)
	if err != nil {
		return err
	}
	if err := d.Cache.Del(ctx, accounts.SuggestionsKey(p.User)); err != nil {
		return err
	}
	job.Progress(10)
	return d.suggest(ctx, job, p.User)
}
