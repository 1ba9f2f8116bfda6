// Package restredis is a client for the REST API of Upstash Redis.
//
// Over REST a service holds no Redis connection: requests go through a small
// pool of keep-alive HTTP/1.1 connections, which Upstash does not count. Each
// command costs the same as over TCP; a pipeline saves round trips, not money.
//
// Values are binary-safe. Replies are asked for in base64. Arguments that are
// valid UTF-8 travel in a JSON array; a command with any other argument travels
// in the documented path form, its last argument (for SET key value EX n: the
// value) as the raw body. That form carries one command, so a pipeline or a
// transaction with such an argument is refused with ErrArgument.
//
// Errors are *Error values with a kind, the command's name and the HTTP status;
// errors.Is finds ErrAuth, ErrQuota, ErrThrottled, ErrServer, ErrNetwork,
// ErrCommand and the others. They never hold the token, keys, values or the
// user part of a URL.
//
// Network errors, status 5xx and status 429 are retried with exponential,
// fully jittered pauses, or after Retry-After, bounded in count and in time.
// When an answer is lost the command may have run: then only commands that may
// run twice are repeated (see Idempotent). Others are repeated only when no
// connection was made or the server answered 429. Upstash reports an exhausted
// quota with status 400: that is ErrQuota and is not retried.
//
// The sync token of each reply goes out with the next request, which gives
// read-your-writes on databases with replicas.
//
// What it does not do: subscriptions and MONITOR (they are streams), automatic
// pipelining, and typed methods for all commands: Do takes any.
//
// Facts come from Upstash's documentation
// (https://upstash.com/docs/redis/features/restapi and
// https://upstash.com/docs/redis/howto/readyourwrites) and from the source of
// its JavaScript client (https://github.com/upstash/redis-js).
package restredis
