package jobs

import (
	"context"

	"tollgate/system/queue"
)

// tokenRefresh renews the user's access token ahead of need, so that other jobs find it in the cache.
func (d Deps) tokenRefresh(ctx context.Context, job queue.Job) error {
	account, err := d.account(ctx, job)
	if err != nil {
		return err
	}
	job.Progress(20)
	if _, err := d.refresh(ctx, account); err != nil {
		return err
	}
	job.Progress(100)
	return nil
}
