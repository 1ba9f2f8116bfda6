package jobs_test

import (
	"context"
	"errors"
	"fmt"

	"tollgate/fakes/mocks"
	"tollgate/system/accounts"
	"tollgate/system/jobs"
	"tollgate/system/queue"
)

// The processors go to a queue factory's workers; here one is called by hand.
func ExampleAll() {
	db := accounts.NewMemory(func(string) accounts.Account { return accounts.Account{Activity: 7} })
	processors := jobs.All(jobs.Deps{
		OAuth: &mocks.OAuth{}, Calendar: &mocks.Calendar{}, People: &mocks.People{}, SMS: &mocks.SMS{},
		Webhooks: &mocks.Webhooks{}, Suggest: &mocks.Suggest{}, Accounts: db, Cache: &mocks.Cache{},
		SMSLimiter: &mocks.SMSLimiter{}, Enqueuer: &mocks.Enqueuer{},
	})
	ctx := context.Background()

	err := processors[queue.AdaptiveSync].Process(ctx, queue.Job{ID: "job-1", Payload: []byte(`{"user":"u-17"}`)})
	account, _ := db.Get(ctx, "u-17")
	fmt.Println(err, account.SyncInterval)

	err = processors[queue.AdaptiveSync].Process(ctx, queue.Job{ID: "job-2", Payload: []byte(`{"usr":"u-17"}`)})
	fmt.Println(err, errors.Is(err, queue.ErrPermanent))
	// Output:
	// <nil> 15m0s
	// malformed payload: "user" is missing or empty true
}
