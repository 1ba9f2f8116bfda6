// Package script runs Lua for the embedded engine, in one interpreter that is kept.
//
// # What it does
//
// Compile makes a Program of a script's text, once; Interpreter runs programs. A script finds in it what Redis gives it: KEYS and
// ARGV of the run, redis.call and its kin, string, table, math and cjson, and global variables that it can neither add nor miss.
// Whoever owns the interpreter runs the commands, and so decides what they are, who is told of them and what they cost.
//
// Making an interpreter takes ten times as long as running a script of asynq. So one is kept, for programs of which Compile has
// proved that they cannot change it: they touch no global variable but a few, assign to none, and take of the libraries nothing but
// functions, by name (inspect.go). Every other program has an interpreter of its own, which is then thrown away; so is one in
// which a script failed. What one script leaves behind, another never sees.
//
// Compile also tells which commands a program can call, where they all stand in its text.
//
// # What it does not
//
// It knows no Redis, no SHA-1 of scripts but as a name in errors, and no shebang lines. It bounds neither the time nor the memory
// that a script takes. cmsgpack, bit and struct are missing.
//
// # Sources
//
// The texts of errors are those of miniredis, https://github.com/alicebob/miniredis (v2.40.0), which ran scripts here before and
// with which the engine's tests compare every reply, and of Upstash. They differ where miniredis is wrong: the line in the error
// of a global variable, per cent signs in errors, statuses within lists, a call in the last field of a table that has a key.
// Functions are answered as Redis 7.0 does: with null.
package script
