// Package redisserver runs a real redis-server as a child process, for tests and
// scenarios that want the real thing.
//
// # What it does
//
// Start looks for the redis-server binary in PATH, starts it on a free loopback
// port without persistence, and returns once it answers. Stop ends it, Restart
// ends it and starts it again on the same port, with or without its data.
//
// # What it does not
//
// It installs nothing: without the binary Start fails with ErrNotInstalled. It
// has no replicas, no cluster, no TLS.
//
// # Sources
//
// https://redis.io/docs/latest/operate/oss_and_stack/management/config/ for the
// settings, https://redis.io/docs/latest/commands/shutdown/ for the end.
package redisserver
