// Package upstash is a fake of Upstash Redis: one data set behind two doors, the
// REST API and RESP over TCP (with and without TLS), with an account of every
// command and connection.
//
// # What it does
//
// Start opens the doors that Config names and returns a Server. Behind them is an
// engine, by default miniredis in this process. The server adds what sets Upstash
// apart from a Redis: its users and tokens, its own set of commands, the texts of
// its errors, the limits of its plans, and its bill: each command that a client
// sends, outside a short list, and each command that a Lua script calls. All of it
// is booked in a ledger.Ledger, which tests read directly and others over HTTP at
// the admin door.
//
// Everything runs on a memnet.Network: over real TCP, or in memory and then also
// in a testing/synctest bubble, in virtual time.
//
// # What it does not
//
// It stores nothing for good, evicts nothing and limits no bandwidth. README.md lists
// the known differences.
//
// # Sources
//
//   - Commands and connections: https://upstash.com/docs/redis/commands and
//     https://upstash.com/docs/redis/overall/rediscompatibility
//   - Billing: https://upstash.com/docs/redis/overall/billing,
//     https://upstash.com/pricing/redis and, for Lua,
//     https://upstash.com/docs/redis/sdks/ratelimit-ts/costs
//   - Errors: https://upstash.com/docs/redis/troubleshooting
//   - Users and their REST tokens: https://upstash.com/docs/redis/commands/server/acl and
//     https://upstash.com/docs/redis/troubleshooting/readonly_connection
//   - CLIENT LIST and INFO: https://upstash.com/docs/redis/commands/connection/client-list and
//     https://upstash.com/docs/redis/commands/server/info
package upstash
