// Package benchthrift measures what package thrift saves: it runs the same eleven queues with plain asynq and with each
// level of thrift, and prints the figures side by side, with the targets that thrift has to reach.
//
// # What it does
//
// A Variant is a way to run asynq. Every section measures all of them in the same way: start a process with the variant,
// give it jobs, stop it. A process here is a set of asynq servers and clients with Redis connections of its own; two of
// them share this program and nothing else. Every job has a number, and a run fails unless each was done exactly once.
//
// Commands are counted by those who receive them: the fake Upstash's ledger, and a redis-server's INFO commandstats
// without what Upstash does not bill. Calls inside scripts are in both. The counts go from after the first job of each
// queue, when scripts are cached and queues known, until after the stop, so that what was deferred is in.
//
// Months at rest, and jobs one at a time before the fake, pass in virtual time, in bubbles of testing/synctest. These need
// a *testing.T, so the program runs itself as a child for each, and likewise for the CPU time of an idle process.
//
// # What it does not
//
// It judges figures in the table only. A run that printed them has succeeded, whatever they are.
//
// # Sources
//
// asynq's loops and intervals: https://github.com/hibiken/asynq, v0.26.0. What Upstash bills: package commands of
// fakes/upstash. INFO commandstats: https://redis.io/docs/latest/commands/info/.
package benchthrift
