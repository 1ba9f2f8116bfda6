// Package jobs is the work behind the eleven queues: one processor each, in a file of its own, made by All.
//
// A processor reads a JSON payload (at least {"user":"u-17"}; batch-notifications names its users in a list), works on
// that user's account through the provider clients, the cache and the SMS limiter, and reports progress. It depends on
// the small interfaces of this package only.
//
// What becomes of an error is decided in one place, outcome.go: a malformed payload, an account without what the job
// needs, a revoked consent and any refusal that would come again give the job up; a rate limit, a provider's or our own,
// puts it off for as long as was asked, which counts as a failed attempt like any other; everything else is retried.
//
// Jobs are delivered at least once, so each can be repeated: synchronizations merge by identifier, tokens and
// suggestions are overwritten, and an SMS is not sent again by a job that is noted on the account as having sent it.
// A reader gets a text twice in two cases: the job dies between the sending and the note, or the provider takes the
// message and its answer is lost.
//
// # Use of Redis
//
// Beside the queue's own commands, a job that goes well uses the cache and the SMS limiter this often. An access token
// that is not cached costs one more write; a refused one, one more delete. Each SMS check is one limiter decision.
//
//	queue                     reads  writes  deletes  SMS checks
//	token-refresh             0      1       0        0
//	calendar-sync             1      1       0        0
//	google-contacts-sync      1      1       0        0
//	webhook-renewal           1      0       0        0           0 reads when the channel is not due
//	webhook-health-check      0      0       0        0
//	notification-reminder     0      0       0        1
//	batch-notifications       0      0       0        1 a user
//	adaptive-sync             0      0       0        0
//	suggestion-generation     0      1       0        0
//	suggestion-regeneration   0      1       1        0
//	token-health-reminder     0      0       0        1           0 when the token is not near its end
//
// What it does not do: decide when jobs run, or talk to Redis itself.
//
// Sources: Google's guides on incremental synchronization and push channels
// (https://developers.google.com/workspace/calendar/api/guides/sync and .../push,
// https://developers.google.com/people/v1/contacts), and Twilio's limit of 1,600 characters a message
// (https://www.twilio.com/docs/glossary/what-sms-character-limit).
package jobs
