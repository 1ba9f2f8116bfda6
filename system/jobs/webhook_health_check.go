package jobs

import (
	"context"
	"fmt"

	"tollgate/system/queue"
)

// webhookHealthCheck probes each webhook of the account. It fails when one does not answer well, which raises the
// queue's failed event: for good when every bad one refuses (4xx), to be retried when one may come back.
func (d Deps) webhookHealthCheck(ctx context.Context, job queue.Job) error {
	account, err := d.account(ctx, job)
	if err != nil {
		return err
	}
	job.Progress(0)
	total := len(account.Webhooks)
	var failed []error
	for i, url := range account.Webhooks {
		if _, err := d.Webhooks.Probe(ctx, url); err != nil {
			failed = append(failed, fmt.Errorf("webhook %d: %w", i+1, err))
		}
		job.Progress(100 * (i + 1) / total)
	}
	return combine(total, failed)
}
