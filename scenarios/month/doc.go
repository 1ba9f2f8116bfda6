// Package month counts what a month costs by living through it.
//
// The real service of a stage, with asynq, go-redis and the REST client, runs against the fake Upstash and the fake providers
// over a network in memory, on the virtual clock of a bubble (package bubble), and the fake counts each command. The load is
// that of the profile: jobs, API requests and cache operations with their rhythm of day and week, and asynq's own schedules.
//
// # What is simulated
//
//   - The stages under thrift (phase2, phase3) live through all of the month, once for each seed.
//   - The stages with plain asynq (legacy, phase1) poll 46 times a second. Of them whole hours are simulated, spread over the
//     month, the hours of the day and the days of the week; the month is their sum times a factor, which is
//     named wherever the figure stands, and their figures are called projected. Each of these hours is preceded by some minutes
//     of load that are not counted, so that connections are open and the cache is not empty.
//   - A service without load, for the cost of idleness: an hour of a plain stage, the whole month of one under thrift.
//
// The month begins on Monday 2000-01-03 at 00:00 UTC.
//
// # What a seed controls
//
// Arrivals, users, keys, and which provider calls fail. Not asynq's own jitter (the order in which it looks at queues, the
// spread of its retries) nor which of two goroutines comes first: two runs of one seed differ by some commands. That is why
// figures are given for several seeds, and criteria are judged on the worst of them.
package month
