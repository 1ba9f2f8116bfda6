// Package commands is the one table of what Upstash Redis understands: the 285 commands of its reference,
// each with its arity and with what this fake must know of it.
//
// # What it does
//
// Lookup finds a command from its words, in any case, with its sub-command where it has one. The row says
// whether the command may change data, is free of charge, is closed to the REST API, and is closed to
// read-only callers. Name gives the name under which any command, known or not, is booked and shown.
// The texts with which Upstash turns commands away are here too, so that both doors say the same.
//
// # What it does not
//
// It runs nothing and checks no arguments beyond their number. It does not say what the engine behind the
// fake can do: a command may be in the table and yet be missing there.
//
// # Sources
//
//   - The list: the pages below https://upstash.com/docs/redis/commands.
//   - Unbilled commands: "Operational commands like AUTH, HELLO, SELECT, COMMAND, CONFIG, INFO, PING, RESET,
//     and QUIT are not charged", https://upstash.com/pricing/redis. The list is taken as complete.
//   - Not over REST: the table "REST - Redis API Compatibility" of
//     https://upstash.com/docs/redis/features/restapi: no blocking commands, of the connection group only PING
//     and ECHO, of pub/sub only PUBLISH and PUBSUB; MULTI and EXEC have the path /multi-exec.
//   - Read-only tokens: "read commands only. Some powerful read commands (e.g. SCAN, KEYS) are also
//     restricted", same page. Administration (ACL, CONFIG, SCRIPT, FUNCTION KILL), MONITOR and PUBLISH are
//     taken to be closed as well; scripts are, except their _RO forms.
//   - Arity: Redis 8.2, https://redis.io/docs/latest/commands/, and for SEARCH.* the least that can be meant.
package commands
