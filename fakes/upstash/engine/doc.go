// Package engine is the Redis that stores the data behind the fake.
//
// # What it does
//
// Engine is the seam: connections to a Redis, who is told of commands called
// inside Lua, and the command statistics that the ledger is checked against.
//
// Embedded is the engine that needs nothing installed: miniredis in this
// process, reached over memory, working in a testing/synctest bubble because its
// time-to-live values follow time.Now, to within 20 ms.
//
// Embedded reads and dispatches commands itself. A command in which miniredis
// panics costs at most the connection that sent it: it is answered with an error,
// or closed if part of a reply is on its way.
//
// Commands that miniredis lacks, or answers otherwise than Redis, are extensions
// (extensions.go lists them). An extension is a Go function that runs while miniredis
// is locked and calls miniredis's own commands, as a script does, so it is atomic,
// WATCH sees what it writes, and scripts may call it. It was to be a Lua script at
// first; but numbers of 64 bits and types of RESP3 do not pass through Lua unharmed,
// and no script can call another. Only in a transaction does a script of miniredis's
// stand for it (queue.go), since miniredis queues nothing but its own commands. To its
// client, to OnInner and to Stats an extension is one command, whatever it calls.
//
// EVAL, EVALSHA, their read-only kin and SCRIPT are extensions as well: package
// script, below, runs the Lua, in an interpreter that is kept. miniredis makes a new
// one for each call, which was more than half of the time of simulating a service that
// polls. What a script calls comes to scripts.command (script_calls.go), which counts
// it and tells of it. Compiled scripts are kept by SHA-1, at most 10,000 of them and
// 64 MiB of text; with one more all are forgotten, and clients send them again.
//
// HyperLogLogs are strings of Redis's form. Dump and Load keep a data set as the
// commands that rebuild it.
//
// Remote is a Redis at an address, or a database at Upstash. Commands inside Lua it
// learns from MONITOR, over a tap of two connections that is opened with the first
// script: whoever runs none does not pay for it. Before a script's reply is passed
// on, the tap sends a marker and waits until MONITOR has shown it; scripts that end
// at the same time share one. What the tap may have missed, because it broke or was
// not allowed, is reported as a gap. All that Remote sends itself is free at
// Upstash, but for the tap's MONITOR and CLIENT LIST, and one CLIENT LIST for each
// connection that runs scripts.
//
// Package container, below, runs a Redis in a container and is a Remote to it.
//
// # What it does not
//
// It knows nothing of users, billing or Upstash's own command set; the server in
// front of it does. Embedded answers what miniredis does and the extensions:
// Supports tells. JSON.*, SEARCH.*, FUNCTION and FCALL are not among them.
//
// Scripts run to their end: one that never ends holds the engine up, and one that
// fails half-way keeps what it wrote, as in Redis.
//
// Remote relies on MONITOR showing what a script called between the command that
// called it and the next one, as Redis does; whether a database at Upstash does so
// for commands of several clients at once was not tried. Redis shows no
// administrative commands in MONITOR, so that scripts that call any are told of
// without them.
//
// # Sources
//
// https://github.com/alicebob/miniredis: its README lists the commands; Server,
// FastForward, Dispatch and SetPreHook are what this package is built on. What is
// read of its unexported state is in peer.go and panic.go.
//
// For extensions: https://upstash.com/docs/redis/commands and
// https://redis.io/commands; the texts of errors are those of redis-server 7.0, with
// which testdata/replies is compared, and of Redis 8.2 for newer commands.
//
// For Remote:
//
//   - https://redis.io/docs/latest/commands/monitor/,
//     https://redis.io/docs/latest/commands/info/ (commandstats),
//     https://redis.io/docs/latest/commands/client-list/ and
//     https://redis.io/docs/latest/commands/hello/
package engine
