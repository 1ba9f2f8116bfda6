// Package redistarget is a loadgen.Target straight over a Redis, without a service before it.
//
// [NewTCP] hands jobs in with a plain asynq client, with the options that the service gives each queue (package
// system/queue), and sends cache operations as GET, SET and DEL over the same connections. Whatever asynq workers run there
// do the jobs. [NewREST] sends cache operations over the Upstash REST API; asynq does not speak it, so that jobs fail with
// [ErrUnsupported], as API requests do on both.
//
// Nothing is retried: a failure that a retry hides would not be measured. Each arrival under way may have a connection of
// its own, so that waiting for one is not measured as the latency of the Redis.
package redistarget
