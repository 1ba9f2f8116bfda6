// Command bench measures what it costs to have the fake Upstash between a client
// and a Redis: the rate that redis-benchmark reaches directly, through the fake,
// and, as a peer that only relays bytes, through toxiproxy. All of them are on this
// machine and take turns, so that the ratios hold although the rates depend on the
// machine and on what else it does.
//
// It needs redis-server and redis-benchmark (in Debian: redis-server and
// redis-tools).
//
// The exit codes are those of package exitcode: 0 measured, whatever the rates are, 2
// wrong usage, 3 could not start, 4 interrupted, 5 a measurement failed.
package main
