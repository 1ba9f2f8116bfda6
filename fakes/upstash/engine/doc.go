// Package engine is the Redis that stores the data behind the fake.
//
// # What it does
//
// Engine is the seam: connections to a Redis, who is told of commands called
// inside Lua, and the command statistics that the ledger is checked against.
// Embedded is the engine that needs nothing installed: miniredis in this
// process, reached over memory, working in a testing/synctest bubble because its
// time-to-live values follow time.Now, to within 20 ms.
//
// # What it does not
//
// It knows nothing of users, billing or Upstash's own command set; the server in
// front of it does. Embedded answers only what miniredis does: Supports tells.
//
// # Sources
//
// https://github.com/alicebob/miniredis: its README lists the commands; Dial,
// FastForward and Server().SetPreHook are what this package is built on.
package engine
