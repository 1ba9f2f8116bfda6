// Package queue is the service's eleven job queues on unmodified github.com/hibiken/asynq: one table of names and
// options (Specs), a Factory that makes producers and workers from it, and the workers' events.
//
// # Topologies
//
// PerQueue is the legacy worker set: each queue has a client connection, a server connection and that server's
// subscriber connection, 33 for eleven queues. Shared is one asynq server over all queues, weighted by priority, on one
// client with a pool of two: two pooled connections and one subscriber, at most three. Both keep asynq's data layout
// (task type = queue name), so its Inspector, asynqmon and plain asynq workers go on working beside them.
//
// Shared can have Config.Thrift, which puts system/thrift between asynq and that client: at rest asynq then sends next to
// nothing, and a job starts when it comes. The worker set stays within three connections, and holds exactly one where
// the process needs to hear of nothing from others (no Config.Thrift.Wake).
//
// Connections come from Config.Connect. Whatever redis.UniversalClient it returns is used as is, so that a layer under
// asynq (hooks, or a type that embeds the interface) goes in there. The Factory closes the clients that it asked for.
//
// # Delivery
//
// At least once: a job can run again after a crash, a lost connection, a timeout or a stop, and processors must bear it.
// A failed attempt is retried after an exponential delay with full jitter, or after the delay that RetryAfter asks for,
// until the queue's MaxRetry is used up; then, or at once for a Permanent error, the job goes to the archive with its
// reason. Every failed attempt counts, rate-limited ones too: that is what bounds the number of attempts.
//
// asynq looks for due jobs each DelayedTaskCheckInterval (100 ms with thrift) and keeps their due times in whole seconds, rounded down;
// RetryAfter delays are therefore lengthened by a second.
//
// # Events
//
// Events come from the worker's own goroutines and cost no Redis command. Completed means that the processor returned
// nil while its time had not run out; asynq writes that to Redis just afterwards. Failed covers errors, panics, timeouts
// and lost leases. What asynq's recoverer does for a crashed process happens in another process and raises no event.
//
// # What it does not do
//
// It has no groups. Jobs come at times of the calendar by [Config].Schedules, over asynq's own scheduler and a connection that is
// there. What makes asynq cheap is not here: see system/thrift.
//
// Sources: asynq v0.26.0 (processor.go, server.go, client.go: retry, archive, shutdown and event order) and its wiki.
package queue
