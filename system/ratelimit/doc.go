// Package ratelimit holds three limiters that give the same answers: at most Limit allowed checks of a subject in any Window,
// counted exactly, by a log of the allowed checks (a sliding-window log). Two keep the log in Redis and serve any number of
// processes; the third keeps it in memory, for a process that is the only one. A denied check is not logged.
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
// plus, while the window reaches into the previous bucket, one ZRANGEBYLEX per subject for what is left in there. That bucket
// gets no new entries, so its answer is kept in this process's memory. (For the first two seconds, in which writes of other
// processes may still come, and for a subject with 256 entries and more, it is counted at each check.) Nothing is removed entry by entry:
// the bucket as a whole expires, which takes one EXPIRE per bucket and process instead of one per check. The first denial asks
// with one ZRANGEBYLEX when the subject's next slot comes; until then denials are answered from this process's memory with no
// command at all. That is exact, because entries leave by time only, and what other processes add can only make the wait longer.
// (Deleting keys by hand is therefore seen after at most one window.)
//
// Measured by this package's tests, in commands per check:
//
//	                                               classic   lean    local
//	allowed, 200 checks a window                    4.00     2.03
//	allowed, one check each 2 windows               4.00     2.13
//	24,000 checks in 30 days, window 1 minute       4.00     2.09    0.005
//	1,500 checks in 30 days, window 1 hour          4.00     2.05    0.82
//	10 times the limit asked for, 90 % denied       2.20     0.22
//
// The worst case of lean is one check in each bucket, over all subjects: 3.03, because each pays for its bucket's EXPIRE. The
// months of local have a start and a stop each day: 117 and 1,232 commands.
//
// # Local
//
// [Local] is for a process that is the only one of its service. Checks are answered from memory and send nothing; Redis is for
// the next process. What is new is written behind the answers, with one ZADD for all subjects, to the keys of Lean and with its
// members: at Close, and FlushInterval after the first new entry (by default a sixth of the window, from 1 to 10 minutes; an idle
// limiter is silent). A window shorter than two intervals, such as a minute, is written at Close only: its entries are gone before
// a second flush would come. Restore reads back what is in the window, with one command for each 5,000 entries of the bucket, and
// of the bucket before while the window reaches into it.
//
// A stop and a start therefore lose nothing, nor does a switch between Local and Lean. A crash loses what the last interval
// brought, so that for one window a subject may have that much more. In a rolling restart two processes count apart while both run,
// and the new one does not see what the old one writes at its end: for at most one window a subject may have up to twice its
// limit. With two processes for good, each would count its own limit: use Lean.
//
// Redis may fail: no decision waits for it, and what could not be written stays in memory, for the next flush, as long as it is in
// the window. Memory is bounded by MaxEntries (default 100,000 allowed checks of all subjects in a window, at most some 25 MB).
// At the bound, a check that would need another entry is [ErrFull] and no decision, as when Redis fails for Lean; subjects that
// are at their limit are denied all the same.
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
// Classic and Lean count first and add afterwards. Two processes that check one subject at the same moment may both see the last
// slot free: at worst, each process admits one check too many per subject and moment, so that n processes can exceed the limit
// by n-1. The entries are logged all the same, so the excess is paid back in the same window. Inside a process there is no race:
// checks of one subject take turns (which bounds them to one per two round trips for lean, four for classic); checks of
// different subjects do not wait for each other.
//
// # Switching, clocks, failures
//
// Classic keeps other keys than Lean and Local. Switching from it or to it (or changing the bucket length) forgets at most one
// window of history: for that long a subject may have up to twice its limit. Keys left behind expire by themselves.
//
// Time is the process's own clock, in microseconds. When it steps back, entries from "the future" keep counting, as they do in
// Classic, but Lean forgets those which lie in a later bucket, and drops remembered denials that reach further than a window. For
// Local, time stands still until the clock has caught up; a step of more than a window makes it forget everything.
// Processes whose clocks differ by d see windows that differ by d; when d is more than two seconds, a process may miss for a
// window what one behind it wrote to a bucket that had ended. So it may what another wrote that late because its Redis was slow: a
// check that waits more than two seconds for its ZADD across a bucket's end (one in 30 windows).
//
// When Redis fails, Allow of Classic and Lean returns a [StoreError] and no decision: whether to let the caller through is the
// caller's policy (system/api does, system/ratelimit/sms does not). Two failures that do not touch the decision are passed over:
// Lean repeats a failed EXPIRE at a later check (Local at a later flush), and answers a denial whose next slot it could not ask for
// with a RetryAfter of one window.
package ratelimit
