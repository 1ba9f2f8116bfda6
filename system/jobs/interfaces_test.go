package jobs_test

import (
	"tollgate/system/accounts"
	"tollgate/system/cache"
	"tollgate/system/jobs"
	"tollgate/system/providers"
	"tollgate/system/queue"
	"tollgate/system/ratelimit/sms"
)

// What the service puts behind the interfaces.
var (
	_ jobs.Accounts   = (*accounts.Memory)(nil)
	_ jobs.Cache      = (*cache.Cache)(nil)
	_ jobs.Enqueuer   = (*queue.Factory)(nil)
	_ jobs.SMSLimiter = (*sms.Limiter)(nil)
	_ jobs.OAuth      = (*providers.OAuth)(nil)
	_ jobs.Calendar   = (*providers.Calendar)(nil)
	_ jobs.People     = (*providers.People)(nil)
	_ jobs.SMS        = (*providers.SMS)(nil)
	_ jobs.Webhooks   = (*providers.Webhooks)(nil)
	_ jobs.Suggest    = (*providers.Suggest)(nil)
)
