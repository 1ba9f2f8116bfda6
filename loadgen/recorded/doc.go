// Package recorded makes a profile of what a service was seen to do: of an account of the fake Upstash, in front of which
// or instead of which it ran. The account is the JSON document that the fake gives at /account of its admin address, and
// at its end with --json.
//
// # What is read from the account
//
//   - jobs: how often a job was written. Plain asynq v0.26 and package thrift do that in scripts that are known by their
//     SHA-1, or by an HSET each; the message is in a hash in all cases.
//   - jobs by queue: from the connections of each queue's producer, where queues have their own (the stages legacy and
//     phase1); else from what went to each queue's keys, where jobs are most of that; else in the proportions of a
//     reference profile.
//   - cache operations: GET and MGET, SET, DEL of the component cache.
//   - checks of the limiters: of the component ratelimit API requests, of sms SMS checks. The classic limiter sends one
//     ZREMRANGEBYSCORE a check; the lean one sends one ZADD an allowed check; of the local one (SOLE_PROCESS) nothing is known.
//   - duration: from the account's first command or connection to its end.
//   - rhythm by hour: from the last day's minutes of cache and limiters, if there is a whole day.
//
// # What is not
//
// An account counts commands. It does not know what was answered from memory (a near cache, remembered denials), how many
// keys an MGET had, which writes of a cache the service made itself after a miss, which days of a week are busy, or how many
// keys, users and clients there are. A reference profile stands in for what it can, and the text of the profile says for each number where it comes from. Jobs that schedules of
// the service added are among the jobs; that they came by schedules does not show, so the profile has none. Where queues
// have connections of their own, they count for the queue whose connection the scheduler used.
package recorded
