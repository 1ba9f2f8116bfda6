// Package ratelimit holds two limiters that give the same answers: at most Limit allowed checks of a subject in any Window,
// counted exactly, by a log of the allowed checks in Redis (a sliding-window log). A denied check is not logged.
//
// # Classic
//
// [Classic] keeps one sorted set per subject, key "ratelimit:<name>:<subject>", score = time. A check is the textbook sequence
// ZREMRANGEBYSCORE, ZCARD, ZADD, EXPIRE: 4 commands when allowed, the first 2 when denied. A denial does not know when the
// next slot comes, so its RetryAfter is the whole window.
//
// # Lean
//
// [Lean] gives the same answers for about half the commands, also when traffic is sparse. All subjects of a limiter share one
// sorted set for each stretch of time (a bucket, by default 30 windows long), in which every score is 0 and the member is
//
//	<escaped subject> \x00 <time, 16 digits of microseconds> \x00 <unique>
//
// so that the members of one subject stand together, in order of time. A check is
//
//	ZLEXCOUNT  the subject's range from the start of the window
//	ZADD       when that is below the limit
//
// plus a ZLEXCOUNT of the previous bucket while the window reaches into it (one check in 30). Nothing is removed entry by entry:
// the bucket as a whole expires, which takes one EXPIRE per bucket and process instead of one per check. The first denial asks
// with one ZRANGEBYLEX when the subject's next slot comes; until then denials are answered from this process's memory with no
// command at all. That is exact, because entries leave by time only, and what other processes add can only make the wait longer.
// (Deleting keys by hand is therefore seen after at most one window.)
//
// Measured by this package's tests, in commands per check:
//
//	                                               classic   lean
//	allowed, 200 checks a window                    4.00     2.03
//	allowed, one check each 2 windows               4.00     2.13
//	24,000 checks in 30 days, window 1 minute       4.00     2.09
//	1,500 checks in 30 days, window 1 hour          4.00     2.05
//	10 times the limit asked for, 90 % denied       2.20     0.22
//
// The worst case is one check in each bucket, over all subjects: 3.03, because each pays for its bucket's EXPIRE.
//
// # Why no Lua script
//
// One EVALSHA would be one round trip, but not one billed command: Upstash charges the call and each command inside. Its own
// table has the sliding window at 5 (EVAL, GET, GET, INCR, PEXPIRE):
// https://upstash.com/docs/redis/sdks/ratelimit-ts/costs. A script around the above would cost 3.
// The price of not having one is a race between processes.
//
// # The race between processes
//
// Both limiters count first and add afterwards. Two processes that check one subject at the same moment may both see the last
// slot free: at worst, each process admits one check too many per subject and moment, so that n processes can exceed the limit
// by n-1. The entries are logged all the same, so the excess is paid back in the same window. Inside a process there is no race:
// checks of one subject take turns (which bounds them to one per two round trips for lean, four for classic); checks of
// different subjects do not wait for each other.
//
// # Switching, clocks, failures
//
// The two keep different keys. Switching from one to the other (or changing Lean's bucket length) forgets at most one window of
// history: for that long a subject may have up to twice its limit. Keys left behind expire by themselves.
//
// Time is the process's own clock, in microseconds. When it steps back, entries from "the future" keep counting, as they do in
// Classic, but Lean forgets those which lie in a later bucket, and drops remembered denials that reach further than a window.
// Processes whose clocks differ by d see windows that differ by d.
//
// When Redis fails, Allow returns a [StoreError] and no decision: whether to let the caller through is the caller's policy
// (system/api does, system/ratelimit/sms does not). Two failures that do not touch the decision are passed over: Lean repeats a
// failed EXPIRE at a later check, and answers a denial whose next slot it could not ask for with a RetryAfter of one window.
package ratelimit
